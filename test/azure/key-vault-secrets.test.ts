import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import { Network } from "../../src/azure/network";
import { azureStack, deployer, imagesStack, madeBefore, referenced, tenantId } from "../support/azure-parts";
import { type Deployed, usePlanning } from "../support/plan-stack";
import { billing, definitions, environment } from "../support/sample-fleet";
import { environmentStack, FinishedStack, synthEnvironment } from "../support/synth";

interface VaultChange {
  readonly network?: boolean;
  readonly allowedRanges?: readonly string[];
  readonly deletionProtection?: boolean;
  readonly secrets?: readonly string[];
}

function vaultStack({ network = false, ...change }: VaultChange = {}) {
  return azureStack((stack, resourceGroup) => {
    new KeyVaultSecrets(stack, "secrets", {
      resourceGroup,
      name: "kv-parts",
      tenantId,
      deployerObjectIds: [deployer],
      secrets: ["model-key"],
      ...change,
      network: network
        ? new Network(stack, "network", { resourceGroup, name: "vnet", subnets: ["endpoints"] })
        : undefined,
    });
  });
}

const vault = (change?: VaultChange) => new FinishedStack(vaultStack(change));
const closed = { ...environment, azure: { ...environment.azure, network: { kind: "created" } } } as never;

describe("a closed vault", () => {
  const stack = synthEnvironment(closed, definitions);

  test("is shut to the internet and has an address in the network, with the DNS that leads there", () => {
    expect(stack.at("shared/secrets/resource").arguments).toMatchObject({
      public_network_access_enabled: false,
      network_acls: { default_action: "Deny", ip_rules: [] },
    });
    const endpoint = stack.at("shared/secrets/endpoint/resource").arguments;
    expect(endpoint.private_service_connection.subresource_names).toEqual(["vault"]);
    expect(referenced(endpoint.private_service_connection.private_connection_resource_id)).toBe(
      stack.at("shared/secrets/resource").address,
    );
    const zone = stack.at("shared/secrets/endpoint/zone");
    expect(zone.arguments.name).toBe("privatelink.vaultcore.azure.net");
    expect(endpoint.private_dns_zone_group.private_dns_zone_ids.map(referenced)).toEqual([zone.address]);
    const link = stack.at("shared/secrets/endpoint/link").arguments;
    expect(referenced(link.private_dns_zone_name)).toBe(zone.address);
    expect(referenced(link.virtual_network_id)).toBe(stack.at("shared/network/resource").address);
  });

  test("is what every app waits for, and every secret: endpoint, zone and link", () => {
    const way = ["resource", "zone", "link"].map(
      (part) => stack.at(`shared/secrets/endpoint/${part}`).address,
    );
    const users = [
      ...stack.resources("azurerm_container_app"),
      ...stack.resources("azurerm_key_vault_secret"),
    ];
    expect(users.length).toBeGreaterThan(4);
    for (const { address, path } of users) {
      expect([...madeBefore(stack, address)], path).toEqual(expect.arrayContaining(way));
    }
  });

  test("admits the ranges of offices and runners, and nobody else", () => {
    expect(
      vault({ network: true, allowedRanges: ["198.51.100.0/24"] }).at("secrets/resource").arguments,
    ).toMatchObject({
      public_network_access_enabled: true,
      network_acls: { default_action: "Deny", ip_rules: ["198.51.100.0/24"] },
    });
  });
});

describe("an open vault", () => {
  test("is guarded by roles alone", () => {
    const stack = vault();
    expect(stack.at("secrets/resource").arguments).toMatchObject({
      rbac_authorization_enabled: true,
      public_network_access_enabled: true,
      network_acls: { default_action: "Allow" },
    });
    expect(stack.resources("azurerm_private_endpoint")).toEqual([]);
  });

  test("takes no ranges, because they would shut out every app", () => {
    expect(() => vault({ allowedRanges: ["198.51.100.0/24"] })).toThrow(
      /vault 'kv-parts': allowedRanges \(198\.51\.100\.0\/24\) would shut out every app.*give it a network/,
    );
  });
});

describe("a vault", () => {
  test.each([
    [true, { prevent_destroy: true }, 90],
    [false, { prevent_destroy: false }, 7],
  ])(
    "protected %s keeps what is deleted, and never changes for how long",
    (deletionProtection, kept, days) => {
      expect(vault({ deletionProtection }).at("secrets/resource").arguments).toMatchObject({
        purge_protection_enabled: true,
        soft_delete_retention_days: days,
        lifecycle: { ...kept, ignore_changes: ["soft_delete_retention_days"] },
      });
    },
  );

  test("lets each deployer write, by a role on it, before the first secret is written", () => {
    const stack = vault();
    const role = stack.at(`secrets/deployer-${deployer}`);
    expect(role.arguments).toMatchObject({
      role_definition_name: "Key Vault Secrets Officer",
      principal_id: deployer,
    });
    expect(referenced(role.arguments.scope)).toBe(stack.at("secrets/resource").address);
    const wait = stack.at("secrets/deployers-admitted");
    expect(referenced(wait.arguments.triggers[deployer])).toBe(role.address);
    expect(madeBefore(stack, stack.at("secrets/model-key").address)).toContain(wait.address);
  });

  test("says which secrets it has when it is asked for another", () => {
    expect(() =>
      azureStack((stack, resourceGroup) => {
        new KeyVaultSecrets(stack, "secrets", {
          resourceGroup,
          name: "kv-parts",
          tenantId,
          deployerObjectIds: [deployer],
          secrets: ["model-key", "erp-token"],
        }).secret("modelkey");
      }),
    ).toThrow("vault 'kv-parts' has no secret 'modelkey' (it has model-key and erp-token)");
  });
});

test("a declared secret is a write-only placeholder whose version never changes", () => {
  const placeholders = synthEnvironment(environment, definitions)
    .resources("azurerm_key_vault_secret")
    .filter((secret) => secret.path === "shared/secrets/billing-erp-token");
  expect(placeholders).toHaveLength(1);
  expect(placeholders[0]?.arguments).toMatchObject({ value_wo: "placeholder", value_wo_version: 1 });
  expect(placeholders[0]?.arguments).not.toHaveProperty("value");
});

describe("each app", () => {
  const more = {
    ...billing,
    name: "ledger",
    secrets: { BANK_KEY: "bank-key", ERP_TOKEN: "billing-erp-token" },
  };
  const stack = synthEnvironment(environment, [...definitions, more]);
  const agents = ["billing", "ledger", "desk-globex"];

  test.each(agents)("%s has a role on each secret that it names, and on no other", (agent) => {
    const { secret, identity } = stack.at(`${agent}/resource`).arguments;
    const roles = stack
      .resources("azurerm_role_assignment")
      .filter(
        ({ path, arguments: role }) =>
          path.startsWith(`${agent}/`) && role.role_definition_name === "Key Vault Secrets User",
      );
    const named = secret.map((each: { key_vault_secret_id: string }) => referenced(each.key_vault_secret_id));
    expect(named.length).toBeGreaterThan(0);
    expect(roles.map(({ arguments: role }) => referenced(role.scope)).toSorted()).toEqual(named.toSorted());
    for (const { arguments: role } of roles) {
      expect(role.scope).toMatch(/\.resource_versionless_id\}$/);
      expect(referenced(role.principal_id)).toBe(referenced(identity.identity_ids[0]));
    }
    for (const each of secret) expect(each.key_vault_secret_id).toMatch(/\.versionless_id\}$/);
  });

  test("that reads the secret its registry is pulled with is granted it once", () => {
    const registry = {
      kind: "other",
      server: "ghcr.io/acme",
      username: "acme",
      passwordSecret: "billing-erp-token",
    } as const;
    const { arguments: app } = synthEnvironment({ ...environment, registry }, definitions).at(
      "billing/resource",
    );
    expect(app.secret.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      "billing-erp-token",
      "task-store-key",
      "task-store-url",
    ]);
    expect(app.registry[0].password_secret_name).toBe("billing-erp-token");
  });
});

test("a vault that exists takes the secrets that two environments write, each under a name of its own", () => {
  const existing = {
    ...environment,
    vault: {
      kind: "existing-key-vault",
      name: "kv-shared",
      resourceGroup: "rg-shared",
      secrets: ["billing-erp-token"],
    },
  } as const;
  const written = (name: string) =>
    synthEnvironment({ ...existing, name }, definitions)
      .resources("azurerm_key_vault_secret")
      .map((secret) => secret.arguments.name);
  expect(written("one")).toContain("acme-one-task-store-url");
  expect(written("one").filter((name) => written("two").includes(name))).toEqual([]);
  expect(written("one")).not.toContain("billing-erp-token");
});

describe("deployed", () => {
  const { deployStack, planStack } = usePlanning();

  /** What an operator does with `az keyvault secret set`. */
  function setByHand({ snapshot }: Deployed, name: string, value: string): void {
    const file = join(snapshot, "ledger.json");
    const ledger = JSON.parse(readFileSync(file, "utf8"));
    const secret = Object.values<{ type: string; attributes: { name?: string }; writeOnly?: object }>(
      ledger.entries,
    ).find(({ type, attributes }) => type === "azurerm_key_vault_secret" && attributes.name === name);
    if (secret === undefined) throw new Error(`no secret ${name} in the cloud`);
    secret.writeOnly = { value_wo: value };
    writeFileSync(file, JSON.stringify(ledger));
  }

  function valueInCloud({ ledger }: Deployed, name: string): unknown {
    const secret = Object.values(ledger.entries).find(
      ({ type, attributes }) => type === "azurerm_key_vault_secret" && attributes.name === name,
    );
    return secret?.writeOnly?.value_wo;
  }

  test("an operator's value survives later deploys, is in no state, and its placeholder is where nobody set one", async () => {
    const first = await deployStack(vaultStack());
    expect(valueInCloud(first, "model-key")).toBe("placeholder");
    setByHand(first, "model-key", "sk-the-real-one");
    expect((await planStack(vaultStack(), { prior: first })).isEmpty).toBe(true);
    const second = await deployStack(vaultStack({ secrets: ["model-key", "erp-token"] }), { prior: first });
    expect(valueInCloud(second, "model-key")).toBe("sk-the-real-one");
    expect(valueInCloud(second, "erp-token")).toBe("placeholder");
    expect(JSON.stringify(second.state)).not.toContain("sk-the-real-one");
  });

  test("a vault can be protected later", async () => {
    const first = await deployStack(vaultStack({ deletionProtection: false }));
    const second = await deployStack(vaultStack({ deletionProtection: true }), { prior: first });
    expect((await planStack(vaultStack({ deletionProtection: true }), { prior: second })).isEmpty).toBe(true);
  });

  test("a closed environment comes up, because its apps wait for the way into the vault", async () => {
    const images = await deployStack(imagesStack());
    const first = await deployStack(environmentStack(closed, definitions), { cloud: images });
    expect((await planStack(environmentStack(closed, definitions), { prior: first })).isEmpty).toBe(true);
  });
});
