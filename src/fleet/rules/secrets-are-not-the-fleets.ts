import { GATEWAY_CERTIFICATE, isOwnSecret } from "../../environment/own-secrets";
import { agentRule } from "../../environment/rule";

/** The vault is shared: an agent that names one of the fleet's own secrets would read it, or overwrite it. */
export const secretsAreNotTheFleets = agentRule("secrets-are-not-the-fleets", ({ secrets }, { gateway }) => {
  const makesCertificate = gateway !== undefined && gateway.existing === undefined;
  const taken = secrets.find(
    ({ name }) => isOwnSecret(name) || (makesCertificate && name === GATEWAY_CERTIFICATE),
  );
  if (taken === undefined) return undefined;
  return (
    `${taken.variable} reads the secret '${taken.name}', which the fleet writes for itself; ` +
    "give the agent's secret another name"
  );
});
