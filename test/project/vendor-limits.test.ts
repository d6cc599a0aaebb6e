import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { findValueProblems } from "../../src/rehearsal/provider/validation/validate-config";
import type { ObjectValue, Value } from "../../src/rehearsal/provider/value";
import {
  CONTAINER_APP_SCALERS,
  GATEWAY_SKU,
  managedRedisSkus,
  nameOf,
  postgresSkus,
  vendorTexts,
} from "../../src/vendor-limits";
import { changedFleet, type FleetChange } from "../fleet/broken-fleets";
import { schemaOf } from "../support/provider-verdict";

/** Whether a provider takes a value as one argument, `ingress.target_port`, whatever else it would miss. */
function vendorTakes(type: string, argument: string, value: Value): boolean {
  const steps = argument.split(".");
  const last = steps.at(-1) as string;
  const config = steps.reduceRight<Value>(
    (inner, step, index) => (index === steps.length - 1 ? { [step]: inner } : { [step]: [inner] }) as Value,
    value,
  );
  return !findValueProblems(schemaOf(type), config as ObjectValue, {}).some(
    ({ severity, path }) => severity === "error" && path?.at(-1) === last,
  );
}

describe.each(Object.entries(vendorTexts))("a name of a %s", (kind, { type, argument }) => {
  const ours = nameOf(kind as keyof typeof vendorTexts);
  const characters = ["a", "m", "z", "A", "Z", "0", "9", ..."-_.()!#$%&'*+,/:;<=>?@[]^`{|}~ ", "ä"];
  const plain = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-");
  const any = fc.oneof(
    fc.string({ unit: plain, minLength: 1, maxLength: 90 }),
    fc.string({ unit: plain, minLength: 1, maxLength: 12 }).map((name) => name.replaceAll("-", "")),
    fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 8 }),
    // Around every length that a vendor could have a limit at.
    fc
      .tuple(fc.constantFrom(...characters), fc.integer({ min: 0, max: 260 }), fc.constantFrom(...characters))
      .map(([first, length, last]) => `${first}${"a".repeat(length)}${last}`),
  );

  test("is taken here when its provider takes it, and at no other time", () => {
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(any, (name) => {
        const vendor = vendorTakes(type, argument, name);
        taken[vendor ? "yes" : "no"]++;
        expect(ours.safeParse(name).success, name).toBe(vendor);
      }),
      { numRuns: 400, seed: 1 },
    );
    // Both sides were seen.
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(10);
  });
});

/** A number that a setting holds, where it ends up, and a fleet with it. */
const numbers: readonly (readonly [
  setting: string,
  type: string,
  argument: string,
  fleet: (value: number) => FleetChange,
])[] = [
  [
    "retentionDays",
    "azurerm_log_analytics_workspace",
    "retention_in_days",
    (retentionDays) => ({ environment: { retentionDays } }),
  ],
  [
    "taskStore.backupRetentionDays",
    "azurerm_postgresql_flexible_server",
    "backup_retention_days",
    (backupRetentionDays) => ({
      environment: { taskStore: { kind: "azure-postgres", backupRetentionDays } },
    }),
  ],
  [
    "port",
    "azurerm_container_app",
    "ingress.target_port",
    (port) => ({ billing: { port, metricsPort: null } }),
  ],
  [
    "maxReplicas",
    "azurerm_container_app",
    "template.max_replicas",
    (maxReplicas) => ({ billing: { minReplicas: 0, maxReplicas } }),
  ],
  [
    "budget.monthly",
    "azurerm_consumption_budget_resource_group",
    "amount",
    (monthly) => ({ environment: { budget: { monthly } } }),
  ],
  [
    "kubernetes.cluster.systemNodes.maxNodes",
    "azurerm_kubernetes_cluster",
    "default_node_pool.max_count",
    (maxNodes) => ({
      environment: {
        platform: "kubernetes",
        kubernetes: {
          cluster: { kind: "aks", systemNodes: { minNodes: 1, maxNodes } },
          edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "corporate" } },
        },
      },
    }),
  ],
];

describe.each(numbers)("%s", (_setting, type, argument, fleet) => {
  const edges = [0, 1, 7, 30, 35, 300, 730, 1000, 65_535].flatMap((edge) => [edge - 1, edge, edge + 1]);

  test(`is taken here when ${argument} is, and at no other time`, () => {
    const differ = edges.filter((value) => {
      const { definitions, environment: changed } = changedFleet(fleet(value));
      const ours = resolveFleet(definitions, changed).problems.length === 0;
      return ours !== vendorTakes(type, argument, value);
    });
    expect(differ).toEqual([]);
    expect(new Set(edges.map((value) => vendorTakes(type, argument, value))).size).toBe(2);
  });
});

describe("sizes", () => {
  const gatewayWith = (sku: string) => {
    const change = { environment: { gateway: { sku }, identityProvider: { kind: "entra" } } };
    const { definitions, environment: changed } = changedFleet(change);
    return resolveFleet(definitions, changed).problems.map(({ message }) => message);
  };

  test("of a flexible server are such as its provider takes, by what is known of it", () => {
    // The provider decides in code; these two are what was tried of it.
    for (const sku of schemaOf("azurerm_postgresql_flexible_server").rules?.format?.sku_name?.accepts ?? []) {
      expect(postgresSkus).toContain(sku);
    }
    for (const sku of postgresSkus)
      expect(vendorTakes("azurerm_postgresql_flexible_server", "sku_name", sku)).toBe(true);
    expect(new Set(postgresSkus).size).toBe(postgresSkus.length);
  });

  test("scalers of Container Apps are those of its provider", () => {
    const { type, argument, names } = CONTAINER_APP_SCALERS;
    expect([...names]).toEqual(schemaOf(type).rules?.allowed?.[argument]);
  });

  test("of Azure Managed Redis are those of its provider", () => {
    const { allowed } = schemaOf("azurerm_managed_redis").rules ?? {};
    expect(managedRedisSkus.toSorted()).toEqual([...(allowed?.sku_name ?? [])].map(String).toSorted());
  });

  test.each([
    "Consumption_0",
    "Basic_2",
    "BasicV2_10",
    "Developer_1",
    "Premium_12",
    "PremiumV2_30",
    "Standard_4",
    "StandardV2_10",
  ])("of API Management, %s, are taken as its provider takes them", (sku) => {
    expect(vendorTakes(GATEWAY_SKU.type, GATEWAY_SKU.argument, sku)).toBe(true);
    expect(gatewayWith(sku).filter((message) => message.includes("is no tier"))).toEqual([]);
  });

  test.each([
    "Consumption_1",
    "Basic_3",
    "Developer_2",
    "Premium_100",
    "PremiumV2_31",
    "Standard_5",
    "StandardV2_11",
    "Premium",
  ])("of API Management, %s, are refused as its provider refuses them", (sku) => {
    expect(vendorTakes(GATEWAY_SKU.type, GATEWAY_SKU.argument, sku)).toBe(false);
    expect(gatewayWith(sku)).not.toEqual([]);
  });
});
