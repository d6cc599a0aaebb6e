import { TerraformResource, type TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import { Network } from "../../src/azure/network";
import { RedisTaskStore, type RedisTaskStoreProps } from "../../src/azure/redis-task-store";
import type { Environment, TaskStoreSettings } from "../../src/environment/environment";
import { azureStack, deployer, madeBefore, referenced, tenantId, variablesOf } from "../support/azure-parts";
import { usePlanning } from "../support/plan-stack";
import { definitions, environment } from "../support/sample-fleet";
import { FinishedStack, synthEnvironment } from "../support/synth";

type StoreChange = Partial<
  Pick<RedisTaskStoreProps, "settings" | "highAvailability" | "deletionProtection">
> & {
  readonly inNetwork?: boolean;
};

function storeStack({ inNetwork = false, ...change }: StoreChange = {}): TerraformStack {
  return azureStack((stack, resourceGroup) => {
    const secrets = new KeyVaultSecrets(stack, "secrets", {
      resourceGroup,
      name: "kv-parts",
      tenantId,
      deployerObjectIds: [deployer],
      secrets: [],
      deletionProtection: false,
    });
    const network = inNetwork
      ? new Network(stack, "network", { resourceGroup, name: "vnet", subnets: ["endpoints"] })
      : undefined;
    new RedisTaskStore(stack, "store", {
      resourceGroup,
      name: "redis-parts",
      secrets,
      deletionProtection: false,
      ...change,
      network,
    });
  });
}

const store = (change?: StoreChange) => new FinishedStack(storeStack(change));

describe("Azure Managed Redis", () => {
  test("is encrypted, evicts nothing, has one endpoint and a key", () => {
    expect(store().at("store/resource").arguments.default_database).toMatchObject({
      client_protocol: "Encrypted",
      eviction_policy: "NoEviction",
      clustering_policy: "EnterpriseCluster",
      access_keys_authentication_enabled: true,
    });
  });

  test.each([
    ["highly available", { highAvailability: true }, "1s", undefined],
    ["not highly available", { highAvailability: false }, undefined, undefined],
    [
      "told to take snapshots",
      { settings: { kind: "managed-redis", persistence: "rdb-6h" } },
      undefined,
      "6h",
    ],
    [
      "told to keep nothing",
      { highAvailability: true, settings: { kind: "managed-redis", persistence: "none" } },
      undefined,
      undefined,
    ],
  ] as const)("%s keeps what it should over a restart", (_which, change, appended, snapshots) => {
    const { arguments: redis } = store(change).at("store/resource");
    expect(redis.default_database.persistence_append_only_file_backup_frequency).toBe(appended);
    expect(redis.default_database.persistence_redis_database_backup_frequency).toBe(snapshots);
    expect(redis.high_availability_enabled).toBe((change as StoreChange).highAvailability ?? true);
  });

  test("in a network is reached there only, and users wait for the way", () => {
    const stack = store({ inNetwork: true });
    expect(stack.at("store/resource").arguments.public_network_access).toBe("Disabled");
    expect(
      stack.at("store/endpoint/resource").arguments.private_service_connection.subresource_names,
    ).toEqual(["redisEnterprise"]);
    expect(stack.at("store/endpoint/zone").arguments.name).toBe("privatelink.redis.azure.net");
    expect(store().at("store/resource").arguments.public_network_access).toBe("Enabled");
  });

  test.each([true, false])("with deletion protection %s", (deletionProtection) => {
    expect(store({ deletionProtection }).at("store/resource").arguments.lifecycle.prevent_destroy).toBe(
      deletionProtection,
    );
  });
});

describe("the classic cache", () => {
  const classic = (settings: object) =>
    store({ settings: { kind: "redis-cache", reason: "a test", ...settings } as never }).at("store/resource");

  test("is encrypted and evicts nothing", () => {
    expect(classic({})).toMatchObject({
      type: "azurerm_redis_cache",
      arguments: {
        sku_name: "Standard",
        family: "C",
        capacity: 1,
        non_ssl_port_enabled: false,
        minimum_tls_version: "1.2",
        redis_configuration: { maxmemory_policy: "noeviction" },
      },
    });
  });

  test("has the family of its tier", () => {
    expect(classic({ sku: "Premium", capacity: 2 }).arguments).toMatchObject({ family: "P", capacity: 2 });
  });

  test("in a network is reached through its own kind of endpoint", () => {
    const stack = store({ inNetwork: true, settings: { kind: "redis-cache", reason: "a test" } });
    expect(
      stack.at("store/endpoint/resource").arguments.private_service_connection.subresource_names,
    ).toEqual(["redisCache"]);
    expect(stack.at("store/endpoint/zone").arguments.name).toBe("privatelink.redis.cache.windows.net");
    expect(stack.at("store/resource").arguments.public_network_access_enabled).toBe(false);
  });
});

describe("an agent", () => {
  const billingWith = (taskStore: TaskStoreSettings, change: Partial<Environment> = {}) => {
    const stack = synthEnvironment({ ...environment, taskStore, ...change }, definitions);
    return { stack, app: stack.at("billing/resource") };
  };

  test("finds the store by a secret with its whole URL, and by host, port and key", () => {
    const { stack, app } = billingWith({ kind: "managed-redis" });
    const variables = variablesOf(app);
    expect(variables).toMatchObject({
      TASK_STORE: "redis",
      REDIS_TLS: "true",
      REDIS_KEY_PREFIX: "a2a:task:{test-billing}:",
      REDIS_URL: "secret task-store-url",
      REDIS_PASSWORD: "secret task-store-key",
    });
    const redis = stack.at("shared/task-store/resource");
    expect(referenced(variables.REDIS_HOST ?? "")).toBe(redis.address);
    expect(referenced(variables.REDIS_PORT ?? "")).toBe(redis.address);
    expect(madeBefore(stack, app.address)).toContain(stack.at("shared/task-store/url").address);
  });

  test("uses a store that exists by the secret that somebody set", () => {
    const { stack, app } = billingWith({
      kind: "existing",
      host: "redis.acme.example",
      port: 6380,
      urlSecret: "redis-url",
    });
    expect(variablesOf(app)).toMatchObject({
      REDIS_HOST: "redis.acme.example",
      REDIS_PORT: "6380",
      REDIS_URL: "secret redis-url",
    });
    expect(variablesOf(app)).not.toHaveProperty("REDIS_PASSWORD");
    // In a vault of the environment's own the secret is one of those that people fill in.
    expect(stack.at("shared/secrets/redis-url").arguments.value_wo).toBe("placeholder");
  });

  test("without a store is told of none", () => {
    const { stack, app } = billingWith({ kind: "memory" }, { replicaLimit: 1 });
    expect(variablesOf(app).TASK_STORE).toBe("memory");
    expect(variablesOf(app)).not.toHaveProperty("REDIS_URL");
    expect(stack.resources("azurerm_managed_redis")).toEqual([]);
  });
});

describe("deployed", () => {
  const { deployStack, planStack } = usePlanning();

  test("its URL leads to the store and carries its key, encoded", async () => {
    const { ledger } = await deployStack(storeStack());
    const entries = Object.values(ledger.entries);
    const redis = entries.find(({ type }) => type === "azurerm_managed_redis")?.attributes as {
      hostname: string;
      default_database: [{ port: number; primary_access_key: string }];
    };
    const url = entries.find(({ attributes }) => attributes.name === "task-store-url")?.attributes.value;
    const [{ port, primary_access_key: key }] = redis.default_database;
    expect(url).toBe(`rediss://:${encodeURIComponent(key)}@${redis.hostname}:${port}`);
    expect(new URL(String(url)).port).toBe("10000");
  });

  test("without key authentication it is refused in our words, and nothing is built on the empty key", async () => {
    const stack = storeStack();
    const redis = stack.node.tryFindChild("store")?.node.tryFindChild("resource") as TerraformResource;
    expect(redis).toBeInstanceOf(TerraformResource);
    redis.addOverride("default_database.access_keys_authentication_enabled", false);
    await expect(deployStack(stack)).rejects.toThrow(
      /Task store redis-parts has no access key.*\n?.*turn\s+access\s+key\s+authentication\s+on/s,
    );
  });

  test("a size that recreates it is refused while it is protected, and planned while it is not", async () => {
    const bigger = { settings: { kind: "managed-redis", sku: "Balanced_B3" } } as const;
    const prior = await deployStack(storeStack({ deletionProtection: true }));
    await expect(planStack(storeStack({ ...bigger, deletionProtection: true }), { prior })).rejects.toThrow(
      /prevent_destroy/,
    );
    const plan = await planStack(storeStack(bigger), { prior });
    expect(
      [...plan.actions].filter(([, action]) => action === "replace").map(([address]) => address),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/^azurerm_managed_redis\./)]));
  });
});
