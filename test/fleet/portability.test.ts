import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { PlatformKind } from "../../src/environment/environment";
import { findPortability } from "../../src/fleet/portability";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agents } from "../support/fleet/agents";
import { local } from "../support/fleet/stacks/environments/local";
import { production } from "../support/fleet/stacks/environments/production";
import { staging } from "../support/fleet/stacks/environments/staging";
import { helper, onGoogle } from "../support/fleet-on-google";
import { useFleetProject } from "../support/fleet-project";

function outcomes(definition: typeof helper, platform: PlatformKind) {
  const found = findPortability([definition], onGoogle).find((each) => each.platform === platform);
  return {
    outcome: found?.outcome,
    limits: found?.limits.map(({ aspect, outcome }) => `${aspect}: ${outcome}`),
  };
}

test("every agent is looked at on every platform, and marked where it runs", () => {
  const found = findPortability(agents, production);
  const instances = new Set(found.map(({ agent }) => agent));
  expect(instances.size).toBe(9);
  expect(found).toHaveLength(27);
  expect(
    [...instances].every((agent) => found.filter((each) => each.agent === agent && each.here).length === 1),
  ).toBe(true);
  expect(found.find(({ agent, here }) => agent === "research" && here)?.platform).toBe("cloud-run");
});

describe("Cloud Run", () => {
  test("changes what it has in no form", () => {
    expect(outcomes(helper, "cloud-run")).toEqual({
      outcome: "changed",
      limits: ["readiness probe: changed", "termination grace: changed", "metrics port: changed"],
    });
  });

  test("keeps more of an agent that asks for less", () => {
    const modest = {
      ...helper,
      metricsPort: null,
      resumesTasks: true,
      terminationGraceSeconds: 10,
      gracefulTimeoutSeconds: 5,
    };
    expect(outcomes(modest, "cloud-run").limits).toEqual(["readiness probe: changed"]);
  });

  test("cannot run what scales on events, and Container Apps can", () => {
    const eventful = { ...helper, scaling: { kind: "event", scaler: "cron", metadata: {} } } as const;
    expect(outcomes(eventful, "cloud-run").outcome).toBe("impossible");
    expect(outcomes(eventful, "container-apps").outcome).toBe("kept");
  });

  test("has no mesh, which is a change and no reason to refuse", () => {
    const found = findPortability([helper], { ...staging, agents: {}, mesh: { kind: "dapr" } });
    const run = found.find(({ platform }) => platform === "cloud-run");
    expect(run?.limits).toContainEqual(expect.objectContaining({ aspect: "mesh", outcome: "changed" }));
  });

  test("is judged by the platform alone, in an environment that has nothing there", () => {
    const aspects = findPortability([helper], { ...staging, agents: {} }).flatMap(({ limits }) =>
      limits.filter(({ outcome }) => outcome === "impossible"),
    );
    expect(aspects).toEqual([]);
  });
});

test("what an environment changes for one platform doesn't count on another", () => {
  const found = findPortability(agents, production).filter(({ agent }) => agent === "research");
  // One core with one GiB is no size of Container Apps; the definition's half a core is.
  expect(found.find(({ platform }) => platform === "container-apps")?.outcome).toBe("changed");
  expect(found.find(({ platform }) => platform === "cloud-run")?.outcome).toBe("changed");
});

describe("one machine", () => {
  test("keeps what a process can, and says what it has not: nothing of a definition vanishes there", () => {
    const [found, ...others] = findPortability(
      [{ ...helper, egress: [{ host: "erp.acme.example" }], objectives: { successShare: 0.991 } }],
      { ...local, customers: [], agents: { [helper.name]: { maxReplicas: 3 } }, replicaLimit: 3 },
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ platform: "local", here: true, outcome: "changed" });
    expect(Object.fromEntries(found?.limits.map(({ aspect, why }) => [aspect, why]) ?? [])).toMatchObject({
      replicas: expect.stringMatching(/to 3 replicas were asked for: one runs/),
      scaling: expect.stringContaining("nothing scales here"),
      "CPU and memory": expect.stringContaining("a process takes what the machine has"),
      probes: expect.stringContaining("nobody asks"),
      egress: expect.stringContaining("so is all else"),
      objectives: expect.stringContaining("fewer than 99.1 % of the tasks"),
    });
  });

  test.each([
    ["a production", { stage: "production" }, "one machine is nobody's production"],
    [
      "a store that exists",
      { taskStore: { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" } },
      "use { kind: 'memory' }",
    ],
    [
      "what nothing there would have",
      { tags: { team: "a" }, highAvailability: true },
      "'tags' is set, and everything runs on one machine",
    ],
  ] as const)("refuses %s", (_, change, words) => {
    const { problems } = resolveFleet([helper], { ...local, customers: [], ...change });
    expect(problems.map(({ message }) => message).join("\n")).toContain(words);
    expect(resolveFleet([helper], { ...local, customers: [] }).problems).toEqual([]);
  });
});

describe("npm run portability", () => {
  const project = useFleetProject();
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "src/cli/portability.ts", ...args], {
      cwd: project.folder,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });

  test("prints one table, and each reason once", () => {
    const { stdout, status } = run("production");
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ agent +│ Container Apps +│ Kubernetes +│ Cloud Run +│/);
    const reasons = stdout.split("\nWhy\n")[1]?.trim().split("\n") ?? [];
    expect(reasons.length).toBeGreaterThan(2);
    expect(new Set(reasons.map((line) => line.replace(/^ *\d+ +/, ""))).size).toBe(reasons.length);
  });

  test("prints the same as JSON", () => {
    expect(JSON.parse(run("production", "--json").stdout)).toEqual(findPortability(agents, production));
  });

  test("knows the fleet of this machine as well", () => {
    const { stdout, status } = run("local");
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ agent +│ one machine +│/);
  });

  test("says which environments there are", () => {
    const { stderr, status } = run("nowhere");
    expect(status).toBe(1);
    expect(stderr).toBe("there is no environment 'nowhere' (dev, staging, production and local)\n");
  });
});
