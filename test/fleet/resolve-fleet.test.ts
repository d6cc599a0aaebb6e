import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing, desk, environment } from "../support/sample-fleet";

/** What an agent is decided to be; `billing` unless another is named. */
function resolved(
  change: { readonly environment?: Partial<Environment>; readonly billing?: Partial<AgentDefinition> } = {},
  name = "billing",
) {
  const definitions = [desk, { ...billing, ...change.billing }];
  const { workloads } = resolveFleet(definitions, { ...environment, ...change.environment });
  const workload = workloads.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`no agent '${name}'`);
  return workload;
}

describe("what wins", () => {
  const own = { cpu: 0.25, memoryMiB: 512, maxReplicas: 3, workers: 2, taskDeadlineSeconds: 60 };
  const overrides = { cpu: 1, memoryMiB: 2048, maxReplicas: 7, workers: 4, taskDeadlineSeconds: 90 };

  test("is the environment's word over the definition's, and the definition's over the default", () => {
    expect(resolved({ billing: own, environment: { agents: { billing: overrides } } })).toMatchObject(
      overrides,
    );
    expect(resolved({ billing: own })).toMatchObject(own);
    expect(resolved({ billing: { maxReplicas: undefined } })).toMatchObject({
      cpu: 0.5,
      memoryMiB: 1024,
      maxReplicas: 10,
      workers: 1,
      taskDeadlineSeconds: 180,
      port: 8000,
      metricsPort: 9090,
      rateLimitPerMinute: 100,
      logLevel: "info",
      terminationGraceSeconds: 190,
    });
  });

  test("is the instance's word over that of its definition, for that instance alone", () => {
    const agents = { desk: { cpu: 1, memoryMiB: 2048 }, "desk-globex": { cpu: 2 } };
    const of = { customers: ["globex", "umbrella"], agents };
    expect(resolved({ environment: of }, "desk-globex")).toMatchObject({ cpu: 2, memoryMiB: 2048 });
    expect(resolved({ environment: of }, "desk-umbrella")).toMatchObject({ cpu: 1, memoryMiB: 2048 });
  });

  test("is, among variables, the instance's, then the environment's, then the definition's, one by one", () => {
    const agents = {
      desk: { variables: { B: "environment", C: "environment" } },
      "desk-globex": { variables: { C: "instance" } },
    };
    const definitions = [
      { ...desk, variables: { A: "definition", B: "definition", C: "definition" } },
      billing,
    ];
    const { workloads } = resolveFleet(definitions, { ...environment, agents });
    const globex = workloads.find(({ name }) => name === "desk-globex");
    expect(globex?.variables).toEqual({ A: "definition", B: "environment", C: "instance" });
  });

  test("is an environment's limit of replicas, which lowers and never raises", () => {
    const limited = { environment: { replicaLimit: 2 } };
    expect(resolved({ ...limited, billing: { minReplicas: 4, maxReplicas: 5 } })).toMatchObject({
      minReplicas: 2,
      maxReplicas: 2,
    });
    expect(resolved({ ...limited, billing: { minReplicas: 1, maxReplicas: 1 } }).maxReplicas).toBe(1);
  });
});

describe("how few replicas an agent keeps", () => {
  const idle = { minReplicas: undefined };

  test("is none where nothing is asked of it, but one in production, and one where customers wait", () => {
    expect(resolved({ billing: idle }).minReplicas).toBe(0);
    expect(resolved({ billing: idle, environment: { stage: "production" } }).minReplicas).toBe(1);
    expect(
      resolved({ billing: idle, environment: { stage: "production", scaleToZero: true } }).minReplicas,
    ).toBe(0);
    expect(resolved({ billing: idle, environment: { scaleToZero: false } }).minReplicas).toBe(1);
    expect(resolved({}, "desk-globex").minReplicas).toBe(1);
  });

  test("is one where CPU and memory decide, which no replica has", () => {
    const scaling = { kind: "resources", cpuPercent: 70 } as const;
    expect(resolved({ billing: { ...idle, scaling } }).minReplicas).toBe(1);
  });

  test("is what the definition says, and what the environment says over that", () => {
    const agents = { billing: { minReplicas: 3 } };
    expect(resolved({ billing: { minReplicas: 2 } }).minReplicas).toBe(2);
    expect(resolved({ billing: { minReplicas: 2 }, environment: { agents } }).minReplicas).toBe(3);
  });
});

describe("where an agent keeps its tasks", () => {
  test("is the environment's store, unless the agent has none or keeps them to itself", () => {
    expect(resolved().taskStore).toBe("shared");
    expect(resolved({ billing: { taskStore: "memory" } }).taskStore).toBe("memory");
    expect(resolved({ environment: { taskStore: { kind: "memory" } } }).taskStore).toBe("memory");
  });
});

describe("how an agent is probed", () => {
  test("while it starts, is waited for as long as the next probe, and five seconds at most", () => {
    const timeouts = [60, 120, 150, 180, 240].map(
      (startupSeconds) => resolved({ billing: { startupSeconds } }).probes.startup.timeoutSeconds,
    );
    expect(timeouts).toEqual([2, 4, 5, 5, 5]);
  });

  test("is by its card unless it has paths of its own, and for as long as it takes to start", () => {
    const { startup, liveness, readiness } = resolved().probes;
    expect(startup).toMatchObject({
      periodSeconds: 2,
      failureThreshold: 30,
      timeoutSeconds: 2,
      initialDelaySeconds: 0,
    });
    expect(liveness).toMatchObject({
      initialDelaySeconds: 10,
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    });
    expect(readiness).toMatchObject({
      initialDelaySeconds: 5,
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    });
    for (const { path } of [startup, liveness, readiness]) expect(path).toBe("/.well-known/agent-card.json");
    const own = resolved({
      billing: { healthPath: "/healthz", readyPath: "/readyz", startupSeconds: 300 },
    }).probes;
    expect([own.startup.path, own.liveness.path, own.readiness.path]).toEqual([
      "/healthz",
      "/healthz",
      "/readyz",
    ]);
    expect(own.startup.periodSeconds * own.startup.failureThreshold).toBe(300);
  });
});

describe("peers get a card of their own", () => {
  const certificates = { kind: "issuer", name: "letsencrypt" } as const;
  const nginx = { kind: "nginx", controller: "app-routing", certificates } as const;
  const gatewayApi = { kind: "gateway-api", certificates } as const;
  const service = "http://billing.agents.svc.cluster.local/";

  test.each([
    ["at an edge of its own", gatewayApi, undefined, service],
    ["at nginx", nginx, undefined, service],
    ["behind a gateway", gatewayApi, {}, service],
    // It can't tell who comes from outside, and must not show them an address of the inside.
    ["behind a gateway and nginx, none", nginx, {}, null],
  ])("of an agent in a cluster that is reached %s", (_where, edge, gateway, url) => {
    const agents = { billing: { reach: "internet" } } as const;
    const inCluster = { ...aksEnvironment, kubernetes: { edge }, gateway, agents };
    expect(resolved({ environment: inCluster }).route.peerCardUrl).toBe(url);
  });
});

test("between apps stands Azure's ingress, and nothing where their sidecars call each other", () => {
  const between = (change: Partial<Environment>) =>
    resolved({ environment: change }).route.peerHops.map(
      ({ name, limitSeconds }) => `${name} ${limitSeconds}`,
    );
  expect(between({})).toEqual(["container-apps-ingress 240"]);
  expect(between({ mesh: { kind: "dapr" } })).toEqual([]);
});

describe("an environment that is a fleet of its own", () => {
  const own = { ...environment, fleet: [billing] };

  test("runs its own agents, and none of the fleet's", () => {
    const { workloads, problems } = resolveFleet([desk], own);
    expect(problems).toEqual([]);
    expect(workloads.map(({ name }) => name)).toEqual(["billing"]);
    const { workloads: without } = resolveFleet([{ ...desk, calls: [] }], environment);
    expect(without.map(({ name }) => name)).toEqual(["desk-globex"]);
  });

  test("has its agents' mistakes told like any others", () => {
    const { problems } = resolveFleet([desk], { ...own, fleet: [{ ...billing, name: "Billing!" }] });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("Billing!")]);
    const { problems: shapes } = resolveFleet([], { ...own, fleet: [{ ...billing, prot: 1 } as never] });
    expect(shapes.map(({ message }) => message)).toEqual([expect.stringContaining("prot")]);
  });
});
