import type { AgentWorkload } from "../../agent/agent-workload";
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
  /** The fewest nodes of the agents' pool that hold it, or null where their size's name doesn't say what they have. */
  readonly nodes: number | null;
}

export function agentDemand(
  settings: Partial<AksSettings>,
  environment: Environment,
  workloads: readonly AgentWorkload[],
): AgentDemand {
  const asked = { cores: 0, memoryMiB: 0 };
  for (const workload of workloads) {
    if (!runsAsPods(workload)) continue;
    const replica = replicaSize(workload, environment.mesh);
    const replicas = Math.max(workload.minReplicas, workload.scaling.kind === "event" ? 0 : 1);
    asked.cores += replicas * replica.cores;
    asked.memoryMiB += replicas * replica.memoryMiB;
  }
  const cores = rounded(asked.cores);
  const { agentNodes } = nodePools(settings, safeguards(environment).highAvailability);
  const node = nodeSize(agentNodes.vmSize);
  if (node === null) return { ...asked, cores, nodes: null };
  const { forPods } = node;
  const nodes = Math.ceil(Math.max(cores / forPods.cores, asked.memoryMiB / forPods.memoryMiB));
  return { ...asked, cores, nodes };
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
  const { nodes } = agentDemand(settings, environment, workloads);
  if (agentNodes.maxNodes !== undefined || nodes === null || nodes <= usual) return settings;
  const maxNodes = Math.min(Math.ceil(nodes / usual) * usual, MOST_NODES);
  return { ...settings, agentNodes: { ...agentNodes, maxNodes } };
}
