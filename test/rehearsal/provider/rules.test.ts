import { describe, expect, it } from "vitest";
import { PROVIDERS, Workbench } from "./support/workbench";

const bench = Workbench.forFile();

function vaultData(name: string): string {
  return `
    data "azurerm_key_vault" "v" {
      name                = "${name}"
      resource_group_name = "rg"
    }
  `;
}

function registry(sku: string, name = "acrfleet"): string {
  return `
    resource "azurerm_container_registry" "r" {
      name                = "${name}"
      resource_group_name = "rg"
      location            = "westeurope"
      sku                 = "${sku}"
    }
  `;
}

function app(settings: { readonly probeTimeout?: number; readonly name?: string }): string {
  return `
    resource "azurerm_container_app" "a" {
      name                         = "${settings.name ?? "inventory"}"
      resource_group_name          = "rg"
      container_app_environment_id = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.App/managedEnvironments/e"
      revision_mode                = "Single"
      template {
        container {
          name   = "a"
          image  = "i"
          cpu    = 0.25
          memory = "0.5Gi"
          readiness_probe {
            transport = "http"
            port      = 8000
            timeout   = ${settings.probeTimeout ?? 5}
          }
        }
      }
    }
  `;
}

function secret(extra: string): string {
  return `
    resource "azurerm_key_vault_secret" "s" {
      name         = "key"
      key_vault_id = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"
      ${extra}
    }
  `;
}

function kubernetesSecret(metadata: string, extra = ""): string {
  return `
    resource "kubernetes_secret_v1" "s" {
      metadata {
        ${metadata}
      }
      ${extra}
    }
  `;
}

function group(extra: string): string {
  return `
    resource "azuread_group" "g" {
      display_name = "fleet"
      ${extra}
    }
  `;
}

function alert(extra: string): string {
  return `
    resource "google_monitoring_uptime_check_config" "c" {
      display_name = "cards"
      timeout      = "10s"
      ${extra}
    }
  `;
}

/** Kind of rule, a configuration that passes, its twin that differs in one place, and what is said about it. */
const TWINS: readonly (readonly [string, string, string, string])[] = [
  [
    "azurerm: allowed values",
    registry("Premium"),
    registry("Gold"),
    "with azurerm_container_registry.r, on main.tf line",
  ],
  [
    "azurerm: a data source",
    vaultData("kv-corporate"),
    vaultData("kv"),
    "expected length of name to be between 3 and 24 characters",
  ],
  [
    "azurerm: allowed values, by name",
    registry("Premium"),
    registry("Gold"),
    'expected sku to be one of ["Basic" "Standard" "Premium"], got Gold',
  ],
  [
    "azurerm: a range in a nested block",
    app({ probeTimeout: 240 }),
    app({ probeTimeout: 241 }),
    "expected timeout to be in the range (1 - 240), got 241",
  ],
  ["azurerm: case ignored where the provider ignores it", app({}), app({ probeTimeout: 0 }), "got 0"],
  [
    "azurerm: characters of a name",
    registry("Basic"),
    registry("Basic", "acr-fleet"),
    '"name" may only contain',
  ],
  [
    "azurerm: length of a name",
    registry("Basic"),
    registry("Basic", "acr"),
    "expected length of name to be between 5 and 50 characters",
  ],
  [
    "azurerm: two hyphens in a row",
    app({ name: "in-ventory" }),
    app({ name: "in--ventory" }),
    "cannot have '--'",
  ],
  [
    "azurerm: exactly one of two",
    secret('value = "x"'),
    secret('value = "x"\n value_wo = "y"\n value_wo_version = 1'),
    "only one of `value,value_wo` can be specified",
  ],
  [
    "azurerm: required with another",
    secret('value_wo = "y"\n value_wo_version = 1'),
    secret('value_wo = "y"'),
    "must be specified",
  ],
  [
    "kubernetes: exclusive arguments",
    kubernetesSecret('name = "a"', "data = { key = 1 }"),
    kubernetesSecret('name = "a"', "data = { key = 1 }\n data_wo = { key = 2 }\n data_wo_revision = 1"),
    "Conflicting configuration arguments",
  ],
  [
    "kubernetes: characters of a name",
    kubernetesSecret('name = "keys"'),
    kubernetesSecret('name = "Keys"'),
    '"name" may only contain',
  ],
  [
    "azuread: at least one of several",
    group("security_enabled = true"),
    group(""),
    "one of `mail_enabled,security_enabled` must be specified",
  ],
  [
    "google: allowed values",
    alert(
      'http_check {\n path = "/"\n request_method = "GET"\n }\n monitored_resource {\n type = "uptime_url"\n labels = {}\n }',
    ),
    alert(
      'http_check {\n path = "/"\n request_method = "FETCH"\n }\n monitored_resource {\n type = "uptime_url"\n labels = {}\n }',
    ),
    "expected request_method to be one of",
  ],
];

describe("the providers' own rules refuse at validate", () => {
  it.each(TWINS)("%s", async (_, right, wrong, message) => {
    await bench.write(right);
    bench.working("validate");
    await bench.write(wrong);
    expect(bench.refused("validate")).toContain(message);
  });

  it("are about the provider's own block, too", async () => {
    const said = (project: string) => PROVIDERS.replace("fleet-project", project);
    const network = 'resource "google_compute_network" "n" {\n  name = "fleet"\n}\n';
    await bench.write(network, said("other-project"));
    bench.working("validate");
    await bench.write(network, said(""));
    expect(bench.refused("validate")).toContain('expected "project" to not be an empty string');
  });

  it("are that nobody sets what only the provider says", async () => {
    const random = (extra: string) => `resource "random_string" "s" {\n  length = 3\n  ${extra}\n}\n`;
    await bench.write(registry("Basic") + random(""));
    bench.working("validate");
    await bench.write(registry('Basic"\n login_server = "x') + random('result = "abc"'));
    const said = bench.refused("validate");
    expect(said).toContain(
      'Can\'t configure a value for "login_server": its value will be decided automatically',
    );
    expect(said).toContain("Invalid Configuration for Read-Only Attribute");
    await bench.write(
      app({}).replace(
        "template {",
        'template {\n container {\n name = "b"\n image = "i"\n cpu = 0.25\n memory = "0.5Gi"\n ephemeral_storage = "1Gi"\n }\n',
      ),
    );
    expect(bench.refused("validate")).toContain(
      'Can\'t configure a value for "template.0.container.0.ephemeral_storage"',
    );
  });

  it("leave alone what isn't known yet", async () => {
    await bench.write(`
      resource "random_string" "name" {
        length = 3
      }
      ${registry("Basic").replace('"acrfleet"', "random_string.name.result")}
    `);
    bench.working("validate");
  });
});

describe("arguments that force a replacement", () => {
  const environment = (profile: string, zone: string) => `
    resource "azurerm_managed_redis" "r" {
      name                = "redis-fleet"
      resource_group_name = "rg"
      location            = "westeurope"
      sku_name            = "${profile}"
      ${zone}
      default_database {
        client_protocol   = "Encrypted"
        clustering_policy = "EnterpriseCluster"
      }
    }
    resource "google_compute_managed_ssl_certificate" "c" {
      name = "cert"
      managed {
        domains = ["${profile === "Balanced_B0" ? "a.example" : "b.example"}"]
      }
    }
    resource "kubernetes_config_map_v1" "m" {
      metadata {
        name = "${profile === "Balanced_B0" ? "a" : "b"}"
      }
    }
  `;

  it("are named in the plan, nested ones too", async () => {
    await bench.write(environment("Balanced_B0", ""));
    bench.apply();
    await bench.write(environment("Balanced_B1", ""));
    expect(bench.plan()).toEqual({
      "google_compute_managed_ssl_certificate.c": "replace",
      "kubernetes_config_map_v1.m": "replace",
      "azurerm_managed_redis.r": "replace",
    });
    const text = bench.working("plan");
    expect(text).toContain('sku_name = "Balanced_B0" -> "Balanced_B1" # forces replacement');
    expect(text).toContain('~ name = "a" -> "b" # forces replacement');
    bench.apply();
    expect(bench.plan()).toEqual({});
  });
});
