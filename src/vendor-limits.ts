import { z } from "zod";

/** What a provider accepts as one argument, read from its own validators. */
interface VendorText {
  /** Resource type and argument that say so, in azurerm 4.55.0, azuread 3.7.0 and google 6.50.0. */
  readonly type: string;
  readonly argument: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** What may stand in it, as inside `[…]`. */
  readonly characters: string;
  /** What may stand first, where that is less. */
  readonly first?: string;
  /** What may stand last, where that is less. */
  readonly last?: string;
}

/** Names of things at vendors that settings hold. */
export const vendorTexts = {
  "resource group": {
    type: "azurerm_resource_group",
    argument: "name",
    maxLength: 90,
    characters: "A-Za-z0-9()-._",
    last: "A-Za-z0-9()-_",
  },
  "storage account": {
    type: "azurerm_storage_account",
    argument: "name",
    minLength: 3,
    maxLength: 24,
    characters: "a-z0-9",
  },
  "storage container": {
    type: "azurerm_storage_container",
    argument: "name",
    minLength: 3,
    maxLength: 63,
    characters: "a-z0-9-",
    first: "a-z0-9",
  },
  "Azure Container Registry": {
    type: "azurerm_container_registry",
    argument: "name",
    minLength: 5,
    maxLength: 50,
    characters: "A-Za-z0-9",
  },
  "Key Vault": {
    type: "azurerm_key_vault",
    argument: "name",
    minLength: 3,
    maxLength: 24,
    characters: "A-Za-z0-9-",
  },
  "secret of a Key Vault": {
    type: "azurerm_key_vault_secret",
    argument: "name",
    characters: "A-Za-z0-9-",
  },
  "Log Analytics workspace": {
    type: "azurerm_log_analytics_workspace",
    argument: "name",
    minLength: 4,
    maxLength: 63,
    characters: "A-Za-z0-9-",
    first: "A-Za-z0-9",
    last: "A-Za-z0-9",
  },
  "Container Apps environment": {
    type: "azurerm_container_app_environment",
    argument: "name",
    maxLength: 60,
    characters: "A-Za-z0-9-",
    first: "A-Za-z",
    last: "A-Za-z0-9",
  },
  "API Management service": {
    type: "azurerm_api_management",
    argument: "name",
    maxLength: 50,
    characters: "A-Za-z0-9-",
  },
  "network on Google": {
    type: "google_compute_network",
    argument: "name",
    maxLength: 63,
    characters: "a-z0-9-",
    first: "a-z",
    last: "a-z0-9",
  },
  "subnet on Google": {
    type: "google_compute_subnetwork",
    argument: "name",
    maxLength: 63,
    characters: "a-z0-9-",
    first: "a-z",
    last: "a-z0-9",
  },
  "role at Entra": {
    type: "azuread_application_app_role",
    argument: "value",
    maxLength: 249,
    characters: "A-Za-z0-9!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    first: "A-Za-z0-9!#$%&'()*+,-/:;<=>?@[]^_`{|}~",
  },
} as const satisfies Readonly<Record<string, VendorText>>;

/** SKUs of API Management. */
export const GATEWAY_SKU = {
  type: "azurerm_api_management",
  argument: "sku_name",
  // The provider's own has no end behind BasicV2.
  pattern:
    "^Consumption_0$|^Basic_(1|2)$|^BasicV2_([1-9]|10)$|^Developer_1$|^Premium_([1-9][0-9]{0,1})$|^PremiumV2_([1-9]|1[0-9]|2[0-9]|30)$|^Standard_[1-4]$|^StandardV2_([1-9]|10)$",
} as const;

const sizes = {
  Balanced_B: [0, 1, 3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700, 1000],
  ComputeOptimized_X: [3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700],
  FlashOptimized_A: [250, 500, 700, 1000, 1500, 2000, 4500],
  MemoryOptimized_M: [10, 20, 50, 100, 150, 250, 350, 500, 700, 1000, 1500, 2000],
} as const;

/** SKUs of Azure Managed Redis. */
export const managedRedisSkus: readonly string[] = Object.entries(sizes).flatMap(([family, each]) =>
  each.map((size) => `${family}${size}`),
);

const from2 = [2, 4, 8, 16, 32, 48, 64];
const with20 = [2, 4, 8, 16, 20, 32, 48, 64];

/** Cores of each kind of a flexible server: what leads a SKU, and what ends it. */
const servers: readonly (readonly [lead: string, end: string, cores: readonly number[]])[] = [
  ["B_Standard_B", "ms", [1, 2, 4, 8, 12, 16, 20]],
  ["B_Standard_B", "s", [2]],
  ["GP_Standard_D", "s_v3", from2],
  ["GP_Standard_D", "ds_v4", from2],
  ["GP_Standard_D", "ds_v5", [...from2, 96]],
  ["GP_Standard_D", "ads_v5", [...from2, 96]],
  ["MO_Standard_E", "s_v3", with20],
  ["MO_Standard_E", "ds_v4", [...with20, 6]],
  ["MO_Standard_E", "ds_v5", [...with20, 96]],
  ["MO_Standard_E", "ads_v5", [...from2, 96]],
];

/** SKUs of a flexible server of Postgres, as azurerm has them in `FlexibleServerSkuName`. */
export const postgresSkus: readonly string[] = servers.flatMap(([lead, end, cores]) =>
  cores.map((count) => `${lead}${count}${end}`),
);

/** Scalers of KEDA that a Container App may name. */
export const CONTAINER_APP_SCALERS = {
  type: "azurerm_container_app",
  argument: "template.custom_scale_rule.custom_rule_type",
  names: [
    "activemq",
    "artemis-queue",
    "kafka",
    "pulsar",
    "aws-cloudwatch",
    "aws-dynamodb",
    "aws-dynamodb-streams",
    "aws-kinesis-stream",
    "aws-sqs-queue",
    "azure-app-insights",
    "azure-blob",
    "azure-data-explorer",
    "azure-eventhub",
    "azure-log-analytics",
    "azure-monitor",
    "azure-pipelines",
    "azure-servicebus",
    "azure-queue",
    "cassandra",
    "cpu",
    "cron",
    "datadog",
    "elasticsearch",
    "external",
    "external-push",
    "gcp-stackdriver",
    "gcp-storage",
    "gcp-pubsub",
    "graphite",
    "http",
    "huawei-cloudeye",
    "ibmmq",
    "influxdb",
    "kubernetes-workload",
    "liiklus",
    "memory",
    "metrics-api",
    "mongodb",
    "mssql",
    "mysql",
    "nats-jetstream",
    "stan",
    "tcp",
    "new-relic",
    "openstack-metric",
    "openstack-swift",
    "postgresql",
    "predictkube",
    "prometheus",
    "rabbitmq",
    "redis",
    "redis-cluster",
    "redis-sentinel",
    "redis-streams",
    "redis-cluster-streams",
    "redis-sentinel-streams",
    "selenium-grid",
    "solace-event-queue",
    "github-runner",
  ],
} as const;

/** Name of something at a vendor, as its provider takes it. */
export function nameOf(kind: keyof typeof vendorTexts): z.ZodString {
  const {
    minLength = 1,
    maxLength,
    characters,
    first = characters,
    last = characters,
  }: VendorText = vendorTexts[kind];
  const of = (set: string) =>
    `[${set.replace(/[\]\\^[]/g, "\\$&").replace(/-(?![a-zA-Z0-9])|(?<![a-zA-Z0-9])-/g, "\\-")}]`;
  // Every character is one of them, the first and the last each one of theirs.
  const pattern = new RegExp(`^(?=${of(first)})${of(characters)}*(?<=${of(last)})$`);
  const ends = first === characters && last === characters ? "" : `, first '${first}', last '${last}'`;
  const message = `is no name of ${/^[AEIO]/i.test(kind) ? "an" : "a"} ${kind}; use ${minLength} to ${maxLength ?? "any number of"} characters of '${characters}'${ends}`;
  return z
    .string()
    .min(minLength, message)
    .max(maxLength ?? Number.MAX_SAFE_INTEGER, message)
    .regex(pattern, message);
}

/** Name of a network or subnet on Azure. @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftnetwork */
export const networkName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?$/,
    "is no name of a network or subnet; use at most 80 letters, digits, '.', '_' and '-', starting with a letter or digit",
  );

/** Something of a kind in a resource group that somebody else made. */
export function existingInGroup(kind: keyof typeof vendorTexts) {
  return z.strictObject({ name: nameOf(kind), resourceGroup: nameOf("resource group") });
}
