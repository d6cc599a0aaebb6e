import type { PlatformKind } from "../../environment/environment";
import { taskStoreFor } from "../../environment/task-store-for";
import type { TaskStoreSettings } from "../../environment/task-store-settings";
import { agentRule } from "../rule";

const titles: Record<Exclude<TaskStoreSettings["kind"], "existing" | "memory">, string> = {
  "managed-redis": "Azure Managed Redis",
  "redis-cache": "Azure Cache for Redis",
  memorystore: "Google's Memorystore",
  "cluster-redis": "a Redis inside the cluster",
};

const reachedFrom: Record<keyof typeof titles, readonly PlatformKind[]> = {
  "managed-redis": ["container-apps", "kubernetes"],
  "redis-cache": ["container-apps", "kubernetes"],
  memorystore: ["cloud-run"],
  "cluster-redis": ["kubernetes"],
};

/** A store in another cloud has an address that the agent can't reach, and a key that it has no right to read. */
export const storesInTheirOwnCloud = agentRule("stores-in-their-own-cloud", (workload, environment) => {
  const store = taskStoreFor(environment, workload.platform);
  if (workload.taskStore === "memory" || store.kind === "existing" || store.kind === "memory")
    return undefined;
  if (reachedFrom[store.kind].includes(workload.platform)) return undefined;
  const remedy =
    workload.platform === "cloud-run"
      ? "set cloudRun.taskStore to { kind: 'memorystore' }"
      : "set taskStore to { kind: 'managed-redis' }, and cloudRun.taskStore to { kind: 'memorystore' } for agents on Cloud Run";
  return `it runs on ${workload.platform}, and its task store is ${titles[store.kind]}, which can't be reached from there; ${remedy}`;
});
