import type { AgentWorkload } from "../agent/agent-workload";
import { registryTraits } from "../choices/registries";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment, TaskStoreSettings } from "../environment/environment";
import { modelKeySecret } from "../environment/model-gateway-settings";
import { taskStoreFor } from "./task-store-for";

/** Names of the secrets that people have to fill in for a fleet in an environment, each once. */
export function secretsOf(workloads: readonly AgentWorkload[], environment: Environment): string[] {
  const { registry, taskStore } = environment;
  return [
    ...new Set([
      ...agentSecrets(workloads, environment),
      ...registryTraits(registry)
        .secrets(registry)
        .map(({ name }) => name),
      ...storeSecrets(
        taskStore,
        workloads.filter(({ platform }) => taskStoreFor(environment, platform) === taskStore),
      ),
    ]),
  ];
}

/** The same for agents of a cloud that keeps secrets of its own, and pulls images by identity. */
export function cloudSecretsOf(
  workloads: readonly AgentWorkload[],
  environment: Environment,
  taskStore: TaskStoreSettings,
): string[] {
  return [...new Set([...agentSecrets(workloads, environment), ...storeSecrets(taskStore, workloads)])];
}

function agentSecrets(workloads: readonly AgentWorkload[], { modelGateway }: Environment): string[] {
  return [
    ...workloads.flatMap(({ secrets }) => secrets.map(({ name }) => name)),
    ...(modelGateway === undefined ? [] : [modelKeySecret(modelGateway)]),
  ];
}

function storeSecrets(taskStore: TaskStoreSettings, workloads: readonly AgentWorkload[]): string[] {
  return taskStoreTraits(taskStore)
    .secrets(taskStore, agentsThatKeepTasks(workloads))
    .map(({ name }) => name);
}

/** Names of the agents that have something in a shared store. */
export function agentsThatKeepTasks(workloads: readonly AgentWorkload[]): string[] {
  return workloads.filter(({ taskStore }) => taskStore === "shared").map(({ name }) => name);
}
