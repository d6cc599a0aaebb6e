import { agentRule } from "../../../environment/rule";
import type { TaskStoreSettings } from "../../../environment/task-store-settings";
import { taskStoreFor } from "../../../fleet/task-store-for";

const elsewhere: Partial<Record<TaskStoreSettings["kind"], string>> = {
  "managed-redis": "Azure Managed Redis",
  "redis-cache": "Azure Cache for Redis",
  "cluster-redis": "a Redis inside a cluster",
};

/** A store in another cloud has an address that the agent can't reach, and a key that it has no right to read. */
export const cloudRunReachesItsStore = agentRule("cloud-run-reaches-its-store", (workload, environment) => {
  const { platform, taskStore } = workload;
  const store = elsewhere[taskStoreFor(environment, platform).kind];
  if (platform !== "cloud-run" || taskStore === "memory" || store === undefined) return undefined;
  return `it runs on Cloud Run, and its task store is ${store}, which can't be reached from there; set cloudRun.taskStore to { kind: 'memorystore' }`;
});
