import { describe, expect, test } from "vitest";
import { nodeSize } from "../../src/azure/facts/node-pools";
import type { Environment } from "../../src/environment/environment";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

/** The agents' pool, with so many replicas of an agent at least, of a core each. */
function poolFor(replicas: number, agentNodes?: object, change: Partial<Environment> = {}) {
  const environment = {
    ...aksEnvironment,
    azure: { ...aksEnvironment.azure, network: { kind: "created" } },
    kubernetes: { ...aksEnvironment.kubernetes, cluster: { kind: "aks", agentNodes } },
    ...change,
  } as Environment;
  const agent = { ...billing, cpu: 1, memoryMiB: 1024, minReplicas: replicas, maxReplicas: replicas };
  const [pool] = synthEnvironment(environment, [agent]).resources("azurerm_kubernetes_cluster_node_pool");
  return pool?.arguments;
}

const mostNodes = (...given: Parameters<typeof poolFor>): number => poolFor(...given)?.max_count;

test("a node keeps this of its cores and memory for pods", () => {
  const sizes = [
    ...["D2ds_v5", "D4ds_v5", "D8ds_v5", "D16lds_v5", "E4ds_v5", "E8-4ds_v5", "F8s_v2", "D96ads_v6"],
    ...["D2_v2", "F8s_v1", "M64s", "B4ms"],
  ];
  expect(
    Object.fromEntries(
      sizes.map((size) => {
        const { forPods } = nodeSize(`Standard_${size}`) ?? {};
        return [size, forPods === undefined ? null : `${forPods.cores} cores, ${forPods.memoryMiB} MiB`];
      }),
    ),
  ).toMatchInlineSnapshot(`
    {
      "B4ms": null,
      "D16lds_v5": "15.74 cores, 27618 MiB",
      "D2_v2": null,
      "D2ds_v5": "1.9 cores, 6044 MiB",
      "D4ds_v5": "3.86 cores, 12188 MiB",
      "D8ds_v5": "7.82 cores, 27618 MiB",
      "D96ads_v6": "94.94 cores, 388066 MiB",
      "E4ds_v5": "3.86 cores, 27618 MiB",
      "E8-4ds_v5": "3.86 cores, 60386 MiB",
      "F8s_v1": null,
      "F8s_v2": "7.82 cores, 12188 MiB",
      "M64s": null,
    }
  `);
});

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

  test("are of the size, and as few at least, as somebody says, where there may be more of them", () => {
    expect(poolFor(60, { vmSize: "Standard_D8ds_v5", minNodes: 2 })).toMatchObject({
      vm_size: "Standard_D8ds_v5",
      min_count: 2,
      max_count: 10,
    });
  });

  test("are as many as somebody says", () => {
    expect(mostNodes(20, { maxNodes: 7 })).toBe(7);
  });
});
