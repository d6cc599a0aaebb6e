import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { modelKeySecret } from "../../fleet/secrets-of";
import { taskStoreFor } from "../../fleet/task-store-for";

/** Names of the secrets that people have to fill in on Google, for the agents of a fleet that run there. */
export function googleSecretsOf(workloads: readonly AgentWorkload[], environment: Environment): string[] {
  const { modelGateway } = environment;
  const store = taskStoreFor(environment, "cloud-run");
  return [
    ...new Set([
      ...workloads.flatMap(({ secrets }) => secrets.map(({ name }) => name)),
      ...(modelGateway === undefined ? [] : [modelKeySecret(modelGateway)]),
      ...(store.kind === "existing" ? [store.urlSecret] : []),
    ]),
  ];
}
