import { describe, expect, it } from "vitest";
import type { TypeSchema } from "../../../src/rehearsal/provider/schema/schema";
import { SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import { RESOURCE_GROUP } from "./support/azure-hcl";
import { PROVIDERS, Workbench } from "./support/workbench";

const bench = Workbench.forFile();

/** A schema without what says nothing: descriptions, and flags that are off. */
function essence(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(essence);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== "description_kind" && value !== false)
      .map(([key, value]) => [key, essence(value)]),
  );
}

describe("what Terraform reads", () => {
  it.each([
    ["azurerm", "azurerm_container_app"],
    ["azurerm", "azurerm_key_vault_secret"],
    ["google", "google_cloud_run_v2_service"],
    ["helm", "helm_release"],
    ["kubernetes", "kubernetes_manifest"],
  ])("is the schema of the real provider: %s, %s", async (provider, type) => {
    await bench.write(`resource "${type}" "one" {}`);
    const dump = JSON.parse(bench.terraform("providers", "schema", "-json").text);
    const served =
      dump.provider_schemas[`registry.terraform.io/hashicorp/${provider}`].resource_schemas[type];
    const { rules: _, ...stored } = new SchemaStore(provider).find("resource", type) as TypeSchema;
    expect(essence(served)).toEqual(essence(stored));
  });
});

describe("a configuration over all providers", () => {
  it("applies, settles and is destroyed, with ids like the real ones", async () => {
    await bench.write(`
      ${RESOURCE_GROUP}
      resource "azurerm_log_analytics_workspace" "logs" {
        name                = "log-fleet"
        resource_group_name = azurerm_resource_group.group.name
        location            = "westeurope"
      }
      resource "azuread_application" "api" {
        display_name = "fleet"
      }
      resource "google_service_account" "agent" {
        account_id = "agent-research"
        depends_on = [time_sleep.wait]
      }
      resource "kubernetes_namespace_v1" "agents" {
        metadata {
          name = "agents"
        }
      }
      resource "kubernetes_service_account_v1" "agent" {
        metadata {
          name      = "inventory"
          namespace = kubernetes_namespace_v1.agents.metadata[0].name
        }
      }
      resource "kubernetes_manifest" "map" {
        manifest = {
          apiVersion = "v1"
          kind       = "ConfigMap"
          metadata   = { name = "cards", namespace = "agents" }
          data       = { card = "{}" }
        }
        depends_on = [kubernetes_namespace_v1.agents]
      }
      resource "helm_release" "dapr" {
        name       = "dapr"
        repository = "https://dapr.github.io/helm-charts"
        chart      = "dapr"
        namespace  = kubernetes_namespace_v1.agents.metadata[0].name
        set        = [{ name = "global.ha.enabled", value = "true" }]
      }
      resource "random_password" "key" {
        length = 24
      }
      resource "random_string" "suffix" {
        length  = 6
        special = false
        upper   = false
      }
      resource "time_sleep" "wait" {
        create_duration = "120s"
      }
    `);
    expect(bench.apply()).toContain("11 added");
    expect(bench.plan()).toEqual({});
    const state = bench.state();
    const id = (address: string) => state[address]?.id;
    const group = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-fleet";
    expect(id("azurerm_resource_group.group")).toBe(group);
    expect(id("azurerm_log_analytics_workspace.logs")).toBe(
      `${group}/providers/Microsoft.OperationalInsights/workspaces/log-fleet`,
    );
    expect(id("azuread_application.api")).toMatch(/^\/applications\/[0-9a-f-]{36}$/);
    expect(id("google_service_account.agent")).toBe(
      "projects/fleet-project/serviceAccounts/agent-research@fleet-project.iam.gserviceaccount.com",
    );
    expect(id("kubernetes_service_account_v1.agent")).toBe("agents/inventory");
    expect(id("helm_release.dapr")).toBe("dapr");
    expect(state["random_password.key"]?.result).toHaveLength(24);
    expect(state["random_string.suffix"]?.result).toMatch(/^[a-z0-9]{6}$/);
    expect(id("time_sleep.wait")).toBe("2026-11-01T00:00:00Z");
    expect(bench.destroy()).toContain("11 destroyed");
    expect(bench.ledger().entries).toEqual({});
  });

  it("gives the same values for the same seed, and different ones to two of a kind", async () => {
    await bench.write(`
      resource "random_password" "one" {
        length = 20
      }
      resource "random_password" "two" {
        length = 20
      }
    `);
    bench.apply();
    const { "random_password.one": one, "random_password.two": two } = bench.state();
    expect(one?.result).not.toBe(two?.result);
    expect(bench.ledger().canaries).toEqual(expect.arrayContaining([one?.result, two?.result]));
  });

  it("keeps two aliases apart", async () => {
    await bench.write(
      `
      ${RESOURCE_GROUP}
      resource "azurerm_resource_group" "other" {
        provider = azurerm.other
        name     = "rg-fleet"
        location = "westeurope"
      }
      data "azurerm_subscription" "other" {
        provider = azurerm.other
      }
      output "other" {
        value = data.azurerm_subscription.other.subscription_id
      }
      `,
      `${PROVIDERS}
      provider "azurerm" {
        alias           = "other"
        subscription_id = "00000000-0000-0000-0000-00000000000b"
        features {}
      }
      `,
    );
    bench.apply();
    const state = bench.state();
    expect(state["azurerm_resource_group.group"]?.id).toContain("00000000000a");
    expect(state["azurerm_resource_group.other"]?.id).toContain("00000000000b");
    expect(bench.outputs().other).toBe("00000000-0000-0000-0000-00000000000b");
    expect(bench.plan()).toEqual({});
  });
});

describe("changes", () => {
  const app = (location: string, tag: string) => `
    resource "azurerm_user_assigned_identity" "agent" {
      name                = "id-agent"
      resource_group_name = "rg-fleet"
      location            = "${location}"
      tags                = { team = "${tag}" }
    }
    output "principal" {
      value = azurerm_user_assigned_identity.agent.principal_id
    }
  `;

  it("names what forces a replacement, and updates the rest in place", async () => {
    await bench.write(app("westeurope", "a"));
    bench.apply();
    await bench.write(app("westeurope", "b"));
    expect(bench.plan()).toEqual({ "azurerm_user_assigned_identity.agent": "update" });
    await bench.write(app("northeurope", "a"));
    expect(bench.plan()).toEqual({ "azurerm_user_assigned_identity.agent": "replace" });
    expect(bench.working("plan")).toContain('"westeurope" -> "northeurope" # forces replacement');
    expect(bench.apply()).toContain("1 added, 0 changed, 1 destroyed");
    expect(bench.plan()).toEqual({});
  });

  it("shows what was changed or deleted behind Terraform's back", async () => {
    await bench.write(app("westeurope", "a"));
    bench.apply();
    bench.editLedger(({ entries }) => {
      for (const entry of Object.values(entries)) entry.attributes.tags = { team: "somebody else" };
    });
    expect(bench.plan()).toEqual({ "azurerm_user_assigned_identity.agent": "update" });
    bench.apply();
    expect(bench.plan()).toEqual({});
    bench.editLedger((ledger) => {
      ledger.entries = {};
    });
    expect(bench.plan()).toEqual({ "azurerm_user_assigned_identity.agent": "create" });
  });

  it("follows moved blocks, and imports what is there", async () => {
    await bench.write(app("westeurope", "a"));
    bench.apply();
    await bench.write(`
      ${app("westeurope", "a").replaceAll("agent", "renamed").replace("id-renamed", "id-agent")}
      moved {
        from = azurerm_user_assigned_identity.agent
        to   = azurerm_user_assigned_identity.renamed
      }
    `);
    expect(bench.plan()).toEqual({});
    bench.apply();
    const id = bench.state()["azurerm_user_assigned_identity.renamed"]?.id as string;
    bench.working("state", "rm", "azurerm_user_assigned_identity.renamed");
    await bench.write(app("westeurope", "a"));
    expect(bench.applyRefused()).toContain(
      `A resource with the ID "${id}" already exists - to be managed via Terraform this resource needs to be imported into the State.`,
    );
    bench.working("import", "azurerm_user_assigned_identity.agent", id);
    expect(bench.plan()).toEqual({});
    bench.working("state", "rm", "azurerm_user_assigned_identity.agent");
    expect(bench.refused("import", "azurerm_user_assigned_identity.agent", `${id}-missing`)).toContain(
      "Cannot import non-existent remote object",
    );
  });
});

describe("data sources", () => {
  const lookUp = `
    data "azurerm_container_registry" "shared" {
      name                = "acrfleet"
      resource_group_name = "rg-shared"
    }
    data "kubernetes_namespace_v1" "agents" {
      metadata {
        name = "agents"
      }
    }
    data "google_service_account" "agent" {
      account_id = "agent-research"
    }
    output "found" {
      value = [data.azurerm_container_registry.shared.login_server, data.kubernetes_namespace_v1.agents.metadata[0].labels.team, data.google_service_account.agent.email]
    }
  `;

  it("find what another stack has made, and fail like the real ones where there is nothing", async () => {
    await bench.write(lookUp);
    const missing = bench.refused("plan");
    expect(missing).toContain('Container Registry (Subscription: "00000000-0000-0000-0000-00000000000a"');
    expect(missing).toContain('namespaces "agents" not found');
    expect(missing).toContain("googleapi: Error 404");
    await bench.write(`
      resource "azurerm_container_registry" "shared" {
        name                = "acrfleet"
        resource_group_name = "rg-shared"
        location            = "westeurope"
        sku                 = "Premium"
      }
      resource "kubernetes_namespace" "agents" {
        metadata {
          name   = "agents"
          labels = { team = "fleet" }
        }
      }
      resource "google_service_account" "agent" {
        account_id = "agent-research"
      }
    `);
    bench.apply();
    bench.working(
      "state",
      "rm",
      "azurerm_container_registry.shared",
      "kubernetes_namespace.agents",
      "google_service_account.agent",
    );
    await bench.write(lookUp);
    bench.apply();
    expect(bench.outputs().found).toEqual([
      "acrfleet.azurecr.io",
      "fleet",
      "agent-research@fleet-project.iam.gserviceaccount.com",
    ]);
  });

  it("find what was there before Terraform came, and leave it there", async () => {
    bench.scenario({
      existing: [
        {
          type: "azurerm_container_registry",
          attributes: {
            name: "acrfleet",
            resource_group_name: "rg-shared",
            location: "westeurope",
            sku: "Premium",
          },
        },
        {
          type: "kubernetes_namespace_v1",
          attributes: { metadata: [{ name: "agents", labels: { team: "fleet" } }] },
        },
        {
          type: "google_service_account",
          scope: "fleet-project",
          attributes: { account_id: "agent-research" },
        },
      ],
    });
    await bench.write(lookUp);
    bench.apply();
    expect(bench.outputs().found).toEqual([
      "acrfleet.azurecr.io",
      "fleet",
      "agent-research@fleet-project.iam.gserviceaccount.com",
    ]);
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(Object.values(bench.ledger().entries).map(({ id, addedBy }) => id === addedBy)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("answer who is asking without anything in the ledger", async () => {
    await bench.write(`
      data "azurerm_client_config" "me" {}
      data "google_client_config" "me" {}
      data "google_project" "this" {}
      output "answers" {
        value = [data.azurerm_client_config.me.tenant_id, data.google_client_config.me.project, data.google_project.this.number]
      }
    `);
    bench.apply();
    expect(bench.outputs().answers).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      "fleet-project",
      expect.stringMatching(/^\d{12}$/),
    ]);
  });
});

describe("wrong stacks fail with Terraform's own message", () => {
  it.each([
    ["an unknown argument", `${RESOURCE_GROUP.replace("location", "lokation")}`, "Unsupported argument"],
    [
      "a missing one",
      `resource "azurerm_resource_group" "group" {\n name = "rg"\n}`,
      "Missing required argument",
    ],
    ["a wrong type", `${RESOURCE_GROUP.replace("}", "tags = 5\n}")}`, "Incorrect attribute value type"],
    [
      "a reference to nothing",
      `output "x" {\n value = azurerm_resource_group.nothing.id\n}`,
      "Reference to undeclared resource",
    ],
    ["an unknown type", `resource "azurerm_resource_grupp" "g" {}`, "Invalid resource type"],
    ["a cycle", `locals {\n one = local.two\n two = local.one\n}`, "Cycle: local."],
  ])("%s", async (_, configuration, message) => {
    await bench.write(configuration);
    expect(bench.refused("validate")).toContain(message);
  });

  it("a provider that isn't configured", async () => {
    await bench.write(RESOURCE_GROUP, `provider "azurerm" {\n features {}\n}`);
    expect(bench.refused("plan")).toContain("`subscription_id` is a required provider property");
  });
});
