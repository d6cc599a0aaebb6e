import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { helper, onBothClouds, onGoogle, workloadOf } from "../support/fleet-on-google";

const front = { ...helper, name: "front", audience: "customer-facing", calls: ["helper"] } as const;
const fleet = [helper, front];
const RUN_APP = "https://trial-front-123456789012.europe-west4.run.app/";

function routeOf(environment: Environment, agent = "front") {
  return workloadOf(agent, fleet, environment).route;
}

describe("the URL on the card", () => {
  test("is the deterministic run.app address where nothing stands in front", () => {
    expect(routeOf(onGoogle).publicUrl).toBe(RUN_APP);
  });

  test("is the mapped host name", () => {
    const mapped = { ...onGoogle, cloudRun: { front: { kind: "domain-mapping" } } } as const;
    expect(routeOf(mapped).publicUrl).toBe("https://front.acme.test/");
  });

  test("is below the load balancer's host name", () => {
    const balanced = { ...onGoogle, cloudRun: { front: { kind: "load-balancer" } } } as const;
    expect(routeOf(balanced).publicUrl).toBe("https://run.acme.test/agents/front/");
    const named = {
      ...onGoogle,
      cloudRun: { front: { kind: "load-balancer", host: "agents.acme.test" } },
    } as const;
    expect(routeOf(named).publicUrl).toBe("https://agents.acme.test/agents/front/");
  });

  test("is the gateway's, and the load balancer is what the gateway calls", () => {
    const front = { kind: "load-balancer", admits: ["198.51.100.7/32"] } as const;
    const gated = { ...onBothClouds, cloudRun: { ...onBothClouds.cloudRun, front } };
    const { publicUrl, backendUrl, hops } = routeOf(gated);
    expect(publicUrl).toBe("https://api.acme.test/agents/front/");
    expect(backendUrl).toBe("https://run.acme.test/agents/front");
    expect(hops.map(({ name }) => name)).toEqual(["gateway", "google-load-balancer", "cloud-run"]);
  });
});

test("peers on Cloud Run call each other at run.app, whatever stands in front", () => {
  const balanced = { ...onGoogle, cloudRun: { front: { kind: "load-balancer" } } } as const;
  expect(workloadOf("front", fleet, balanced).peers).toMatchObject([
    {
      name: "helper",
      url: "https://trial-helper-123456789012.europe-west4.run.app/",
      scope: "api://6f1b2c3d-0000-4000-8000-000000000001/trial-helper/.default",
    },
  ]);
});

test("an internal agent is on no front", () => {
  const balanced = { ...onGoogle, cloudRun: { front: { kind: "load-balancer" } } } as const;
  const { publicUrl, hops } = routeOf(balanced, "helper");
  expect(publicUrl).toBe("https://trial-helper-123456789012.europe-west4.run.app/");
  expect(hops.map(({ name }) => name)).toEqual(["cloud-run"]);
});

describe("the request timeout", () => {
  const timeoutOf = (environment: Environment, taskDeadlineSeconds: number) =>
    resolveFleet([{ ...helper, taskDeadlineSeconds }], environment).workloads[0]?.route.peerHops[0]
      ?.timeoutSeconds;

  test.each([
    [180, 300],
    [600, 610],
    [5000, 3600],
  ])("for a task deadline of %i s is %i s, so that the agent ends a task itself", (deadline, timeout) => {
    expect(timeoutOf(onGoogle, deadline)).toBe(timeout);
  });

  test("is the environment's where it says one", () => {
    expect(timeoutOf({ ...onGoogle, cloudRun: { timeoutSeconds: 900 } }, 180)).toBe(900);
  });
});

test("an agent across clouds is called at its public URL", () => {
  const admitting = { kind: "load-balancer", admits: ["198.51.100.7/32"] } as const;
  const mixed: Environment = {
    ...onBothClouds,
    cloudRun: { ...onBothClouds.cloudRun, front: admitting },
    agents: { front: { platform: "container-apps" } },
  };
  const both = [{ ...helper, calls: ["front"] }, front];
  const { workloads, problems } = resolveFleet(both, mixed);
  expect(problems).toEqual([]);
  expect(workloads.flatMap(({ peers }) => peers.map(({ url }) => url))).toEqual([
    "https://api.acme.test/agents/front/",
    "https://api.acme.test/agents/helper/",
  ]);
  // Images come through Artifact Registry, which fetches them from Azure's.
  expect(workloads.map(({ image }) => image)).toEqual([
    "europe-west4-docker.pkg.dev/acme-agents/from-azure/agents/helper:1.2.0",
    "acmeimages.azurecr.io/agents/front:1.2.0",
  ]);
});
