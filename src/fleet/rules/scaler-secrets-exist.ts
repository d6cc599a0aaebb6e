import { correctTheName } from "../../correction";
import { agentRule } from "../../environment/rule";
import { listOf } from "../../problem";

/** A scaler reads the agent's own secrets; Container Apps plans a missing one and fails at apply. */
export const scalerSecretsExist = agentRule("scaler-secrets-exist", ({ scaling, secrets }) => {
  if (scaling.kind !== "event") return undefined;
  const own = secrets.map(({ name }) => name);
  const missing = Object.values(scaling.authentication ?? {}).find((name) => !own.includes(name));
  if (missing === undefined) return undefined;
  return (
    `its scaler reads the secret '${missing}', which is not one of its own (${listOf(own)}); ` +
    `add it to 'secrets', or ${correctTheName(missing, own)}`
  );
});
