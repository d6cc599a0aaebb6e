import type { NodeSize } from "../../cluster/facts/cluster-traits";
import type { AksSettings } from "./aks";

/** Nodes of one kind. */
export interface NodePoolSettings {
  /** Size of the virtual machines, as Azure writes it. */
  readonly vmSize?: string;
  readonly minNodes?: number;
  readonly maxNodes?: number;
}

/** Most nodes that a pool may have. @see https://learn.microsoft.com/azure/aks/quotas-skus-regions */
export const MOST_NODES = 1000;

/** Size of the nodes of the agents unless somebody says otherwise. */
const AGENT_NODE = "Standard_D4ds_v5";

const SYSTEM_NODES: Record<"single" | "zones", Required<NodePoolSettings>> = {
  single: { vmSize: "Standard_D2ds_v5", minNodes: 2, maxNodes: 3 },
  zones: { vmSize: "Standard_D2ds_v5", minNodes: 3, maxNodes: 6 },
};

const AGENT_NODES: Record<"single" | "zones", Required<NodePoolSettings>> = {
  single: { vmSize: AGENT_NODE, minNodes: 1, maxNodes: 5 },
  zones: { vmSize: AGENT_NODE, minNodes: 3, maxNodes: 12 },
};

/** The pools of a cluster of the fleet's own, with every default decided. */
export function nodePools(
  { systemNodes, agentNodes }: Pick<AksSettings, "systemNodes" | "agentNodes">,
  highAvailability: boolean,
): Readonly<Record<"systemNodes" | "agentNodes", Required<NodePoolSettings>>> {
  const kind = highAvailability ? "zones" : "single";
  return {
    systemNodes: decided(SYSTEM_NODES[kind], systemNodes),
    agentNodes: decided(AGENT_NODES[kind], agentNodes),
  };
}

/** What is written as undefined is left out. */
function decided(
  usual: Required<NodePoolSettings>,
  { vmSize = usual.vmSize, minNodes = usual.minNodes, maxNodes = usual.maxNodes }: NodePoolSettings = {},
): Required<NodePoolSettings> {
  return { vmSize, minNodes, maxNodes };
}

/** MiB for each core, of the families whose sizes are regular: D, its lean kind (`l`), E and F. */
const MIB_PER_CORE = { D: 4096, Dl: 2048, E: 8192, F: 2048 } as const;

/**
 * What a virtual machine has, by its name; null where the name doesn't say: before version 3 (2 of F) the number is no
 * count of cores.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
 */
export function nodeSize(name: string): NodeSize | null {
  const size =
    /^Standard_(?:(?<family>[DE])(?<cores>\d+)(?:-(?<active>\d+))?(?<features>[a-z]*)_v[3-9]|(?<lean>F)(?<few>\d+)s_v2)$/.exec(
      name,
    )?.groups;
  if (size === undefined) return null;
  const { family, cores, active, features, few } = size;
  const kind = family === undefined ? "F" : family === "E" ? "E" : features?.includes("l") ? "Dl" : "D";
  const has = {
    cores: Number(active ?? cores ?? few),
    memoryMiB: Number(cores ?? few) * MIB_PER_CORE[kind],
  };
  return {
    name,
    ...has,
    forPods: { cores: has.cores - keptCores(has.cores), memoryMiB: has.memoryMiB - keptMiB(has.memoryMiB) },
    setting: "kubernetes.cluster.agentNodes.vmSize",
  };
}

/**
 * Cores that AKS keeps on a node: less for each, the more there are.
 *
 * @see https://learn.microsoft.com/azure/aks/node-resource-reservations
 */
function keptCores(cores: number): number {
  const between = (from: number, to: number) => Math.max(0, Math.min(cores, to) - from);
  return (60 + 40 * between(1, 2) + 20 * between(2, 4) + 10 * between(4, cores)) / 1000;
}

/** Pods that a node takes where they have a network of their own. */
const PODS_PER_NODE = 250;

/** Memory that AKS keeps on a node, and below which it ends pods. */
function keptMiB(memoryMiB: number): number {
  return Math.min(20 * PODS_PER_NODE + 50, memoryMiB / 4) + 100;
}
