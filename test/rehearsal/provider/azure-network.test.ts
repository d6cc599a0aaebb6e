import { describe, expect, it } from "vitest";
import { RESOURCE_GROUP, VIRTUAL_NETWORK } from "./support/azure-hcl";
import { Workbench } from "./support/workbench";

const bench = Workbench.forFile();

const NETWORK = RESOURCE_GROUP + VIRTUAL_NETWORK;

const ACTIONS = "Microsoft.Network/virtualNetworks/subnets";

function subnet(service: string, actions: string): string {
  return `${NETWORK}
    resource "azurerm_subnet" "given" {
      name                 = "given"
      resource_group_name  = azurerm_resource_group.group.name
      virtual_network_name = azurerm_virtual_network.network.name
      address_prefixes     = ["10.0.0.0/24"]
      delegation {
        name = "service"
        service_delegation {
          name    = "${service}"
          actions = ${actions}
        }
      }
    }`;
}

function links(...zones: readonly { readonly group: string; readonly name: string }[]): string {
  const parts = zones.map(
    ({ group, name }, index) => `
      resource "azurerm_resource_group" "zone${index}" {
        name     = "${group}"
        location = "westeurope"
      }
      resource "azurerm_private_dns_zone" "zone${index}" {
        name                = "${name}"
        resource_group_name = azurerm_resource_group.zone${index}.name
      }
      resource "azurerm_private_dns_zone_virtual_network_link" "link${index}" {
        name                  = "link"
        resource_group_name   = azurerm_resource_group.zone${index}.name
        private_dns_zone_name = azurerm_private_dns_zone.zone${index}.name
        virtual_network_id    = azurerm_virtual_network.network.id
      }`,
  );
  return NETWORK + parts.join("\n");
}

describe("a delegated subnet", () => {
  it.each([
    ["Microsoft.App/environments", `["${ACTIONS}/join/action"]`],
    ["Microsoft.Web/serverFarms", `["${ACTIONS}/action"]`],
  ])("for %s stays as it is with the action that Azure sets", async (service, actions) => {
    await bench.write(subnet(service, actions));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it.each([
    ["another action", "Microsoft.Web/serverFarms", `["${ACTIONS}/join/action"]`],
    ["none", "Microsoft.App/environments", "[]"],
  ])("changes at every plan with %s", async (_which, service, actions) => {
    await bench.write(subnet(service, actions));
    bench.apply();
    expect(bench.plan()).toEqual({ "azurerm_subnet.given": "update" });
    bench.apply();
    expect(bench.plan()).toEqual({ "azurerm_subnet.given": "update" });
  });
});

describe("a network", () => {
  it("follows private zones of two names", async () => {
    await bench.write(links({ group: "one", name: "a.example" }, { group: "two", name: "b.example" }));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("follows no second zone of the same name", async () => {
    await bench.write(links({ group: "one", name: "a.example" }, { group: "two", name: "a.example" }));
    expect(bench.applyRefused()).toContain("cannot be linked to multiple zones with overlapping namespaces");
  });
});

describe("a vault's days of soft deletion", () => {
  const vault = (days: number, tag: string) => `${NETWORK}
    resource "azurerm_key_vault" "vault" {
      name                       = "kv-fleet"
      resource_group_name        = azurerm_resource_group.group.name
      location                   = "westeurope"
      tenant_id                  = "00000000-0000-0000-0000-000000000001"
      sku_name                   = "standard"
      soft_delete_retention_days = ${days}
      tags                       = { which = "${tag}" }
    }`;

  it("stay while something else changes", async () => {
    await bench.write(vault(7, "one"));
    bench.apply();
    await bench.write(vault(7, "two"));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("cannot be changed", async () => {
    await bench.write(vault(7, "one"));
    bench.apply();
    await bench.write(vault(90, "one"));
    expect(bench.applyRefused()).toContain("softDeleteRetentionInDays");
  });
});
