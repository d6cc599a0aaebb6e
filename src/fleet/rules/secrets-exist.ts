import { correctTheName } from "../../correction";
import type { Environment } from "../../environment/environment";
import type { Rule } from "../../environment/rule";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";
import { modelKeySecret } from "../secrets-of";

/** An app that names a secret that isn't there fails after everything else was made. */
export const secretsExist: Rule = {
  id: "secrets-exist",
  find: (workloads, environment) => {
    const { vault } = environment;
    const existing = "secrets" in vault ? vault.secrets : undefined;
    const wanted = [
      ...workloads.flatMap(({ name: agent, platform, secrets }) =>
        // Agents on Cloud Run read Secret Manager, whatever the environment's vault is.
        secrets.map(({ variable, name }) => ({
          who: `agent '${agent}'`,
          what: variable,
          name,
          inVault: platform !== "cloud-run",
        })),
      ),
      ...environmentSecrets(environment).map((secret) => ({
        who: `environment '${environment.name}'`,
        ...secret,
        inVault: true,
      })),
    ];
    return wanted.flatMap(({ who, what, name, inVault }) => {
      const problems = findNameProblems("secret", name, `${who}, secret of ${what}`);
      if (problems.length > 0) return problems.map(({ message }) => message);
      if (!inVault || existing === undefined || existing.includes(name)) return [];
      return [
        `${who}: ${what} reads the secret '${name}', which the vault of environment '${environment.name}' ` +
          `does not have (${listOf(existing)}); ` +
          `add it there and to 'vault.secrets', or ${correctTheName(name, existing)}`,
      ];
    });
  },
};

/** Secrets that parts of the environment read, by the property that names them. */
function environmentSecrets({ taskStore, registry, modelGateway }: Environment) {
  return [
    ...(taskStore.kind === "existing" ? [{ what: "taskStore.urlSecret", name: taskStore.urlSecret }] : []),
    ...(registry.kind === "other"
      ? [{ what: "registry.passwordSecret", name: registry.passwordSecret }]
      : []),
    ...(modelGateway === undefined
      ? []
      : [{ what: "modelGateway.keySecret", name: modelKeySecret(modelGateway) }]),
  ];
}
