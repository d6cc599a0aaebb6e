import { z } from "zod";
import type { Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";
import type { Environment } from "./environment";

const text = z.string().min(1);
const whole = z.int();
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a UUID");
// Such a URL stands in policies of the gateway, where these characters cannot.
const httpsUrl = z.string().regex(/^https:\/\/[^\s<>&'"]+$/, "is not an https URL");
const variables = z.record(z.string(), z.string());
const platform = z.enum(["container-apps", "kubernetes", "cloud-run"]);
const existing = z.strictObject({ name: text, resourceGroup: text });

const state = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("azure-storage"),
    resourceGroup: text,
    storageAccount: text,
    container: text.optional(),
  }),
  z.strictObject({ kind: z.literal("google-storage"), bucket: text }),
  z.strictObject({ kind: z.literal("local") }),
]);

const network = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("created"), cidr: z.cidrv4().optional() }),
  z.strictObject({
    kind: z.literal("existing"),
    name: text,
    resourceGroup: text,
    containerAppsSubnet: text.optional(),
    privateEndpointsSubnet: text.optional(),
    gatewaySubnet: text.optional(),
    clusterSubnet: text.optional(),
    postgresSubnet: text.optional(),
    cidr: z.cidrv4().optional(),
    privateDnsResourceGroup: text.optional(),
  }),
]);

const azure = z.strictObject({
  subscriptionId: uuid,
  location: text,
  resourceGroup: z.strictObject({ existing: text }).optional(),
  deployerObjectIds: z.array(uuid).min(1, "needs at least one object id: somebody has to write the secrets"),
  network: network.optional(),
});

const google = z.strictObject({
  projectId: text,
  projectNumber: z.string().regex(/^\d+$/, "is not a project number (digits)"),
  region: text,
});

const containerApps = z.strictObject({
  internal: z.boolean().optional(),
  existing: existing.optional(),
  mutualTls: z.boolean().optional(),
});

const kubernetes = z.strictObject({ namespace: text.optional() });

const cloudRun = z.strictObject({ timeoutSeconds: whole.min(1).max(3600).optional() });

const overrides = z.strictObject({
  enabled: z.boolean().optional(),
  platform: platform.optional(),
  image: text.optional(),
  cpu: z.number().positive().optional(),
  memoryMiB: whole.positive().optional(),
  workers: whole.positive().optional(),
  minReplicas: whole.nonnegative().optional(),
  maxReplicas: whole.positive().optional(),
  taskDeadlineSeconds: whole.positive().optional(),
  reach: z.enum(["environment", "vnet", "internet"]).optional(),
  variables: variables.optional(),
  traffic: z.array(z.strictObject({ revision: text, percent: whole.min(0).max(100) })).optional(),
});

const registry = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("fleet"),
    name: text,
    resourceGroup: text,
    subscriptionId: uuid,
    location: text,
    tenant: text,
    state,
  }),
  z.strictObject({
    kind: z.literal("azure"),
    name: text,
    resourceGroup: text,
    subscriptionId: uuid.optional(),
  }),
  z.strictObject({ kind: z.literal("google"), repository: text.optional() }),
  z.strictObject({ kind: z.literal("other"), server: text, username: text, passwordSecret: text }),
]);

const vault = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("key-vault"),
    access: z.enum(["public", "private"]).optional(),
    allowedRanges: z.array(z.union([z.ipv4(), z.cidrv4()])).optional(),
  }),
  z.strictObject({
    kind: z.literal("existing-key-vault"),
    name: text,
    resourceGroup: text,
    secrets: z.array(text),
  }),
  z.strictObject({ kind: z.literal("secret-manager") }),
  z.strictObject({ kind: z.literal("kubernetes"), secrets: z.array(text) }),
]);

const taskStore = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("managed-redis"),
    sku: z
      .string()
      .regex(
        /^(?:Balanced_B|ComputeOptimized_X|MemoryOptimized_M|FlashOptimized_A)\d+$/,
        "is no SKU of Azure Managed Redis, such as Balanced_B5",
      )
      .optional(),
    persistence: z.enum(["none", "aof-1s", "rdb-1h", "rdb-6h", "rdb-12h"]).optional(),
  }),
  z.strictObject({
    kind: z.literal("redis-cache"),
    sku: z.enum(["Basic", "Standard", "Premium"]).optional(),
    capacity: whole.min(0).max(6).optional(),
    reason: text,
  }),
  z.strictObject({ kind: z.literal("existing"), host: text, port: whole, urlSecret: text }),
  z.strictObject({ kind: z.literal("memorystore"), memorySizeGiB: whole.positive().optional() }),
  z.strictObject({ kind: z.literal("cluster-redis"), storageGiB: whole.positive().optional() }),
  z.strictObject({ kind: z.literal("memory") }),
]);

const telemetry = z.strictObject({
  existingEndpoint: text.optional(),
  existingWorkspace: existing.optional(),
  sampleRatio: z.number().min(0).max(1).optional(),
  collectorImage: text.optional(),
});

const gateway = z.strictObject({
  host: z
    .string()
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, "is not a host name (no scheme, no path, lower case)")
    .optional(),
  sku: text.optional(),
  publisherName: text.optional(),
  publisherEmail: z.email().optional(),
  certificateIssuer: text.optional(),
  applications: z.record(z.string(), z.array(text)).optional(),
  existing: existing.optional(),
});

const callerGrants = {
  applications: z.record(z.string(), z.array(text)).optional(),
  skillRoles: z.record(z.string(), z.array(text)).optional(),
};

const identityProvider = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("entra"), ...callerGrants }),
  z.strictObject({
    kind: z.literal("keycloak"),
    ...callerGrants,
    realm: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, "is part of URLs: lower case letters, digits and hyphens")
      .optional(),
    mode: z.enum(["production", "development"]).optional(),
    accessTokenSeconds: whole
      .min(60)
      .max(900, "is longer than 900 seconds, the longest that an access token may live")
      .optional(),
    keyLifetimeDays: whole.min(1).max(365).optional(),
    optimizedImage: text.optional(),
    backupRetentionDays: whole.min(7).max(35).optional(),
  }),
  z.strictObject({ kind: z.literal("existing"), issuer: httpsUrl, jwksUrl: httpsUrl }),
]);

const mesh = z.strictObject({ kind: z.literal("dapr") });

const schema = z.strictObject({
  name: z.string(),
  stage: z.enum(["development", "staging", "production"]),
  prefix: z.string(),
  domain: z
    .string()
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, "is not a DNS domain (no scheme, no path, lower case)"),
  tenant: text,
  azure: azure.optional(),
  google: google.optional(),
  platform,
  containerApps: containerApps.optional(),
  kubernetes: kubernetes.optional(),
  cloudRun: cloudRun.optional(),
  agents: z.record(z.string(), overrides).optional(),
  customers: z.array(z.string()).optional(),
  registry,
  state,
  vault,
  taskStore,
  telemetry: telemetry.optional(),
  gateway: gateway.optional(),
  identityProvider: identityProvider.optional(),
  mesh: mesh.optional(),
  modelGateway: z.strictObject({ url: text, keySecret: text.optional() }).optional(),
  deletionProtection: z.boolean().optional(),
  highAvailability: z.boolean().optional(),
  retentionDays: whole.optional(),
  logLevel: z.enum(["debug", "info", "warning", "error"]).optional(),
  corsOrigins: z.array(text).optional(),
  rateLimitPerMinute: whole.positive().optional(),
  replicaLimit: whole.positive().optional(),
  scaleToZero: z.boolean().optional(),
  tags: variables.optional(),
}) satisfies z.ZodType<Environment>;

/** Says which properties of an environment are unknown, missing or of the wrong type. */
export function findEnvironmentShapeProblems(environment: Environment): Problem[] {
  return findShapeProblems(schema, environment, `environment '${environment.name}'`, "environment");
}
