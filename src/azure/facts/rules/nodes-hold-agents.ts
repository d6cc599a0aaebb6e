import { rounded } from "../../../cluster/facts/kubernetes-traits";
import { environmentRule } from "../../../environment/rule";
import { safeguards } from "../../../environment/safeguards";
import { agentDemand } from "../agent-nodes";
import { aksSettings, createsCluster } from "../azure-facts";
import { MOST_NODES, nodePools, nodeSize } from "../node-pools";

/** A cluster's nodes grow up to a number that somebody set: replicas beyond what they hold wait for ever. */
export const nodesHoldAgents = environmentRule("nodes-hold-agents", (environment, workloads) => {
  if (!createsCluster(environment)) return [];
  const settings = aksSettings(environment);
  const { vmSize } = nodePools(settings, safeguards(environment).highAvailability).agentNodes;
  const maxNodes = settings.agentNodes?.maxNodes ?? MOST_NODES;
  const { cores, memoryMiB, nodes } = agentDemand(settings, environment, workloads);
  const node = nodeSize(vmSize);
  if (nodes === null || node === null || nodes <= maxNodes) return [];
  const more = nodes > MOST_NODES ? "" : `set agentNodes.maxNodes to ${nodes} or more, or `;
  return [
    `its agents ask for at least ${cores} cores and ${memoryMiB} MiB together (minReplicas), and ` +
      `kubernetes.cluster.agentNodes.maxNodes is ${maxNodes}, of ${vmSize} with ${rounded(node.forPods.cores)} cores and ` +
      `${node.forPods.memoryMiB} MiB for pods each: what they don't hold never starts; ${more}choose a larger agentNodes.vmSize`,
  ];
});
