import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Workbench } from "./support/workbench";

const bench = Workbench.forFile();

const STACK = `
  resource "azurerm_resource_group" "group" {
    name     = "rg-fleet"
    location = "westeurope"
  }
  resource "azurerm_virtual_network" "network" {
    name                = "vnet"
    resource_group_name = azurerm_resource_group.group.name
    location            = "westeurope"
    address_space       = ["10.0.0.0/16"]
    tags                = { release = "1" }
  }
  resource "azurerm_log_analytics_workspace" "logs" {
    name                = "log-fleet"
    resource_group_name = azurerm_resource_group.group.name
    location            = "westeurope"
  }
`;

const ADDRESSES = [
  "azurerm_log_analytics_workspace.logs",
  "azurerm_resource_group.group",
  "azurerm_virtual_network.network",
];

function ledgerIds(): unknown[] {
  return Object.values(bench.ledger().entries).map(({ id }) => id);
}

function stateIds(): unknown[] {
  return Object.values(bench.state()).map(({ id }) => id);
}

/** Everything is there once, nothing is left to do, and cloud and state agree. */
function expectConverged(): void {
  expect(bench.plan()).toEqual({});
  expect(Object.keys(bench.state()).sort()).toEqual(ADDRESSES);
  expect(ledgerIds().sort()).toEqual(stateIds().sort());
}

describe("a resource fails on demand", () => {
  it("at its first creation, and the rerun converges", async () => {
    bench.scenario({
      faults: [{ type: "azurerm_virtual_network", name: "vnet", attempt: 1, error: "the region is full" }],
    });
    await bench.write(STACK);
    expect(bench.applyRefused()).toContain("Error: the region is full");
    expect(Object.keys(bench.state()).sort()).toEqual(
      ADDRESSES.filter((address) => !address.includes("network.n")),
    );
    bench.apply();
    expectConverged();
  });

  it("at a creation that leaves an orphan, which the cloud has and the state hasn't", async () => {
    bench.scenario({
      faults: [{ type: "azurerm_virtual_network", attempt: 1, error: "timed out", remains: "orphan" }],
    });
    await bench.write(STACK);
    expect(bench.applyRefused()).toContain("timed out");
    expect(ledgerIds().length).toBe(stateIds().length + 1);
    expect(bench.applyRefused()).toContain("already exists - to be managed via Terraform");
    const id = ledgerIds().find((found) => String(found).endsWith("/vnet")) as string;
    bench.working("import", "azurerm_virtual_network.network", id);
    bench.apply();
    expectConverged();
  });

  it("at a creation that leaves it tainted, and the rerun replaces it", async () => {
    bench.scenario({
      faults: [{ type: "azurerm_virtual_network", attempt: 1, error: "half done", remains: "tainted" }],
    });
    await bench.write(STACK);
    expect(bench.applyRefused()).toContain("half done");
    expect(bench.plan()).toEqual({ "azurerm_virtual_network.network": "replace" });
    bench.apply();
    expectConverged();
  });

  it("at an update and at a deletion, and stays as it was", async () => {
    await bench.write(STACK);
    bench.apply();
    bench.scenario({
      faults: [
        { type: "azurerm_virtual_network", action: "update", attempt: 1, error: "not now" },
        { type: "azurerm_virtual_network", action: "delete", attempt: 1, error: "still in use" },
      ],
    });
    await bench.write(STACK.replace('"1"', '"2"'));
    expect(bench.applyRefused()).toContain("not now");
    expect(bench.state()["azurerm_virtual_network.network"]?.tags).toEqual({ release: "1" });
    bench.apply();
    expectConverged();
    expect(bench.destroyRefused()).toContain("still in use");
    bench.destroy();
    expect(ledgerIds()).toEqual([]);
  });
});

describe("a run that is ended in the middle", () => {
  it.each(["SIGKILL", "SIGINT"] as const)("by %s converges on the rerun", async (signal) => {
    bench.scenario({ faults: [{ type: "azurerm_virtual_network", attempt: 1, delayMs: 20_000 }] });
    await bench.write(STACK);
    const run = bench.launch("apply", "-auto-approve", "-input=false");
    const ended = once(run, "exit");
    // What the cloud has made and Terraform hasn't written down yet is lost to a kill, here as for real.
    while (
      !bench.hasState("azurerm_log_analytics_workspace") ||
      Object.keys(bench.ledger().attempts).length === 0
    ) {
      await sleep(20);
    }
    run.kill(signal);
    await ended;
    bench.apply();
    expectConverged();
  });
});
