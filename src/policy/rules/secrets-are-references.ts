import { agentRule } from "../rule";

const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?|CONNECTION_STRING)$/;

// Prefixes that vendors give their keys so that scanners find them, private keys, and URLs with a password.
const secretValue =
  /^(?:sk-|sk_live_|rk_live_|ghp_|gho_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|eyJ[\w-]+\.|hf_|ya29\.)|-----BEGIN [A-Z ]*PRIVATE KEY|AccountKey=|SharedAccessKey=|:\/\/[^/\s:@]*:[^/\s@]+@/;

/** A literal in a variable ends up in the plan, the state, the portal and the logs (A4, E6). */
export const secretsAreReferences = agentRule("secrets-are-references", ({ variables }) => {
  const literal = Object.entries(variables).filter(
    ([name, value]) => secretValue.test(value) || (secretName.test(name) && value !== ""),
  );
  if (literal.length === 0) return undefined;
  const names = literal.map(([name]) => name).join(", ");
  return `${names} in 'variables' looks like a secret in plain text; put the value into the vault and name it in 'secrets'`;
});
