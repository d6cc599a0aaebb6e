import { join } from "node:path";
import { expect, test } from "vitest";
import { clouds } from "../../src/choices/clouds";
import { clusters } from "../../src/choices/clusters";
import { issuers } from "../../src/choices/issuers";
import { platforms } from "../../src/choices/platforms";
import { registries } from "../../src/choices/registries";
import { taskStores } from "../../src/choices/task-stores";
import { vaults } from "../../src/choices/vaults";
import { edges } from "../../src/cluster/facts/edges";
import type { Environment } from "../../src/environment/environment";
import type { ChosenParts, PlatformTraits } from "../../src/environment/platform-traits";
import { findPortability } from "../../src/fleet/portability";
import { asYaml } from "../support/as-yaml";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { aksEnvironment } from "../support/kubernetes-fleet";

// What is known of every choice, and what is said of an agent that asks for more than a platform has.

const choices = { clouds, clusters, edges, issuers, platforms, registries, taskStores, vaults };

/** Facts alone: what is computed from an environment, other tests ask. */
function facts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(facts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, fact]) =>
      name === "schema" || typeof fact === "function" ? [] : [[name, facts(fact)]],
    ),
  );
}

test("every choice is known to be what it is", async () => {
  await expect(asYaml(facts(choices) as object)).toMatchFileSnapshot(
    join(__dirname, "__snapshots__/choices.yaml"),
  );
});

const odd = {
  ...agentDefinition("odd"),
  audience: "customer-facing",
  cpu: 9,
  memoryMiB: 66_000,
  minReplicas: 0,
  maxReplicas: 1200,
  startupSeconds: 7300,
  terminationGraceSeconds: 700,
  taskDeadlineSeconds: 4000,
  egress: [{ host: "erp.acme.example" }, { cidr: "10.8.0.0/16", port: 5671 }],
  objectives: { successShare: 0.991 },
} as const;
const event = { kind: "event", scaler: "cron", metadata: {} } as const;
const agents = [
  { ...odd, scaling: { kind: "http", concurrentRequests: 1200 } },
  { ...odd, name: "eventful", scaling: event, metricsPort: null },
  { ...odd, name: "counted", scaling: { kind: "active-tasks", tasksPerReplica: 7 }, metricsPort: null },
  { ...odd, name: "peer", calls: ["odd", "eventful", "counted"], secrets: {} },
] as const;
const environments: Readonly<Record<string, Environment>> = {
  "on AKS": { ...aksEnvironment, mesh: { kind: "dapr" }, corsOrigins: ["https://acme.example"] },
  "in a cluster without a cloud": {
    ...kubernetesEnvironment,
    kubernetes: {
      cluster: { kind: "existing", context: "plain" },
      edge: { kind: "nginx", controller: "ingress-nginx", certificates: { kind: "issuer", name: "own" } },
    },
    gateway: {},
    agents: { odd: { traffic: [{ revision: "v1", percent: 100 }] } },
  },
  "in a closed cluster": {
    ...kubernetesEnvironment,
    stage: "staging",
    alerts: { runbookUrl: "https://wiki.acme.example" },
    kubernetes: { cluster: { kind: "existing", context: "closed" }, autoscaling: "metrics-adapter" },
  },
};

test("an agent that asks for more than there is hears of each thing what becomes of it", async () => {
  const heard = Object.entries(environments).flatMap(([place, environment]) =>
    findPortability(agents, environment).flatMap(({ agent, platform, limits }) =>
      limits.map(({ aspect, outcome, why }) => ({
        what: `${platform}: ${aspect}, ${outcome}`,
        why,
        who: `${agent} ${place}`,
      })),
    ),
  );
  const said = grouped(
    heard,
    ({ what }) => what,
    (them) =>
      grouped(
        them,
        ({ why }) => why,
        (those) => those.map(({ who }) => who).join(", "),
      ),
  );
  await expect(asYaml(said)).toMatchFileSnapshot(join(__dirname, "__snapshots__/limits.yaml"));
});

test("a platform says of every part that its agents cannot use why, and what they can", async () => {
  const parts = { vault: vaults, taskStore: taskStores, registry: registries } as const;
  const usual = { vault: vaults[0], taskStore: taskStores[0], registry: registries[0] };
  const said = platforms.map((platform: PlatformTraits) => {
    const whys = Object.entries(parts).flatMap(([part, kinds]) =>
      kinds.flatMap((kind) =>
        (platform.unusable?.({ ...usual, [part]: kind } as ChosenParts) ?? [])
          .filter((unusable) => unusable.part === part)
          .map(({ why }) => [`${part} '${kind.kind}'`, why]),
      ),
    );
    return [platform.kind, Object.fromEntries(whys)];
  });
  await expect(asYaml(Object.fromEntries(said))).toMatchFileSnapshot(
    join(__dirname, "__snapshots__/unusable.yaml"),
  );
});

function grouped<T, U>(
  all: readonly T[],
  by: (one: T) => string,
  of: (some: readonly T[]) => U,
): Record<string, U> {
  const keys = [...new Set(all.map(by))];
  return Object.fromEntries(keys.map((key) => [key, of(all.filter((one) => by(one) === key))]));
}
