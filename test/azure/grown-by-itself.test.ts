import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import type { LedgerFile } from "../../src/rehearsal/ledger";
import { environments } from "../support/fleet/stacks/environments";
import { registry } from "../support/fleet/stacks/environments/registry";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { type Deployed, usePlanning } from "../support/plan-stack";
import { billing, environment } from "../support/sample-fleet";
import { environmentStack, type FinishedResource, synthEnvironment, testApp } from "../support/synth";

type Attributes = Record<string, unknown>;

/** What Azure changes by itself once it has been told to: by type, the switch that tells it, and what comes of it. */
const GROWING: Readonly<
  Record<string, { readonly switchedBy: string; readonly grow: (attributes: Attributes) => Attributes }>
> = {
  azurerm_postgresql_flexible_server: {
    switchedBy: "auto_grow_enabled",
    grow: (server) => ({ ...server, storage_mb: 65_536, storage_tier: "P6", zone: "2" }),
  },
  azurerm_kubernetes_cluster: {
    switchedBy: "auto_scaling_enabled",
    grow: (cluster) => ({
      ...cluster,
      current_kubernetes_version: "1.35.9",
      default_node_pool: (cluster.default_node_pool as Attributes[]).map((pool) => ({
        ...pool,
        node_count: 5,
        orchestrator_version: "1.35.9",
      })),
    }),
  },
  azurerm_kubernetes_cluster_node_pool: {
    switchedBy: "auto_scaling_enabled",
    grow: (pool) => ({ ...pool, node_count: 7, orchestrator_version: "1.35.9" }),
  },
  azurerm_key_vault_certificate: {
    switchedBy: "lifetime_action",
    grow: (certificate) => ({ ...certificate, version: "f".repeat(32), thumbprint: "AB".repeat(20) }),
  },
};

const onContainerApps: Environment = {
  ...environment,
  azure: environment.azure && { ...environment.azure, network: { kind: "created" } },
  registry,
  gateway: {},
  identityProvider: { kind: "keycloak" },
};
const onAks: Environment = {
  ...aksEnvironment,
  azure: environment.azure && { ...environment.azure, network: { kind: "created" } },
  registry,
};

test("everything that is switched to growing by itself is among what is looked at here", () => {
  const switched = [...environments, onContainerApps, onAks]
    .filter(({ azure }) => azure !== undefined)
    .flatMap((each) => synthEnvironment(each).resources())
    .filter(({ arguments: given }) => switchesOf(given).length > 0);
  const found = new Map<string, Set<string>>();
  for (const { type, arguments: given } of switched) {
    found.set(type, new Set([...(found.get(type) ?? []), ...switchesOf(given)]));
  }
  expect(Object.fromEntries([...found].map(([type, names]) => [type, [...names]]).toSorted())).toMatchObject(
    Object.fromEntries(Object.entries(GROWING).map(([type, { switchedBy }]) => [type, [switchedBy]])),
  );
  expect([...found.keys()].toSorted()).toEqual(Object.keys(GROWING).toSorted());
});

/** Names of the switches in a resource's arguments that hand a size, a number or a content over to the cloud. */
function switchesOf(given: FinishedResource["arguments"]): string[] {
  if (typeof given !== "object" || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    name === "lifetime_action" || (/^auto_(?:grow|scal)/.test(name) && value === true)
      ? [name]
      : switchesOf(value),
  );
}

describe("what a cloud has grown by itself", () => {
  const { deployStack, planStack } = usePlanning();
  const snapshots: string[] = [];
  let images: Deployed;

  beforeAll(async () => {
    images = await deployStack(new RegistryStack(testApp(), registry));
  });
  afterAll(() => {
    for (const folder of snapshots) rmSync(folder, { recursive: true, force: true });
  });

  /** The cloud some months later. */
  const grow = (deployed: Deployed): { grown: Deployed; types: string[] } => {
    const snapshot = mkdtempSync(join(tmpdir(), "grown-"));
    snapshots.push(snapshot);
    cpSync(deployed.snapshot, snapshot, { recursive: true });
    const file = join(snapshot, "ledger.json");
    const ledger = JSON.parse(readFileSync(file, "utf8")) as LedgerFile;
    const types: string[] = [];
    const entries = Object.fromEntries(
      Object.entries(ledger.entries).map(([key, entry]) => {
        const growing = GROWING[entry.type];
        if (growing === undefined) return [key, entry];
        types.push(entry.type);
        return [key, { ...entry, attributes: growing.grow(entry.attributes as Attributes) }];
      }),
    );
    writeFileSync(file, JSON.stringify({ ...ledger, entries }));
    return { grown: { ...deployed, snapshot }, types };
  };

  test.each([
    [
      "on Container Apps",
      onContainerApps,
      ["azurerm_key_vault_certificate", "azurerm_postgresql_flexible_server"],
    ],
    ["on AKS", onAks, ["azurerm_kubernetes_cluster", "azurerm_kubernetes_cluster_node_pool"]],
  ] as const)("%s is neither put back nor replaced", async (_, of, expected) => {
    const prior = await deployStack(environmentStack(of, [billing]), { cloud: images });
    const { grown, types } = grow(prior);
    expect(types.toSorted()).toEqual(expected);
    const plan = await planStack(environmentStack(of, [billing]), { prior: grown });
    expect([...plan.actions].filter(([, action]) => action !== "no-op" && action !== "read")).toEqual([]);
    // What has grown did reach the plan: without the exceptions it would be taken away again.
    const json = environmentStack(of, [billing]).toTerraform() as {
      resource: Record<string, Record<string, Record<string, unknown>>>;
    };
    const server = Object.values(json.resource.azurerm_postgresql_flexible_server ?? {})[0];
    if (server !== undefined) {
      server.lifecycle = { ignore_changes: [] };
      const strict = await planStack(json, { prior: grown });
      const [address = ""] = [...strict.actions.keys()].filter((at) =>
        at.startsWith("azurerm_postgresql_flexible_server."),
      );
      expect(strict.changedArguments(address).map(({ path }) => path)).toContain("storage_mb");
    }
  });
});
