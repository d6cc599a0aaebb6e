import { z } from "zod";
import type { Environment } from "../environment/environment";
import type { Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";

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

const projectId = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    "is not a project id (6 to 30 lower case letters, digits, hyphens)",
  );
const projectNumber = z.string().regex(/^\d+$/, "is not a project number (digits)");

const googleFleetRegistry = z.strictObject({
  kind: z.literal("google-fleet"),
  projectId,
  projectNumber,
  region: text,
  repository: text.optional(),
  upstream: z.strictObject({ server: text, username: text, passwordSecret: text.optional() }).optional(),
  state,
});

const googleRegistry = z.strictObject({
  kind: z.literal("google"),
  projectId: projectId.optional(),
  region: text.optional(),
  repository: text.optional(),
});

const google = z.strictObject({
  projectId,
  projectNumber,
  region: text,
  network: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("created"), cidr: z.cidrv4().optional() }),
      z.strictObject({ kind: z.literal("existing"), network: text, subnetwork: text }),
    ])
    .optional(),
  images: z.discriminatedUnion("kind", [googleFleetRegistry, googleRegistry]).optional(),
});

const containerApps = z.strictObject({
  internal: z.boolean().optional(),
  existing: existing.optional(),
  mutualTls: z.boolean().optional(),
});

const clusterLogin = z.enum(["azurecli", "workloadidentity", "msi"]);

const nodePool = z.strictObject({
  vmSize: text.optional(),
  minNodes: whole.min(1).max(1000).optional(),
  maxNodes: whole.min(1).max(1000).optional(),
});

const certificates = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("acme"),
    email: z.email(),
    server: z.url().optional(),
    dnsZone: existing.optional(),
  }),
  z.strictObject({ kind: z.literal("issuer"), name: text }),
]);

const internalAddress = z.strictObject({
  subnet: text,
  address: z.ipv4(),
  allowedRanges: z.array(z.cidrv4()).min(1, "needs at least one range: the gateway's"),
});

const backups = z.strictObject({
  storage: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("s3"),
      bucket: text,
      region: text,
      endpoint: z.url().optional(),
      address: z.strictObject({ cidr: z.cidrv4(), port: whole.min(1).max(65_535) }).optional(),
    }),
    z.strictObject({ kind: z.literal("azure-blob"), account: text, container: text }),
    z.strictObject({ kind: z.literal("google-storage"), bucket: text }),
  ]),
  credentialsSecret: text,
  schedule: z
    .string()
    .regex(/^(?:\S+ ){4}\S+$/, "is not a cron expression of five fields (17 2 * * *)")
    .optional(),
  retentionDays: whole.min(1).optional(),
  scratchGiB: whole.min(1).optional(),
  transferImage: text.optional(),
});

const kubernetes = z.strictObject({
  backups: backups.optional(),
  namespace: text.optional(),
  cluster: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("aks"),
        version: z
          .string()
          .regex(/^1\.\d+$/, "is not a minor version such as 1.35")
          .optional(),
        apiServer: z
          .discriminatedUnion("access", [
            z.strictObject({ access: z.literal("private") }),
            z.strictObject({
              access: z.literal("public"),
              allowedRanges: z
                .array(z.cidrv4())
                .min(1, "needs at least one range: an API server is not open to everybody"),
            }),
          ])
          .optional(),
        systemNodes: nodePool.optional(),
        agentNodes: nodePool.optional(),
        maintenance: z
          .strictObject({
            dayOfWeek: z.enum(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
            startTime: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "is not a time such as 02:00"),
          })
          .optional(),
        login: clusterLogin.optional(),
      }),
      z.strictObject({
        kind: z.literal("existing-aks"),
        name: text,
        resourceGroup: text,
        login: clusterLogin.optional(),
      }),
      z.strictObject({ kind: z.literal("existing"), context: text }),
    ])
    .optional(),
  autoscaling: z.enum(["keda", "metrics-adapter", "resources"]).optional(),
  edge: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("gateway-api"),
        gatewayClass: text.optional(),
        namespace: text.optional(),
        certificates,
        internalAddress: internalAddress.optional(),
      }),
      z.strictObject({
        kind: z.literal("nginx"),
        controller: z.enum(["ingress-nginx", "app-routing"]),
        namespace: text.optional(),
        certificates,
        internalAddress: internalAddress.optional(),
        buffering: z.boolean().optional(),
        exception: z.strictObject({ reason: text, until: z.iso.date() }).optional(),
      }),
    ])
    .optional(),
  runAsUser: whole.min(1).optional(),
  apiServer: z.strictObject({ cidr: z.cidrv4(), port: whole.min(1).max(65535) }).optional(),
  prometheusUrl: z.url().optional(),
});

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
  traffic: z
    .array(z.strictObject({ revision: text, percent: whole.min(0).max(100), tag: text.optional() }))
    .optional(),
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
  googleFleetRegistry,
  googleRegistry,
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

const existingRedis = z.strictObject({
  kind: z.literal("existing"),
  host: text,
  port: whole,
  urlSecret: text,
});
const memorystore = z.strictObject({
  kind: z.literal("memorystore"),
  memorySizeGiB: whole.min(1).max(300).optional(),
});
const noStore = z.strictObject({ kind: z.literal("memory") });

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
  existingRedis,
  memorystore,
  z.strictObject({ kind: z.literal("cluster-redis"), storageGiB: whole.positive().optional() }),
  noStore,
]);

const host = z
  .string()
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, "is not a host name (no scheme, no path, lower case)");

const cloudRun = z.strictObject({
  timeoutSeconds: whole.min(1).max(3600).optional(),
  front: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("domain-mapping"), hosts: z.record(z.string(), host).optional() }),
      z.strictObject({
        kind: z.literal("load-balancer"),
        host: host.optional(),
        admits: z.array(z.cidrv4()).min(1, "admits nobody; name at least one range").optional(),
      }),
    ])
    .optional(),
  invokers: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("everyone") }),
      z.strictObject({ kind: z.literal("callers"), members: z.array(text).optional() }),
    ])
    .optional(),
  taskStore: z.discriminatedUnion("kind", [existingRedis, memorystore, noStore]).optional(),
});

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
    database: z
      .strictObject({
        url: z
          .string()
          .regex(
            /^jdbc:postgresql:\/\/[^:/?@\s]+(?::\d+)?\/[^/?@\s]+(?:\?\S+)?$/,
            "is not a JDBC URL (jdbc:postgresql://db.example.com:5432/keycloak?sslmode=verify-full)",
          )
          .refine((url) => !/[?&](?:user|password)=/i.test(url), {
            message: "carries credentials; leave them to 'credentialsSecret'",
          }),
        credentialsSecret: text,
        address: z.strictObject({ cidr: z.cidrv4(), port: whole.min(1).max(65_535) }).optional(),
      })
      .optional(),
  }),
  z.strictObject({ kind: z.literal("existing"), issuer: httpsUrl, jwksUrl: httpsUrl }),
]);

const daprVersion = z.string().regex(/^\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/, "is not a version (1.18.0)");

const mesh = z.strictObject({
  kind: z.literal("dapr"),
  controlPlane: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("release"), version: daprVersion.optional() }),
      z.strictObject({ kind: z.literal("existing"), version: daprVersion, namespace: text.optional() }),
    ])
    .optional(),
  trustDomain: z
    .string()
    .regex(/^[a-z0-9._-]{1,255}$/, "is not a trust domain (lower case letters, digits, '.', '_' and '-')")
    .optional(),
  accessControl: z.boolean().optional(),
  sidecar: z
    .strictObject({
      metricsPort: whole.min(1).max(65_535).optional(),
      cpu: z.number().positive().optional(),
      cpuLimit: z.number().positive().optional(),
      memoryMiB: whole.positive().optional(),
      memoryLimitMiB: whole.positive().optional(),
      maxBodyMiB: whole.positive().optional(),
      readBufferKiB: whole.positive().optional(),
      apiLogging: z.boolean().optional(),
    })
    .optional(),
});

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
