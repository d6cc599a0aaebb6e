import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { findEnvironmentClashes } from "../../src/fleet/find-environment-clashes";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { rules } from "../../src/fleet/rules";
import { nothingBuffersStreams } from "../../src/fleet/rules/nothing-buffers-streams";
import { FleetError, refuse } from "../../src/problem";
import { environment, workloadOf } from "../support/sample-fleet";
import { brokenFleets, changedFleet, type FleetChange } from "./broken-fleets";

function problemsOf(change: FleetChange) {
  const fleet = changedFleet(change);
  return resolveFleet(fleet.definitions, fleet.environment).problems;
}

describe.each(brokenFleets)("$rule: $says", ({ rule, passes, breaks, says }) => {
  it("is said about the broken fleet, and nothing else is", () => {
    expect(problemsOf(breaks)).toEqual([{ rule, message: says }]);
  });

  it("is not said about its twin", () => {
    expect(problemsOf(passes)).toEqual([]);
  });

  it("has a twin that differs in one place", () => {
    expect(differences(changedFleet(passes), changedFleet(breaks))).toBe(1);
  });
});

describe("the table", () => {
  // What only two environments together, or a platform with a buffering front, can show has its pair below.
  const elsewhere = [
    "environment-twice",
    "gateway-host-twice",
    "host-twice",
    // In test/local.
    "platforms-have-stacks",
    "registry-differs",
    "nothing-buffers-streams",
    // These only ever warn: test/signals.
    "agents-are-watched",
    "somebody-is-told",
    "logs-tell-durations",
    // A byte less passes, in test/identity/realm-process.test.ts.
    "realm-fits",
    // As these do: below.
    "store-retires",
    "edge-retires",
  ];
  // What is about clusters has its pairs in test/cluster/refused.test.ts, mesh-rules.test.ts and
  // test/stacks/plain-cluster-keycloak.test.ts.
  const inClusters = [
    "access-control-needs-kubernetes",
    "certificate-of-closed-edge",
    "cluster-beside-azure",
    "dapr-is-safe",
    "edge-without-address",
    "keycloak-without-database",
    "keycloak-without-edge",
    "mesh-metrics-port-is-free",
    "retired-ingress-controller",
    "retired-kubernetes-version",
  ];
  const covered = new Set([...brokenFleets.map(({ rule }) => rule), ...elsewhere, ...inClusters]);

  it("has a pair for every rule", () => {
    expect(rules.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });

  it("has a pair for every other kind of problem that the sources name", () => {
    const root = join(__dirname, "../../src");
    const named = /\brule:\s*(?:\w+ === \w+ \? )?"(?<first>[a-z-]+)"(?: : "(?<second>[a-z-]+)")?/g;
    const kinds = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((file) =>
        /^(?:agent|choices|environment|fleet|gateway|identity|\w+\/facts)\/.*\.ts$|^naming\.ts$/.test(file),
      )
      .flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(named)])
      .flatMap(({ groups }) => [groups?.first, groups?.second])
      .filter((kind) => kind !== undefined);
    expect(kinds).toContain("name-collision");
    expect(kinds.filter((kind) => !covered.has(kind))).toEqual([]);
  });

  it("has a pair for every limit of Container Apps that refuses", () => {
    const source = readFileSync(join(__dirname, "../../src/azure/facts/container-apps-traits.ts"), "utf8");
    const aspects = [...source.matchAll(/aspect: [`"]([^`"]+)[`"],\s*outcome: "impossible"/g)].map(
      ([, aspect]) => aspect as string,
    );
    expect(aspects).toContain("CPU and memory");
    for (const aspect of aspects) {
      const pattern = new RegExp(`^platform-limit:${aspect.replace(/\$\{\w+\}/, ".+")}$`);
      expect(
        [...covered].some((rule) => pattern.test(rule)),
        aspect,
      ).toBe(true);
    }
  });

  it("names each rule once", () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("nothing-buffers-streams", () => {
  const through = (buffers: boolean): AgentWorkload => {
    const workload = workloadOf("billing");
    const hop = { name: "front", limitSeconds: null, timeoutSeconds: 300, buffers, source: "its manual" };
    return { ...workload, route: { ...workload.route, hops: [hop] } };
  };

  it("is said of a front that buffers, and not of one that doesn't", () => {
    expect(nothingBuffersStreams.find([through(true)], environment)).toEqual([
      "agent 'billing': front buffers responses, so its event streams arrive when they end; turn buffering off there (its manual)",
    ]);
    expect(nothingBuffersStreams.find([through(false)], environment)).toEqual([]);
  });
});

describe("what is retired", () => {
  const warned = (change: FleetChange) => {
    const { definitions, environment: changed } = changedFleet(change);
    return resolveFleet(definitions, changed).warnings.filter(({ rule }) => rule.endsWith("-retires"));
  };

  it("is said of Azure Cache for Redis with its reason, and of no other store", () => {
    const taskStore = { kind: "redis-cache", reason: "the contract runs until May" };
    expect(warned({ environment: { taskStore } })).toEqual([
      {
        rule: "store-retires",
        message:
          "environment 'test': the task store is Azure Cache for Redis, which retires on 2028-09-30 (kept because: the " +
          "contract runs until May); set taskStore to { kind: 'managed-redis' } before that",
      },
    ]);
    expect(warned({})).toEqual([]);
  });

  it("is said of nginx in production with its reason, and nowhere else", () => {
    const exception = { reason: "the bank's audit", until: "2027-01-31" };
    const edge = {
      kind: "nginx",
      controller: "ingress-nginx",
      certificates: { kind: "issuer", name: "it" },
      exception,
    };
    const onCluster = { platform: "kubernetes", kubernetes: { edge } };
    expect(warned({ environment: { ...onCluster, stage: "production" } })).toEqual([
      {
        rule: "edge-retires",
        message:
          "environment 'test': kubernetes.edge is nginx, whose controller gets no more fixes, until 2027-01-31 (the " +
          "bank's audit); use kind 'gateway-api' by then",
      },
    ]);
    expect(warned({ environment: onCluster })).toEqual([]);
  });
});

describe("several environments", () => {
  const first = { ...environment, name: "one", gateway: {} };

  it("each have a name of their own", () => {
    const second = { ...first, domain: "two.acme.example" };
    expect(findEnvironmentClashes([first, { ...second, name: "two" }])).toEqual([]);
    expect(findEnvironmentClashes([first, second])).toEqual([
      {
        rule: "environment-twice",
        message: "environment 'one' exists twice, and its stack is named after it; rename one of them",
      },
    ]);
  });

  it("each have a gateway host of their own", () => {
    const second = { ...first, name: "two" };
    expect(findEnvironmentClashes([first, { ...second, gateway: { host: "two.acme.example" } }])).toEqual([]);
    expect(findEnvironmentClashes([first, second])).toEqual([
      {
        rule: "gateway-host-twice",
        message:
          "environment 'two': another one has its gateway's host api.test.acme.example as well, so that cards of one would " +
          "lead to the other; give it a domain or a gateway.host of its own",
      },
    ]);
  });
});

describe("a fleet with several mistakes", () => {
  const broken: FleetChange = {
    billing: { minReplicas: 6, maxReplicas: 5, variables: { ERP_TOKEN2: "", "erp-url": "x" } },
    desk: { calls: ["biling", "stok"], minReplicas: 0 },
    environment: { retentionDays: 7, agents: { bilings: {} } },
  };

  it("hears of all of them at once", () => {
    expect(
      problemsOf(broken)
        .map(({ rule }) => rule)
        .toSorted(),
    ).toEqual([
      "nobody-waits-for-cold-start",
      "replicas-in-order",
      "retention",
      "unknown-agent",
      "unknown-peer",
      "unknown-peer",
      "variables-are-names",
      "variables-have-values",
    ]);
  });

  it("hears of every wrong property at once, in definitions and environment", () => {
    const problems = problemsOf({
      billing: { memoryMB: 1 },
      desk: { version: "x" },
      environment: { stagee: 1 },
    });
    expect(problems.map(({ rule }) => rule).toSorted()).toEqual(["definition", "definition", "environment"]);
  });

  it("is refused with one message that lists them", () => {
    const problems = problemsOf(broken);
    expect(() => refuse("environment 'test'", problems)).toThrow(FleetError);
    expect(() => refuse("environment 'test'", problems)).toThrow(
      /^environment 'test': 8 problems\n( {2}- .+\n?){8}$/,
    );
  });
});

/** In how many places two pieces of plain data differ. Another name or another kind is one difference, with what it brings. */
function differences(a: unknown, b: unknown): number {
  if (Object.is(a, b)) return 0;
  if (!isObject(a) || !isObject(b) || a.kind !== b.kind) return 1;
  const inBoth = Object.keys(a).filter((key) => key in b);
  const inOne = Math.max(Object.keys(a).length, Object.keys(b).length) - inBoth.length;
  return inBoth.reduce((sum, key) => sum + differences(a[key], b[key]), inOne);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
