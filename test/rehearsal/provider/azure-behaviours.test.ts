import { describe, expect, it } from "vitest";
import { RESOURCE_GROUP, VIRTUAL_NETWORK } from "./support/azure-hcl";
import { PROVIDERS, Workbench } from "./support/workbench";

const bench = Workbench.forFile();

const NETWORK = `${VIRTUAL_NETWORK}
  resource "azurerm_subnet" "apps" {
    name                 = "apps"
    resource_group_name  = azurerm_resource_group.group.name
    virtual_network_name = azurerm_virtual_network.network.name
    address_prefixes     = ["10.0.0.0/24"]
    delegation {
      name = "apps"
      service_delegation {
        name    = "Microsoft.App/environments"
        actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
      }
    }
  }
`;

function environment(extra: string): string {
  return `
    resource "azurerm_container_app_environment" "env" {
      name                = "env-fleet"
      resource_group_name = azurerm_resource_group.group.name
      location            = "westeurope"
      workload_profile {
        name                  = "Consumption"
        workload_profile_type = "Consumption"
      }
      ${extra}
    }
  `;
}

/** Everything an app needs to come up; each part can be left out. */
interface AppParts {
  readonly pullRole?: boolean;
  readonly secretRole?: boolean;
  readonly wait?: boolean;
  readonly secret?: boolean;
  readonly profile?: boolean;
  readonly closedVault?: boolean;
  readonly privateEndpoint?: boolean;
  readonly networkLink?: boolean;
  readonly roles?: boolean;
  readonly accessPolicy?: boolean;
  readonly app?: boolean;
  readonly image?: string;
}

function fleet(parts: AppParts): string {
  const {
    pullRole = true,
    secretRole = true,
    wait = true,
    secret = true,
    profile = true,
    closedVault = false,
    privateEndpoint = false,
    networkLink = privateEndpoint,
    roles = true,
    accessPolicy = false,
    app = true,
    image = "acrfleet.azurecr.io/inventory:1",
  } = parts;
  const after = [
    ...(pullRole ? ["azurerm_role_assignment.pull"] : []),
    ...(secretRole ? ["azurerm_role_assignment.read"] : []),
  ];
  const ready = [
    ...(wait ? ["time_sleep.roles"] : after),
    ...(secret ? ["azurerm_key_vault_secret.key"] : []),
    ...(privateEndpoint ? ["azurerm_private_endpoint.vault"] : []),
    ...(networkLink ? ["azurerm_private_dns_zone_virtual_network_link.vault"] : []),
    ...(accessPolicy ? ["azurerm_key_vault_access_policy.agent"] : []),
  ];
  return `
    ${RESOURCE_GROUP}
    ${NETWORK}
    ${environment(`
      infrastructure_subnet_id           = azurerm_subnet.apps.id
      infrastructure_resource_group_name = "rg-fleet-infrastructure"
    `)}
    data "azurerm_client_config" "me" {}
    resource "azurerm_user_assigned_identity" "agent" {
      name                = "id-inventory"
      resource_group_name = azurerm_resource_group.group.name
      location            = "westeurope"
    }
    resource "azurerm_container_registry" "registry" {
      name                = "acrfleet"
      resource_group_name = azurerm_resource_group.group.name
      location            = "westeurope"
      sku                 = "Basic"
    }
    resource "azurerm_key_vault" "vault" {
      name                          = "kv-fleet"
      resource_group_name           = azurerm_resource_group.group.name
      location                      = "westeurope"
      sku_name                      = "standard"
      tenant_id                     = data.azurerm_client_config.me.tenant_id
      rbac_authorization_enabled    = ${roles}
      public_network_access_enabled = ${!closedVault}
    }
    ${
      secret
        ? `resource "azurerm_key_vault_secret" "key" {
             name             = "model-key"
             key_vault_id     = azurerm_key_vault.vault.id
             value_wo         = "placeholder"
             value_wo_version = 1
           }`
        : ""
    }
    ${
      pullRole
        ? `resource "azurerm_role_assignment" "pull" {
             scope                = azurerm_container_registry.registry.id
             role_definition_name = "AcrPull"
             principal_id         = azurerm_user_assigned_identity.agent.principal_id
           }`
        : ""
    }
    ${
      secretRole
        ? `resource "azurerm_role_assignment" "read" {
             scope                = azurerm_resource_group.group.id
             role_definition_name = "Key Vault Secrets User"
             principal_id         = azurerm_user_assigned_identity.agent.principal_id
           }`
        : ""
    }
    ${
      wait
        ? `resource "time_sleep" "roles" {
             create_duration = "120s"
             depends_on      = [${after.join(", ")}]
           }`
        : ""
    }
    ${
      privateEndpoint
        ? `resource "azurerm_private_dns_zone" "vault" {
             name                = "privatelink.vaultcore.azure.net"
             resource_group_name = azurerm_resource_group.group.name
           }
           resource "azurerm_private_endpoint" "vault" {
             name                = "pe-vault"
             resource_group_name = azurerm_resource_group.group.name
             location            = "westeurope"
             subnet_id           = azurerm_subnet.apps.id
             private_service_connection {
               name                           = "vault"
               is_manual_connection           = false
               private_connection_resource_id = azurerm_key_vault.vault.id
               subresource_names              = ["vault"]
             }
             private_dns_zone_group {
               name                 = "vault"
               private_dns_zone_ids = [azurerm_private_dns_zone.vault.id]
             }
           }`
        : ""
    }
    ${
      networkLink
        ? `resource "azurerm_private_dns_zone_virtual_network_link" "vault" {
             name                  = "vault"
             resource_group_name   = azurerm_resource_group.group.name
             private_dns_zone_name = azurerm_private_dns_zone.vault.name
             virtual_network_id    = azurerm_virtual_network.network.id
           }`
        : ""
    }
    ${
      accessPolicy
        ? `resource "azurerm_key_vault_access_policy" "agent" {
             key_vault_id       = azurerm_key_vault.vault.id
             tenant_id          = data.azurerm_client_config.me.tenant_id
             object_id          = azurerm_user_assigned_identity.agent.principal_id
             secret_permissions = ["Get"]
           }`
        : ""
    }
    ${
      app
        ? `resource "azurerm_container_app" "inventory" {
             name                         = "inventory"
             resource_group_name          = azurerm_resource_group.group.name
             container_app_environment_id = azurerm_container_app_environment.env.id
             revision_mode                = "Single"
             ${profile ? 'workload_profile_name = "Consumption"' : ""}
             identity {
               type         = "UserAssigned"
               identity_ids = [azurerm_user_assigned_identity.agent.id]
             }
             registry {
               server   = azurerm_container_registry.registry.login_server
               identity = azurerm_user_assigned_identity.agent.id
             }
             secret {
               name                = "model-key"
               key_vault_secret_id = "\${azurerm_key_vault.vault.vault_uri}secrets/model-key"
               identity            = azurerm_user_assigned_identity.agent.id
             }
             ingress {
               external_enabled = true
               target_port      = 8000
               traffic_weight {
                 percentage      = 100
                 latest_revision = true
               }
             }
             template {
               container {
                 name   = "inventory"
                 image  = "${image}"
                 cpu    = 0.25
                 memory = "0.5Gi"
               }
             }
             depends_on = [${ready.join(", ")}]
           }
           output "fqdn" {
             value = azurerm_container_app.inventory.ingress[0].fqdn
           }`
        : ""
    }
  `;
}

describe("a container app", () => {
  it("comes up when everything is there, settles, and goes", async () => {
    await bench.write(fleet({}));
    bench.apply();
    expect(bench.outputs().fqdn).toMatch(
      /^inventory\.[a-z]+-[0-9a-f]{8}\.westeurope\.azurecontainerapps\.io$/,
    );
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });

  it.each<[string, AppParts, string]>([
    ["may not pull its image", { pullRole: false }, "UNAUTHORIZED: authentication required"],
    ["may not read its secret", { secretRole: false }, "Caller is not authorized to perform action"],
    ["has roles that haven't spread yet", { wait: false }, "please observe propagation time"],
    ["has no secret", { secret: false }, "SecretNotFound"],
    ["can't reach a closed vault", { closedVault: true }, "Public network access is disabled"],
    [
      "can't resolve a closed vault's endpoint",
      { closedVault: true, privateEndpoint: true, networkLink: false },
      "Public network access is disabled",
    ],
    ["has roles on a vault that goes by policies", { roles: false }, "Caller is not authorized"],
  ])("fails when it %s", async (_, parts, message) => {
    await bench.write(fleet(parts));
    expect(bench.applyRefused()).toContain(message);
  });

  it("reaches a closed vault through a private endpoint and its DNS", async () => {
    await bench.write(fleet({ closedVault: true, privateEndpoint: true }));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it.each([
    [
      "CPU and memory that don't go together",
      "cpu    = 0.25",
      "cpu    = 0.3",
      "ContainerAppInvalidResourceTotal",
    ],
    [
      "more replicas at least than at most",
      "template {",
      "template {\n min_replicas = 5\n max_replicas = 2",
      "minReplicas (5)",
    ],
    [
      "a variable that names no secret",
      'memory = "0.5Gi"',
      'memory = "0.5Gi"\n env {\n name = "KEY"\n secret_name = "modelkey"\n }',
      "SecretRef 'modelkey' defined for container 'inventory' not found",
    ],
    [
      "a variable that is there twice",
      'memory = "0.5Gi"',
      'memory = "0.5Gi"\n env {\n name = "A"\n value = "1"\n }\n env {\n name = "A"\n value = "2"\n }',
      "'A' more than once",
    ],
  ])("is refused with %s, before anything is made", async (_, right, wrong, message) => {
    await bench.write(fleet({}).replace(right, wrong));
    expect(bench.applyRefused()).toContain(message);
    await bench.write(fleet({}));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("reads secrets by an access policy where the vault goes by those", async () => {
    await bench.write(fleet({ roles: false, accessPolicy: true }));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("fails on an image that nobody pushed, exists all the same, and can be imported", async () => {
    bench.scenario({ missingImages: ["acrfleet.azurecr.io/inventory:2"] });
    await bench.write(fleet({ image: "acrfleet.azurecr.io/inventory:2" }));
    expect(bench.applyRefused()).toContain("MANIFEST_UNKNOWN");
    expect(bench.state()["azurerm_container_app.inventory"]).toBeUndefined();
    bench.scenario({});
    const again = bench.applyRefused();
    expect(again).toContain("needs to be imported into the State");
    const id = /A resource with the ID "([^"]+)"/.exec(again)?.[1] ?? "";
    bench.working("import", "azurerm_container_app.inventory", id);
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("has roles that have spread by the next run", async () => {
    await bench.write(fleet({ wait: false, app: false }));
    bench.apply();
    await bench.write(fleet({ wait: false }));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("changes at every plan when its workload profile is left out", async () => {
    await bench.write(fleet({ profile: false }));
    bench.apply();
    expect(bench.plan()).toEqual({ "azurerm_container_app.inventory": "update" });
    expect(bench.working("plan")).toContain('workload_profile_name = "Consumption" -> null');
  });
});

describe("a container apps environment", () => {
  it("replaces itself when Azure names the infrastructure's resource group", async () => {
    await bench.write(
      RESOURCE_GROUP + NETWORK + environment("infrastructure_subnet_id = azurerm_subnet.apps.id"),
    );
    bench.apply();
    expect(bench.plan()).toEqual({ "azurerm_container_app_environment.env": "replace" });
    expect(bench.working("plan")).toContain(
      'infrastructure_resource_group_name = "ME_env-fleet_rg-fleet_westeurope" -> null # forces replacement',
    );
  });

  it("of consumption alone names none, and takes no delegated subnet", async () => {
    const plain = (network: string) => `${RESOURCE_GROUP}${network}
      resource "azurerm_container_app_environment" "env" {
        name                     = "env-fleet"
        resource_group_name      = azurerm_resource_group.group.name
        location                 = "westeurope"
        infrastructure_subnet_id = azurerm_subnet.apps.id
      }`;
    await bench.write(plain(NETWORK));
    expect(bench.applyRefused()).toContain("cannot be used as it's a delegated subnet");
    await bench.write(plain(NETWORK.replace(/delegation [\s\S]*?\n {4}\}/, "")));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("needs a subnet that is delegated to it", async () => {
    const network = NETWORK.replace("Microsoft.App/environments", "Microsoft.Web/serverFarms");
    await bench.write(
      RESOURCE_GROUP + network + environment("infrastructure_subnet_id = azurerm_subnet.apps.id"),
    );
    expect(bench.applyRefused()).toContain("must be delegated to the service 'Microsoft.App/environments'");
  });
});

describe("names that are unique in the world", () => {
  const registry = (name: string) => `
    resource "azurerm_container_registry" "registry" {
      name                = "${name}"
      resource_group_name = "rg"
      location            = "westeurope"
      sku                 = "Basic"
    }
  `;

  it("can be taken by somebody else", async () => {
    bench.scenario({ takenNames: ["AcrFleet"] });
    await bench.write(registry("acrfleet"));
    expect(bench.applyRefused()).toContain("The registry DNS name acrfleet.azurecr.io is already in use");
    await bench.write(registry("acrfleet2"));
    bench.apply();
  });

  it("can be taken by another resource group of ours", async () => {
    await bench.write(
      registry("acrfleet") +
        registry("acrfleet").replace('"registry"', '"other"').replace('"rg"', '"rg-other"') +
        "",
    );
    expect(bench.applyRefused()).toContain("is already in use");
  });
});

describe("a key vault", () => {
  const vault = (extra: string, value = "first", version = 1) => `
    data "azurerm_client_config" "me" {}
    resource "azurerm_key_vault" "vault" {
      name                = "kv-fleet"
      resource_group_name = "rg-fleet"
      location            = "westeurope"
      sku_name            = "standard"
      tenant_id           = data.azurerm_client_config.me.tenant_id
      ${extra}
    }
    resource "azurerm_key_vault_secret" "key" {
      name             = "model-key"
      key_vault_id     = azurerm_key_vault.vault.id
      value_wo         = "${value}"
      value_wo_version = ${version}
    }
    output "secret" {
      value = [azurerm_key_vault_secret.key.id, azurerm_key_vault_secret.key.versionless_id]
    }
  `;
  const features = (block: string) =>
    PROVIDERS.replace("features {}", `features {\n key_vault {\n ${block}\n }\n }`);

  it("holds write-only values that are in no state and no plan", async () => {
    await bench.write(vault("", "the-write-only-value"));
    bench.apply();
    expect(bench.plan()).toEqual({});
    expect(JSON.stringify(bench.state())).not.toContain("the-write-only-value");
    const [id, versionless] = bench.outputs().secret as string[];
    expect(versionless).toBe("https://kv-fleet.vault.azure.net/secrets/model-key");
    expect(id).toMatch(new RegExp(`^${versionless}/[0-9a-f]{32}$`));
    expect(Object.values(bench.ledger().entries).map(({ writeOnly }) => writeOnly)).toContainEqual({
      value_wo: "the-write-only-value",
    });
  });

  it("gives certificates and keys the ids that others are given", async () => {
    await bench.write(`${vault("")}
      resource "azurerm_key_vault_certificate" "tls" {
        name         = "tls"
        key_vault_id = azurerm_key_vault.vault.id
        certificate_policy {
          issuer_parameters {
            name = "Self"
          }
          key_properties {
            exportable = true
            key_type   = "RSA"
            key_size   = 2048
            reuse_key  = true
          }
          secret_properties {
            content_type = "application/x-pkcs12"
          }
        }
      }
      resource "azurerm_key_vault_key" "disk" {
        name         = "disk"
        key_vault_id = azurerm_key_vault.vault.id
        key_type     = "RSA"
        key_size     = 2048
        key_opts     = ["wrapKey", "unwrapKey"]
      }
      output "ids" {
        value = [
          azurerm_key_vault_certificate.tls.id,
          azurerm_key_vault_certificate.tls.versionless_secret_id,
          azurerm_key_vault_key.disk.id,
        ]
      }`);
    bench.apply();
    const [certificate, secret, key] = bench.outputs().ids as [string, string, string];
    expect(certificate).toMatch(/^https:\/\/kv-fleet\.vault\.azure\.net\/certificates\/tls\/[0-9a-f]{32}$/);
    expect(secret).toBe("https://kv-fleet.vault.azure.net/secrets/tls");
    expect(key).toMatch(/^https:\/\/kv-fleet\.vault\.azure\.net\/keys\/disk\/[0-9a-f]{32}$/);
    expect(bench.plan()).toEqual({});
  });

  it("writes a write-only value again only when its version changes", async () => {
    const stored = () =>
      Object.values(bench.ledger().entries).find(({ type }) => type === "azurerm_key_vault_secret")
        ?.writeOnly;
    await bench.write(vault("", "one", 1));
    bench.apply();
    const [first] = bench.outputs().secret as string[];
    await bench.write(vault("", "two", 1));
    expect(bench.plan()).toEqual({});
    await bench.write(vault("", "two", 2));
    expect(bench.plan()).toEqual({ "azurerm_key_vault_secret.key": "update" });
    bench.apply();
    expect(stored()).toEqual({ value_wo: "two" });
    expect((bench.outputs().secret as string[])[0]).not.toBe(first);
    expect(bench.plan()).toEqual({});
  });

  it("hands its secret to ephemeral resources and to data sources", async () => {
    await bench.write(`
      ${vault("", "the-stored-value")}
      ephemeral "azurerm_key_vault_secret" "key" {
        name         = azurerm_key_vault_secret.key.name
        key_vault_id = azurerm_key_vault.vault.id
      }
      ephemeral "random_password" "fresh" {
        length = 24
      }
      resource "kubernetes_secret_v1" "copy" {
        metadata {
          name = "copy"
        }
        data_wo = {
          key   = ephemeral.azurerm_key_vault_secret.key.value
          fresh = ephemeral.random_password.fresh.result
        }
        data_wo_revision = 1
      }
    `);
    bench.apply();
    expect(bench.plan()).toEqual({});
    const copy = Object.values(bench.ledger().entries).find(({ type }) => type === "kubernetes_secret_v1");
    expect(copy?.writeOnly).toEqual({
      data_wo: { key: "the-stored-value", fresh: expect.stringMatching(/^.{24}$/) },
    });
    expect(JSON.stringify(bench.state())).not.toContain("the-stored-value");
    await bench.write(`
      ${vault("", "the-stored-value")}
      data "azurerm_key_vault_secret" "key" {
        name         = "model-key"
        key_vault_id = azurerm_key_vault.vault.id
      }
      output "value" {
        value     = data.azurerm_key_vault_secret.key.value
        sensitive = true
      }
    `);
    bench.apply();
    expect(bench.outputs().value).toBe("the-stored-value");
  });

  it("has no secret of that name", async () => {
    await bench.write(`
      ${vault("")}
      data "azurerm_key_vault_secret" "other" {
        name         = "other"
        key_vault_id = azurerm_key_vault.vault.id
      }
    `);
    expect(bench.applyRefused()).toContain(
      'KeyVault Secret "other" (KeyVault URI "https://kv-fleet.vault.azure.net/") does not exist',
    );
  });

  it("is kept after its deletion when it is protected from purging, and recovered", async () => {
    await bench.write(vault("purge_protection_enabled = true"));
    bench.apply();
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
    expect(Object.values(bench.ledger().softDeleted).map(({ type }) => type)).toEqual([
      "azurerm_key_vault",
      "azurerm_key_vault_secret",
    ]);
    bench.apply();
    expect(bench.ledger().softDeleted).toEqual({});
    expect(bench.plan()).toEqual({});
  });

  it("is purged otherwise, and not recovered where that is turned off", async () => {
    await bench.write(vault(""));
    bench.apply();
    bench.destroy();
    expect(bench.ledger().softDeleted).toEqual({});
    const kept = features("purge_soft_delete_on_destroy = false\n recover_soft_deleted_key_vaults = false");
    await bench.write(vault(""), kept);
    bench.apply();
    bench.destroy();
    expect(bench.applyRefused()).toContain("automatically recovering this KeyVault has been disabled");
    await bench.write(vault("").replace("rg-fleet", "rg-other"));
    expect(bench.applyRefused()).toContain("VaultAlreadyExists");
  });
});

describe("Redis", () => {
  const redis = (keys: boolean) => `
    resource "azurerm_managed_redis" "store" {
      name                = "redis-fleet"
      resource_group_name = "rg"
      location            = "westeurope"
      sku_name            = "Balanced_B0"
      default_database {
        ${keys ? "access_keys_authentication_enabled = true" : ""}
      }
    }
    resource "azurerm_redis_cache" "cache" {
      name                               = "cache-fleet"
      resource_group_name                = "rg"
      location                           = "westeurope"
      sku_name                           = "Standard"
      family                             = "C"
      capacity                           = 1
      access_keys_authentication_enabled = ${keys}
      redis_configuration {
        active_directory_authentication_enabled = true
      }
    }
    output "keys" {
      value     = [azurerm_managed_redis.store.default_database[0].primary_access_key, azurerm_redis_cache.cache.primary_access_key]
      sensitive = true
    }
    output "address" {
      value = "\${azurerm_managed_redis.store.hostname}:\${azurerm_managed_redis.store.default_database[0].port}"
    }
  `;

  it("has keys only with key authentication", async () => {
    await bench.write(redis(false));
    bench.apply();
    expect(bench.outputs()).toMatchObject({
      keys: ["", ""],
      address: "redis-fleet.westeurope.redis.azure.net:10000",
    });
    bench.destroy();
    await bench.write(redis(true));
    bench.apply();
    const keys = bench.outputs().keys as string[];
    expect(keys).toEqual([expect.stringContaining("CANARY"), expect.stringContaining("CANARY")]);
    expect(bench.ledger().canaries).toEqual(expect.arrayContaining(keys));
    expect(bench.plan()).toEqual({});
  });

  it("hands out new keys one run late when they are turned on later", async () => {
    await bench.write(redis(false));
    bench.apply();
    await bench.write(redis(true));
    bench.apply();
    expect((bench.outputs().keys as string[])[0]).toBe("");
    bench.apply();
    expect((bench.outputs().keys as string[])[0]).toContain("CANARY");
  });

  it("without a database has no key to refer to", async () => {
    await bench.write(redis(true).replace(/default_database \{[^}]*\}/, ""));
    expect(bench.refused("plan")).toContain("Invalid index");
  });
});

describe("a resource group", () => {
  const monitored = `
    ${RESOURCE_GROUP}
    resource "azurerm_application_insights" "insights" {
      name                = "appi-fleet"
      resource_group_name = azurerm_resource_group.group.name
      location            = "westeurope"
      application_type    = "web"
    }
  `;

  it("isn't deleted while it holds what Azure added itself", async () => {
    await bench.write(monitored);
    bench.apply();
    expect(bench.plan()).toEqual({});
    const refusal = bench.destroyRefused();
    expect(refusal).toContain("the Resource Group still contains Resources");
    expect(refusal).toContain("smartDetectorAlertRules/Failure Anomalies - appi-fleet");
    expect(Object.values(bench.ledger().entries).filter(({ addedBy }) => addedBy)).toHaveLength(2);
  });

  it("is deleted with it where the provider is told to", async () => {
    const relaxed = PROVIDERS.replace(
      "features {}",
      "features {\n resource_group {\n prevent_deletion_if_contains_resources = false\n }\n }",
    );
    await bench.write(monitored, relaxed);
    bench.apply();
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });

  it("is kept by a management lock, until somebody unprotects it", async () => {
    const lock = `
      resource "azurerm_management_lock" "lock" {
        name       = "keep"
        scope      = azurerm_resource_group.group.id
        lock_level = "CanNotDelete"
      }
    `;
    await bench.write(RESOURCE_GROUP + lock);
    bench.apply();
    bench.working("state", "rm", "azurerm_management_lock.lock");
    await bench.write(RESOURCE_GROUP);
    expect(bench.destroyRefused()).toContain("ScopeLocked");
    bench.scenario({ unprotected: true });
    bench.destroy();
  });
});

describe("a role assignment", () => {
  const grant = (name: string) => `
    resource "azurerm_role_assignment" "${name}" {
      scope                = "/subscriptions/00000000-0000-0000-0000-00000000000a"
      role_definition_name = "AcrPull"
      principal_id         = "11111111-1111-1111-1111-111111111111"
    }
  `;

  it("can be made only once", async () => {
    await bench.write(grant("one"));
    bench.apply();
    expect(bench.state()["azurerm_role_assignment.one"]?.role_definition_id).toMatch(
      /7f951dda-4ed3-4680-a7ca-43fe172d538d$/,
    );
    await bench.write(grant("one") + grant("two"));
    expect(bench.applyRefused()).toContain("RoleAssignmentExists");
  });
});

describe("API Management", () => {
  const service = (sku: string, extra = "") => `
    resource "azurerm_api_management" "gateway" {
      name                = "apim-fleet"
      resource_group_name = "rg"
      location            = "westeurope"
      publisher_name      = "Fleet"
      publisher_email     = "fleet@example.com"
      sku_name            = "${sku}"
      ${extra}
    }
  `;
  const policy = (xml: string) => `
    resource "azurerm_api_management_policy" "all" {
      api_management_id = azurerm_api_management.gateway.id
      xml_content       = <<-XML
        ${xml}
      XML
    }
  `;

  it("is replaced between generations of tiers, and scaled within one", async () => {
    await bench.write(service("Developer_1"));
    bench.apply();
    await bench.write(service("Premium_1"));
    expect(bench.plan()).toEqual({ "azurerm_api_management.gateway": "update" });
    await bench.write(service("StandardV2_1"));
    expect(bench.plan()).toEqual({ "azurerm_api_management.gateway": "replace" });
    expect(bench.working("plan")).toContain(
      'sku_name = "Developer_1" -> "StandardV2_1" # forces replacement',
    );
  });

  it.each([
    [
      "a network that isn't described",
      'virtual_network_type = "External"',
      "you must specify 'virtual_network_configuration' when 'virtual_network_type' is \"External\"",
    ],
    [
      "a network in the Basic v2 tier",
      'virtual_network_type = "External"\n virtual_network_configuration {\n subnet_id = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s"\n }',
      "Virtual networks are not supported in the BasicV2 tier",
    ],
    [
      "a sign-in page in a v2 tier",
      "sign_in {\n enabled = true\n }",
      "`sign_in` is not supported for sku tiers `Consumption` and `V2`",
    ],
  ])("fails with %s", async (_, extra, message) => {
    await bench.write(service("BasicV2_1"));
    bench.apply();
    bench.destroy();
    await bench.write(service("BasicV2_1", extra));
    expect(bench.applyRefused()).toContain(message);
  });

  it("reads a policy when it is saved", async () => {
    const expression = `<set-header name='a'><value>@(context.Request.Headers.GetValueOrDefault("b",""))</value></set-header>`;
    const all = (inbound: string) =>
      service("BasicV2_1") + policy(`<policies><inbound>${inbound}</inbound></policies>`);
    await bench.write(all(expression));
    bench.apply();
    expect(bench.plan()).toEqual({});
    await bench.write(all(expression.replace("</value>", "")));
    expect(bench.applyRefused()).toContain("ValidationError: One or more fields contain incorrect values");
    await bench.write(all("<choose><when condition='@(1 < 2)' /></choose>"));
    expect(bench.applyRefused()).toContain("ValidationError");
    await bench.write(service("BasicV2_1") + policy(""));
    expect(bench.applyRefused()).toContain("the policy is empty");
  });
});
