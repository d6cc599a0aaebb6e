import { rounded } from "../../../cluster/facts/kubernetes-traits";
import { environmentRule } from "../../../environment/rule";
import { agentDemand } from "../agent-nodes";
import { aksSettings, createsCluster } from "../azure-facts";
import { MOST_NODES } from "../node-pools";

/** A cluster's nodes grow up to a number that somebody set: replicas beyond what they hold wait for ever. */
export const nodesHoldAgents = environmentRule("nodes-hold-agents", (environment, workloads) => {
  if (!createsCluster(environment)) return [];
  const settings = aksSettings(environment);
  const maxNodes = settings.agentNodes?.maxNodes ?? MOST_NODES;
  const demand = agentDemand(settings, environment, workloads);
  if (demand === undefined || demand.nodes <= maxNodes) return [];
  const { cores, memoryMiB, node, nodes } = demand;
  const more = nodes > MOST_NODES ? "" : `set agentNodes.maxNodes to ${nodes} or more, or `;
  return [
    `its agents ask for at least ${cores} cores and ${memoryMiB} MiB together (minReplicas), and ` +
      `kubernetes.cluster.agentNodes.maxNodes is ${maxNodes}, of ${node.name} with ${rounded(node.forPods.cores)} cores and ` +
      `${node.forPods.memoryMiB} MiB for pods each: what they don't hold never starts; ${more}choose a larger agentNodes.vmSize`,
  ];
});
