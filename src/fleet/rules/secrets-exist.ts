import type { AgentWorkload } from "../../agent/agent-workload";
import { platformTraits } from "../../choices/platforms";
import { registryTraits } from "../../choices/registries";
import { taskStoreTraits } from "../../choices/task-stores";
import { vaultTraits } from "../../choices/vaults";
import { correctTheName } from "../../correction";
import type { NamedSecret } from "../../environment/choice-traits";
import type { Environment } from "../../environment/environment";
import { modelKeySecret } from "../../environment/model-gateway-settings";
import { platformsOf } from "../../environment/platforms-of";
import type { Rule } from "../../environment/rule";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";
import { agentsThatKeepTasks } from "../secrets-of";
import { taskStoreFor } from "../task-store-for";

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
      })),
    ];
    const said = wanted.flatMap(({ who, what, name, inVault }) => {
      const problems = findNameProblems("secret", name, `${who}, secret of ${what}`);
      if (problems.length > 0) return problems.map(({ message }) => message);
      if (!inVault || existing === null || existing.includes(name)) return [];
      return [
        `${who}: ${what} reads the secret '${name}', which the vault of environment '${environment.name}' ` +
          `does not have (${listOf(existing)}); ` +
          `add it there and to 'vault.secrets', or ${correctTheName(name, existing)}`,
      ];
    });
    // Two platforms with one store.
    return [...new Set(said)];
  },
};

/** Secrets that parts of the environment read, by the property that names them. */
function environmentSecrets(environment: Environment, workloads: readonly AgentWorkload[]) {
  const { registry, modelGateway } = environment;
  const ofPart = (part: string, secrets: readonly NamedSecret[]) =>
    secrets.map(({ property, name }) => ({ what: `${part}.${property}`, name, inVault: true }));
  return [
    ...storeSecrets(environment, workloads),
    ...ofPart("registry", registryTraits(registry).secrets(registry)),
    ...(modelGateway === undefined
      ? []
      : [{ what: "modelGateway.keySecret", name: modelKeySecret(modelGateway), inVault: true }]),
  ];
}

/** Secrets of the task stores: the agents of some platforms have one of their own. */
function storeSecrets(environment: Environment, workloads: readonly AgentWorkload[]) {
  return platformsOf(environment).flatMap((platform) => {
    const { title, readsVault } = platformTraits(platform);
    const store = taskStoreFor(environment, platform);
    const isOwn = store !== environment.taskStore;
    const agents = agentsThatKeepTasks(workloads.filter((workload) => workload.platform === platform));
    return taskStoreTraits(store)
      .secrets(store, agents)
      .map(({ property, name }) => ({
        what: isOwn ? `${property} of the task store on ${title}` : `taskStore.${property}`,
        name,
        inVault: readsVault,
      }));
  });
}
