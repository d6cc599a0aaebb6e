import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests } from "../support/kubernetes-manifests";
import { canReach, type Endpoint, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { definitions } from "../support/sample-fleet";

const SIDECAR = 50002;
const internet: Endpoint = { address: "93.184.215.14" };
const storeRange: Endpoint = { address: "10.40.2.7" };
const elsewhereInNetwork: Endpoint = { address: "10.40.9.9" };
const metadataService: Endpoint = { address: "169.254.169.254" };

const pod = (namespace: string, labels: Record<string, string> = {}): PolicyPod => ({
  name: `some-pod-of-${namespace}`,
  namespace,
  labels,
  ports: {},
});
const edge = pod("envoy-gateway-system");
const scraper = pod("kube-system");
const dns = pod("kube-system", { "k8s-app": "kube-dns" });
const neighbour = pod("default", { app: "billing", protocol: "a2a" });
const stranger = pod("agents", { app: "a-debug-shell" });

interface Cluster {
  readonly workloads: readonly AgentWorkload[];
  readonly policies: readonly Manifest[];
  readonly pods: ReadonlyMap<string, PolicyPod>;
}

function cluster(environment: Environment, agents: readonly AgentDefinition[]): Cluster {
  const manifests = readManifests(synthCluster(environment, agents).json);
  return {
    workloads: resolveFleet(agents, environment).workloads,
    policies: manifests.filter(({ kind }) => kind === "NetworkPolicy"),
    pods: new Map(podsOf(manifests).map((each) => [each.name, each])),
  };
}

function podOf({ pods }: Cluster, name: string): PolicyPod {
  const found = pods.get(name);
  if (found === undefined) throw new Error(`no pod of '${name}'; there are ${[...pods.keys()].join(", ")}`);
  return found;
}

/** Every pair of agents, with who may call whom by the definitions. */
function pairs(from: Cluster): { caller: AgentWorkload; called: AgentWorkload; expected: boolean }[] {
  return from.workloads.flatMap((caller) =>
    from.workloads
      .filter(({ name }) => name !== caller.name)
      .map((called) => ({
        caller,
        called,
        expected: caller.peers.some(({ name }) => name === called.name),
      })),
  );
}

const withMesh = { ...aksEnvironment, mesh: { kind: "dapr" as const } };

/** Environments of generated fleets: what is particular to a cluster is fixed, everything else is left to chance. */
const generated = (environment: Environment) =>
  arbitraryFleet({
    maxAgents: 4,
    environment: {
      platform: "kubernetes",
      kubernetes: environment.kubernetes,
      mesh: environment.mesh,
      registry: environment.registry,
    },
  }).filter(({ definitions: agents, environment: each }) => resolveFleet(agents, each).problems.length === 0);

describe("who reaches whom in generated fleets", () => {
  test("without a mesh: callers reach the agents that they say they call, on the agents' ports", () => {
    fc.assert(
      fc.property(generated(aksEnvironment), ({ definitions: agents, environment }) => {
        const built = cluster(environment, agents);
        for (const { caller, called, expected } of pairs(built)) {
          const from = podOf(built, caller.name);
          const to = podOf(built, called.name);
          expect(canReach(built.policies, from, to, called.port), `${caller.name} → ${called.name}`).toBe(
            expected,
          );
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("with a mesh: on the sidecar's port alone, never on the agent's own", () => {
    fc.assert(
      fc.property(generated(withMesh), ({ definitions: agents, environment }) => {
        const built = cluster(environment, agents);
        for (const { caller, called, expected } of pairs(built)) {
          const from = podOf(built, caller.name);
          const to = podOf(built, called.name);
          const pair = `${caller.name} → ${called.name}`;
          expect(canReach(built.policies, from, to, SIDECAR), pair).toBe(expected);
          expect(canReach(built.policies, from, to, called.port), `${pair} beside the mesh`).toBe(false);
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("callers from outside: the edge where the agent's reach says so, the scraper its metrics, nobody else", () => {
    fc.assert(
      fc.property(
        fc.boolean().chain((mesh) => generated(mesh ? withMesh : aksEnvironment)),
        ({ definitions: agents, environment }) => {
          const built = cluster(environment, agents);
          for (const workload of built.workloads) {
            const to = podOf(built, workload.name);
            const { port, metricsPort, reach } = workload;
            expect(canReach(built.policies, edge, to, port), `edge → ${workload.name}`).toBe(
              reach !== "environment",
            );
            for (const other of [neighbour, stranger, scraper, internet, elsewhereInNetwork]) {
              expect(canReach(built.policies, other, to, port)).toBe(false);
              expect(canReach(built.policies, other, to, SIDECAR)).toBe(false);
            }
            if (metricsPort !== null) {
              expect(canReach(built.policies, scraper, to, metricsPort)).toBe(true);
              expect(canReach(built.policies, edge, to, metricsPort)).toBe(false);
              expect(canReach(built.policies, stranger, to, metricsPort)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

describe("what an agent reaches outside of the fleet", () => {
  const agents: readonly AgentDefinition[] = [
    ...definitions,
    {
      name: "research",
      description: "Reads",
      version: "1.0.0",
      egress: [{ host: "api.openai.com" }, { cidr: "10.90.0.0/24", port: 5432 }],
      skills: [{ id: "read", name: "Read", description: "Reads", tags: ["read"] }],
    },
  ];
  const built = cluster({ ...aksEnvironment, azure: networked() }, agents);
  const research = podOf(built, "research");
  const billing = podOf(built, "billing");
  const desk = podOf(built, "desk-globex");
  const reaches = (from: PolicyPod, to: Endpoint, port: number, protocol: "TCP" | "UDP" = "TCP") =>
    canReach(built.policies, from, to, port, protocol);

  function networked(): NonNullable<Environment["azure"]> {
    if (aksEnvironment.azure === undefined) throw new Error("the sample environment is on Azure");
    return { ...aksEnvironment.azure, network: { kind: "created" } };
  }

  test("names are looked up", () => {
    expect(reaches(billing, dns, 53, "UDP")).toBe(true);
    expect(reaches(billing, dns, 53)).toBe(true);
    expect(reaches(billing, scraper, 53, "UDP")).toBe(false);
  });

  test("a range is open on its port alone, and for the agent that named it alone", () => {
    expect(reaches(research, { address: "10.90.0.9" }, 5432)).toBe(true);
    expect(reaches(research, { address: "10.90.0.9" }, 443)).toBe(false);
    expect(reaches(research, { address: "10.90.1.9" }, 5432)).toBe(false);
    expect(reaches(billing, { address: "10.90.0.9" }, 5432)).toBe(false);
  });

  test("a host is public 443, and no private address", () => {
    expect(reaches(research, internet, 443)).toBe(true);
    expect(reaches(research, internet, 80)).toBe(false);
    for (const inside of [elsewhereInNetwork, metadataService, { address: "192.168.1.1" }]) {
      expect(reaches(research, inside, 443)).toBe(false);
    }
  });

  test("the store is reached where its private endpoint is", () => {
    expect(reaches(billing, storeRange, 10000)).toBe(true);
    expect(reaches(billing, elsewhereInNetwork, 10000)).toBe(false);
    expect(reaches(billing, storeRange, 22)).toBe(false);
  });

  test("the Kubernetes API is reached by those who look for peers", () => {
    const apiServer: Endpoint = { address: "10.40.16.5" };
    expect(reaches(desk, apiServer, 443)).toBe(true);
    expect(reaches(billing, apiServer, 443)).toBe(false);
  });

  test("without their policies pods are open, so that the answers above come from them", () => {
    const onlyOthers = built.policies.filter(({ metadata }) => metadata.name !== "billing");
    const closed = onlyOthers.filter(({ metadata }) => metadata.name !== "default-deny");
    expect(canReach(onlyOthers, billing, internet, 22)).toBe(false);
    expect(canReach(closed, billing, internet, 22)).toBe(true);
  });
});
