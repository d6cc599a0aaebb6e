import { agentRule } from "../../environment/rule";

const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?|CONNECTION_STRING)$/;

// Prefixes that vendors give their keys so that scanners find them, private keys, and URLs with a password.
const secretValue =
  /^(?:sk-|sk_live_|rk_live_|ghp_|gho_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|eyJ[\w-]+\.|hf_|ya29\.)|-----BEGIN [A-Z ]*PRIVATE KEY|AccountKey=|SharedAccessKey=|:\/\/[^/\s:@]*:[^/\s@]+@/;

/** A literal in a variable or a scaler ends up in the plan, the state, the portal and the logs (A4, E6). */
export const secretsAreReferences = agentRule("secrets-are-references", ({ variables, scaling }) => {
  const literal = Object.entries(variables)
    .filter(([name, value]) => secretValue.test(value) || (secretName.test(name) && value !== ""))
    .map(([name]) => name);
  if (literal.length > 0) {
    return (
      `${literal.join(", ")} in 'variables' looks like a secret in plain text; ` +
      "put the value into the vault and name it in 'secrets'"
    );
  }
  if (scaling.kind !== "event") return undefined;
  const parameters = Object.entries(scaling.metadata).filter(([, value]) => secretValue.test(value));
  if (parameters.length === 0) return undefined;
  return (
    `${parameters.map(([name]) => name).join(", ")} in 'scaling.metadata' looks like a secret in plain text; ` +
    "put the value into the vault, name it in 'secrets', and give the scaler its name in 'scaling.authentication'"
  );
});
