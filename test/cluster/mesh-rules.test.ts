import { describe, expect, it } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";

const definitions = [agentDefinition("front", ["billing"]), agentDefinition("billing")];

/** Problems of a fleet that is sound except for what the test changes. */
function problemsOf(changes: Partial<Environment>, agents = definitions): string[] {
  const { problems } = resolveFleet(agents, { ...kubernetesEnvironment, ...changes });
  return problems.map(({ rule, message }) => `${rule}: ${message}`);
}

const containerApps: Partial<Environment> = {
  platform: "container-apps",
  tenant: "11111111-1111-1111-1111-111111111111",
  azure: {
    subscriptionId: "11111111-1111-1111-1111-111111111111",
    location: "westeurope",
    deployerObjectIds: ["11111111-1111-1111-1111-111111111111"],
  },
  taskStore: { kind: "managed-redis" },
  vault: { kind: "key-vault" },
  registry: { kind: "azure", name: "testimages", resourceGroup: "rg-images" },
};

describe("dapr-is-safe", () => {
  it("refuses Dapr 1.17.4 and takes 1.17.5, installed or found in the cluster", () => {
    const withVersion = (version: string) => ({
      mesh: { kind: "dapr", controlPlane: { kind: "release", version } } as const,
    });
    expect(problemsOf(withVersion("1.17.4"))).toEqual([
      expect.stringMatching(/^dapr-is-safe: .*1\.17\.5 or newer/),
    ]);
    expect(problemsOf(withVersion("1.9.12"))).toHaveLength(1);
    expect(problemsOf(withVersion("1.17.5-rc.1"))).toHaveLength(1);
    expect(problemsOf(withVersion("1.17.5"))).toEqual([]);
    const found = (version: string) => ({
      mesh: { kind: "dapr", controlPlane: { kind: "existing", version } } as const,
    });
    expect(problemsOf(found("1.14.4"))).toEqual([expect.stringMatching(/^dapr-is-safe/)]);
    expect(problemsOf(found("1.18.0"))).toEqual([]);
  });
});

describe("mesh-metrics-port-is-free", () => {
  it.each([
    [9090, "the agent's metricsPort"],
    [8000, "the agent's port"],
    [50002, "the sidecar's port 50002"],
  ])("refuses %i, which is %s", (metricsPort, owner) => {
    const problems = problemsOf({ mesh: { kind: "dapr", sidecar: { metricsPort } } });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(
      `mesh-metrics-port-is-free: agent 'front': the sidecar's metrics and ${owner}`,
    );
    expect(problemsOf({ mesh: { kind: "dapr", sidecar: { metricsPort: 9095 } } })).toEqual([]);
  });
});

describe("access-control-needs-kubernetes", () => {
  it("refuses access control on Container Apps, and takes Dapr there without it", () => {
    const sized = definitions.map((definition) => ({ ...definition, cpu: 0.5, memoryMiB: 1024 }));
    const refused = problemsOf({ ...containerApps, mesh: { kind: "dapr", accessControl: true } }, sized);
    expect(refused).toEqual([
      expect.stringMatching(/^access-control-needs-kubernetes: agent 'front'.*and none says so/),
      expect.stringMatching(/^access-control-needs-kubernetes: agent 'billing'.*not only front/),
    ]);
    expect(problemsOf({ ...containerApps, mesh: { kind: "dapr" } }, sized)).toEqual([]);
    expect(problemsOf({ mesh: { kind: "dapr", accessControl: true } })).toEqual([]);
  });
});

describe("mesh settings", () => {
  it("refuses what is misspelt or no trust domain", () => {
    const wrong = { kind: "dapr", trustDomain: "Not A Domain", metricPort: 1 } as never;
    expect(problemsOf({ mesh: wrong })).toEqual([
      expect.stringContaining("is not a trust domain"),
      expect.stringContaining("metricPort"),
    ]);
  });
});
