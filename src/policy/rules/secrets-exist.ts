import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";
import type { Rule } from "../rule";

/** An app that names a secret that isn't there fails after everything else was made. */
export const secretsExist: Rule = {
  id: "secrets-exist",
  find: (workloads, { vault, name: environment }) => {
    return workloads.flatMap(({ name: agent, platform, secrets }) => {
      // Agents on Cloud Run read Secret Manager, whatever the environment's vault is.
      const existing = "secrets" in vault && platform !== "cloud-run" ? vault.secrets : undefined;
      return secrets.flatMap(({ variable, name }) => {
        const problems = findNameProblems("secret", name, `agent '${agent}', secret of ${variable}`);
        if (problems.length > 0) return problems.map(({ message }) => message);
        if (existing === undefined || existing.includes(name)) return [];
        return [
          `agent '${agent}': ${variable} reads the secret '${name}', which the vault of environment '${environment}' ` +
            `does not have (${listOf(existing)}); add it there and to 'vault.secrets', or correct the name`,
        ];
      });
    });
  },
};
