import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

/** How many nodes the agents' pool may have, with so many replicas of an agent at least, of a core each. */
function mostNodes(replicas: number, agentNodes?: object, change: Partial<Environment> = {}): number {
  const environment = {
    ...aksEnvironment,
    azure: { ...aksEnvironment.azure, network: { kind: "created" } },
    kubernetes: { ...aksEnvironment.kubernetes, cluster: { kind: "aks", agentNodes } },
    ...change,
  } as Environment;
  const agent = { ...billing, cpu: 1, memoryMiB: 1024, minReplicas: replicas, maxReplicas: replicas };
  const [pool] = synthEnvironment(environment, [agent]).resources("azurerm_kubernetes_cluster_node_pool");
  return pool?.arguments.max_count;
}

describe("nodes of agents", () => {
  test("are the usual ones while these hold the agents, and then as often as many as do", () => {
    expect(mostNodes(2)).toBe(5);
    // Of 4 cores AKS leaves 3.86.
    expect(mostNodes(19)).toBe(5);
    expect(mostNodes(20)).toBe(10);
    expect(mostNodes(39)).toBe(15);
    expect(mostNodes(47, undefined, { highAvailability: true })).toBe(24);
  });

  test("are counted by what a node of theirs holds", () => {
    expect(mostNodes(20, { vmSize: "Standard_D8ds_v5" })).toBe(5);
    // Its name doesn't say what it has.
    expect(mostNodes(300, { vmSize: "Standard_M64s" })).toBe(5);
  });

  test("are as many as somebody says", () => {
    expect(mostNodes(20, { maxNodes: 7 })).toBe(7);
  });
});
