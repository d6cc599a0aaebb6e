import { beforeAll, describe, expect, test } from "vitest";
import type { FinishedStack } from "../../src/checklist/checklist-item";
import { azureMeters, type RetailPrice, refreshAzurePrices } from "../../src/review/azure-prices";
import { estimateCost, type PriceTable, sayCost } from "../../src/review/estimate-cost";
import { billings } from "../../src/review/meters";
import prices from "../../src/review/prices.json";
import { subjectOf } from "../support/checked-fleet";
import { environments } from "../support/fleet/stacks/environments";

const table = (amounts: Readonly<Record<string, number>>): PriceTable => ({
  currency: "USD",
  asOf: "2026-11",
  provenance: "a test",
  prices: Object.fromEntries(
    Object.entries(amounts).map(([name, price]) => [name, { price, region: "eastus", source: "a test" }]),
  ),
});
const stack = (resource: object): FinishedStack[] => [{ name: "test", json: { resource } }];
const app = (replicas: object, memory = "1Gi") => ({
  azurerm_container_app: {
    inventory_resource_2834481A: { template: { ...replicas, container: [{ cpu: 0.5, memory }] } },
  },
});
const SECONDS = 730 * 3600;

describe("an agent on Container Apps", () => {
  const known = table({
    "container-apps-active-vcpu-second": 10,
    "container-apps-idle-vcpu-second": 1,
    "container-apps-gib-second": 2,
  });

  test("costs its least replicas when idle, and its most at full scale", () => {
    const { owners } = estimateCost(stack(app({ min_replicas: 1, max_replicas: 4 })), known);
    expect(owners).toEqual([
      {
        kind: "agent",
        name: "inventory",
        idle: SECONDS * (0.5 * 1 + 1 * 2),
        full: SECONDS * 4 * (0.5 * 10 + 1 * 2),
        unknown: [],
      },
    ]);
  });

  test("costs nothing at zero replicas", () => {
    expect(estimateCost(stack(app({ min_replicas: 0, max_replicas: 1 }, "512Mi")), known)).toMatchObject({
      idle: 0,
      full: SECONDS * (0.5 * 10 + 0.5 * 2),
    });
  });

  test("says what has no price", () => {
    const { unknown, idle } = estimateCost(stack(app({ min_replicas: 1, max_replicas: 1 })), table({}));
    expect(idle).toBe(0);
    expect(unknown).toContain("container-apps-gib-second: no price");
  });
});

test("Cloud Run, nodes and a gateway are counted by what they are told", () => {
  const { owners } = estimateCost(
    stack({
      google_cloud_run_v2_service: {
        research_service_resource_795A6F22: {
          scaling: { min_instance_count: 2 },
          template: {
            scaling: { max_instance_count: 3 },
            containers: [{ resources: { limits: { cpu: "500m", memory: "1Gi" } } }],
          },
        },
      },
      azurerm_kubernetes_cluster_node_pool: {
        shared_cluster_agents_12345678: { vm_size: "Standard_D4ds_v5", min_count: 3, max_count: 9 },
      },
      azurerm_api_management: { shared_gateway_service_12345678: { sku_name: "StandardV2_2" } },
    }),
    table({
      "cloud-run-idle-vcpu-second": 1,
      "cloud-run-active-vcpu-second": 1,
      "cloud-run-gib-second": 1,
      "node-Standard_D4ds_v5-hour": 1,
      "api-management-StandardV2-month": 700,
    }),
  );
  expect(owners.map(({ name, idle, full }) => [name, idle, full])).toEqual([
    ["research", SECONDS * 2 * 1.5, SECONDS * 3 * 1.5],
    ["cluster", 730 * 3, 730 * 9],
    ["gateway", 1400, 1400],
  ]);
});

describe("what ships", () => {
  let stacks: readonly FinishedStack[];
  beforeAll(async () => {
    const subjects = [];
    for (const environment of environments) subjects.push(await subjectOf(environment));
    stacks = subjects.flatMap((subject) => subject.stacks);
  }, 120_000);

  test("has no resource of which nobody said how it is billed", () => {
    const types = stacks.flatMap(({ json }) => Object.keys((json as { resource?: object }).resource ?? {}));
    expect(types.length).toBeGreaterThan(40);
    expect([...new Set(types)].filter((type) => billings[type] === undefined)).toEqual([]);
    // One that nobody knows is seen.
    const { unknown } = estimateCost(stack({ azurerm_quantum: { one: {} } }), prices);
    expect(unknown).toEqual(["azurerm_quantum: nobody said how it is billed"]);
  });

  test("has more at full scale than at idle, and prices with a source", () => {
    const { idle, full } = estimateCost(stacks, prices);
    expect(idle).toBeGreaterThan(0);
    expect(full).toBeGreaterThan(idle);
    for (const { price, source } of Object.values(prices.prices)) {
      expect(price).toBeGreaterThan(0);
      expect(source).toMatch(/^https:\/\//);
    }
  });
});

test.each([
  [12.4, 340.6, "USD 12 to 341 a month"],
  [1200, 1200, "USD 1,200 a month"],
])("%d and %d are said as %s", (idle, full, says) => {
  expect(sayCost({ idle, full }, "USD")).toBe(says);
});

describe("the price list of Azure", () => {
  const own: PriceTable = {
    currency: "USD",
    asOf: "2025-06",
    provenance: "made up",
    prices: {
      "api-management-StandardV2-month": { price: 1, region: "westeurope", source: "https://old.example" },
      "node-Standard_D2ds_v5-hour": { price: 2, region: "westeurope", source: "https://old.example" },
      "cloud-run-gib-second": { price: 3, region: "europe-west4", source: "https://cloud.google.com/run" },
    },
  };
  const line = (change: Partial<RetailPrice> = {}): RetailPrice => ({
    currencyCode: "USD",
    tierMinimumUnits: 0,
    retailPrice: 0.9589,
    unitOfMeasure: "1 Hour",
    armRegionName: "westeurope",
    productName: "API Management",
    skuName: "Standard v2",
    meterName: "Standard v2 Unit",
    ...change,
  });
  const machine = { retailPrice: 0.136, productName: "Virtual Machines Ddsv5 Series", skuName: "D2ds v5" };
  const refresh = (gateway: RetailPrice[], node: RetailPrice[]) =>
    refreshAzurePrices(
      own,
      async (question) => (question.includes("Management") ? gateway : node),
      "2026-11-21",
    );

  test("is taken where it has one price, with its day and the question", async () => {
    const sale = { ...machine, retailPrice: 0.02, skuName: "D2ds v5 Spot" };
    const windows = { ...machine, retailPrice: 0.2, productName: `${machine.productName} Windows` };
    const { table, kept } = await refresh([line()], [line(sale), line(machine), line(windows)]);
    expect(table.prices["api-management-StandardV2-month"]).toEqual({
      price: 699.997,
      region: "westeurope",
      source: expect.stringContaining("meterName%20eq%20'Standard%20v2%20Unit'"),
      asOf: "2026-11-21",
    });
    expect(table.prices["node-Standard_D2ds_v5-hour"]?.price).toBe(0.136);
    expect(table.prices["node-Standard_D2ds_v5-hour"]?.source).toContain("armRegionName%20eq%20'westeurope'");
    // Google's is asked with a key of its own.
    expect(table.prices["cloud-run-gib-second"]).toEqual(own.prices["cloud-run-gib-second"]);
    expect(kept).toEqual([expect.stringMatching(/^cloud-run-gib-second: compare/)]);
  });

  test.each([
    ["nothing", []],
    ["two prices", [line(), line({ retailPrice: 1.2 })]],
    ["a free amount", [line({ retailPrice: 0 })]],
    ["another unit", [line({ unitOfMeasure: "1 GB" })]],
    ["another currency", [line({ currencyCode: "EUR" })]],
  ])("that has %s is no answer", async (_what, found) => {
    const { table, kept } = await refresh(found, [line(machine)]);
    expect(table.prices["api-management-StandardV2-month"]).toEqual(
      own.prices["api-management-StandardV2-month"],
    );
    expect(kept).toContainEqual(expect.stringMatching(/^api-management-StandardV2-month: Azure's list has/));
  });

  test("is asked about nothing that the table has not", () => {
    expect(Object.keys(azureMeters).filter((name) => !(name in prices.prices))).toEqual([]);
  });
});
