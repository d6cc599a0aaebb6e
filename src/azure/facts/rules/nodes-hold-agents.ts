import { replicaSize, rounded } from "../../../cluster/facts/kubernetes-traits";
import { runsAsPods } from "../../../cluster/facts/runs-kubernetes";
import { environmentRule } from "../../../environment/rule";
import { safeguards } from "../../../environment/safeguards";
import { aksSettings, createsCluster } from "../azure-facts";
import { nodePools, nodeSize } from "../node-pools";

/** A cluster's nodes grow up to a number that somebody set: replicas beyond what they hold wait for ever. */
export const nodesHoldAgents = environmentRule("nodes-hold-agents", (environment, workloads) => {
  if (!createsCluster(environment)) return [];
  const pools = nodePools(aksSettings(environment), safeguards(environment).highAvailability);
  const { vmSize, maxNodes } = pools.agentNodes;
  const node = nodeSize(vmSize);
  if (node === null) return [];
  const { forPods } = node;
  const asked = { cores: 0, memoryMiB: 0 };
  for (const workload of workloads) {
    if (!runsAsPods(workload)) continue;
    const replica = replicaSize(workload, environment.mesh);
    const replicas = Math.max(workload.minReplicas, workload.scaling.kind === "event" ? 0 : 1);
    asked.cores += replicas * replica.cores;
    asked.memoryMiB += replicas * replica.memoryMiB;
  }
  const needed = Math.ceil(
    Math.max(rounded(asked.cores) / forPods.cores, asked.memoryMiB / forPods.memoryMiB),
  );
  if (needed <= maxNodes) return [];
  return [
    `its agents ask for at least ${rounded(asked.cores)} cores and ${asked.memoryMiB} MiB together (minReplicas), and ` +
      `kubernetes.cluster.agentNodes.maxNodes is ${maxNodes}, of ${vmSize} with ${rounded(forPods.cores)} cores and ` +
      `${forPods.memoryMiB} MiB for pods each: what they don't hold never starts; set agentNodes.maxNodes to ${needed} or ` +
      "more, or choose a larger agentNodes.vmSize",
  ];
});
