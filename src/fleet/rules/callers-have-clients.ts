import { agentRule } from "../../environment/rule";
import { listOf } from "../../problem";

/** Entra's roles go to Azure's identities: an agent of another cloud would ask for tokens and get none. */
export const callersHaveClients = agentRule("callers-have-clients", ({ platform, peers }, environment) => {
  if (platform !== "cloud-run" || environment.identityProvider?.kind !== "entra" || peers.length === 0) {
    return undefined;
  }
  const names = listOf(peers.map(({ name }) => name));
  return (
    `it runs on Cloud Run and calls ${names}, and identityProvider 'entra' gives it no client to ask for tokens with; ` +
    "use kind 'keycloak', run the agent on Azure, or take its calls away"
  );
});
