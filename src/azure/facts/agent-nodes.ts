import type { AgentWorkload } from "../../agent/agent-workload";
import type { NodeSize } from "../../cluster/facts/cluster-traits";
import { replicaSize, rounded } from "../../cluster/facts/kubernetes-traits";
import { runsAsPods } from "../../cluster/facts/runs-kubernetes";
import type { Environment } from "../../environment/environment";
import { safeguards } from "../../environment/safeguards";
import type { AksSettings } from "./aks";
import { MOST_NODES, nodePools, nodeSize } from "./node-pools";

/** What all agents in a cluster ask for at their fewest replicas. */
export interface AgentDemand {
  readonly cores: number;
  readonly memoryMiB: number;
  /** A node of the agents' pool. */
  readonly node: NodeSize;
  /** The fewest of these that hold it. */
  readonly nodes: number;
}

/** What agents ask for, or undefined where the name of their nodes' size doesn't say what these have. */
export function agentDemand(
  settings: Partial<AksSettings>,
  environment: Environment,
  workloads: readonly AgentWorkload[],
): AgentDemand | undefined {
  const { agentNodes } = nodePools(settings, safeguards(environment).highAvailability);
  const node = nodeSize(agentNodes.vmSize);
  if (node === null) return undefined;
  const asked = { cores: 0, memoryMiB: 0 };
  for (const workload of workloads) {
    if (!runsAsPods(workload)) continue;
    const replica = replicaSize(workload, environment.mesh);
    const replicas = Math.max(workload.minReplicas, workload.scaling.kind === "event" ? 0 : 1);
    asked.cores += replicas * replica.cores;
    asked.memoryMiB += replicas * replica.memoryMiB;
  }
  const { memoryMiB } = asked;
  const cores = rounded(asked.cores);
  const nodes = Math.ceil(Math.max(cores / node.forPods.cores, memoryMiB / node.forPods.memoryMiB));
  return { cores, memoryMiB, node, nodes };
}

/**
 * A cluster whose agents' nodes may grow until they hold the fleet, unless somebody set how many there may be: the usual
 * number, as often as it takes, so that one agent more seldom changes it.
 */
export function withNodesForAgents(
  settings: AksSettings,
  environment: Environment,
  workloads: readonly AgentWorkload[],
): AksSettings {
  const { agentNodes = {} } = settings;
  const { maxNodes: usual } = nodePools(settings, safeguards(environment).highAvailability).agentNodes;
  const { nodes = 0 } = agentDemand(settings, environment, workloads) ?? {};
  if (agentNodes.maxNodes !== undefined || nodes <= usual) return settings;
  const maxNodes = Math.min(Math.ceil(nodes / usual) * usual, MOST_NODES);
  return { ...settings, agentNodes: { ...agentNodes, maxNodes } };
}
