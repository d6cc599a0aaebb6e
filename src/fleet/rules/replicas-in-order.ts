import { agentRule } from "../../environment/rule";

/** Container Apps and Kubernetes plan this and refuse it at apply. */
export const replicasInOrder = agentRule("replicas-in-order", ({ minReplicas, maxReplicas }) => {
  if (minReplicas <= maxReplicas) return undefined;
  return `minReplicas is ${minReplicas} and maxReplicas is ${maxReplicas}; lower the first or raise the second`;
});
