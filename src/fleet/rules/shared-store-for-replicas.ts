import { taskStoreTraits } from "../../choices/task-stores";
import { agentRule } from "../../environment/rule";

/** A task in one process's memory is invisible to every other process: half of a stream's updates get lost. */
export const sharedStoreForReplicas = agentRule("shared-store-for-replicas", (workload, environment) => {
  const { taskStore, maxReplicas, workers } = workload;
  if (taskStore === "shared" || (maxReplicas <= 1 && workers <= 1)) return undefined;
  const given = [
    ...(maxReplicas > 1 ? [`${maxReplicas} replicas`] : []),
    ...(workers > 1 ? [`${workers} workers`] : []),
  ].join(" and ");
  const remedy = !taskStoreTraits(environment.taskStore).shared
    ? `give environment '${environment.name}' a task store (or a replicaLimit of 1)`
    : "set taskStore to 'shared'";
  return `up to ${given} keep their tasks in memory, where no other process sees them; ${remedy}, or stay at 1 replica and 1 worker`;
});
