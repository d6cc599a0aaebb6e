import type { AgentWorkload } from "../../agent/agent-workload";
import { platformTraits } from "../../choices/platforms";
import { registryTraits } from "../../choices/registries";
import { taskStoreTraits } from "../../choices/task-stores";
import { vaultTraits } from "../../choices/vaults";
import { correctTheName } from "../../correction";
import type { NamedSecret } from "../../environment/choice-traits";
import type { Environment } from "../../environment/environment";
import { modelKeySecret } from "../../environment/model-gateway-settings";
import type { Rule } from "../../environment/rule";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";
import { agentsThatKeepTasks } from "../secrets-of";

/** An app that names a secret that isn't there fails after everything else was made. */
export const secretsExist: Rule = {
  id: "secrets-exist",
  find: (workloads, environment) => {
    const { vault } = environment;
    const existing = vaultTraits(vault).holds(vault);
    const wanted = [
      ...workloads.flatMap(({ name: agent, platform, secrets }) =>
        secrets.map(({ variable, name }) => ({
          who: `agent '${agent}'`,
          what: variable,
          name,
          inVault: platformTraits(platform).readsVault,
        })),
      ),
      ...environmentSecrets(environment, workloads).map((secret) => ({
        who: `environment '${environment.name}'`,
        ...secret,
        inVault: true,
      })),
    ];
    return wanted.flatMap(({ who, what, name, inVault }) => {
      const problems = findNameProblems("secret", name, `${who}, secret of ${what}`);
      if (problems.length > 0) return problems.map(({ message }) => message);
      if (!inVault || existing === null || existing.includes(name)) return [];
      return [
        `${who}: ${what} reads the secret '${name}', which the vault of environment '${environment.name}' ` +
          `does not have (${listOf(existing)}); ` +
          `add it there and to 'vault.secrets', or ${correctTheName(name, existing)}`,
      ];
    });
  },
};

/** Secrets that parts of the environment read, by the property that names them. */
function environmentSecrets(
  { taskStore, registry, modelGateway }: Environment,
  workloads: readonly AgentWorkload[],
) {
  const ofPart = (part: string, secrets: readonly NamedSecret[]) =>
    secrets.map(({ property, name }) => ({ what: `${part}.${property}`, name }));
  return [
    ...ofPart("taskStore", taskStoreTraits(taskStore).secrets(taskStore, agentsThatKeepTasks(workloads))),
    ...ofPart("registry", registryTraits(registry).secrets(registry)),
    ...(modelGateway === undefined
      ? []
      : [{ what: "modelGateway.keySecret", name: modelKeySecret(modelGateway) }]),
  ];
}
