import { listOf } from "../../problem";
import { agentRule } from "../rule";

/** A scaler reads the agent's own secrets; Container Apps plans a missing one and fails at apply. */
export const scalerSecretsExist = agentRule("scaler-secrets-exist", ({ scaling, secrets }) => {
  if (scaling.kind !== "event") return undefined;
  const own = secrets.map(({ name }) => name);
  const missing = Object.values(scaling.authentication ?? {}).filter((name) => !own.includes(name));
  if (missing.length === 0) return undefined;
  return (
    `its scaler reads the secret ${listOf(missing.map((name) => `'${name}'`))}, which is not one of its own ` +
    `(${listOf(own)}); add it to 'secrets', or correct the name`
  );
});
