import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import type { FleetInput } from "../support/arbitrary-fleet";
import { billing, desk, environment } from "../support/sample-fleet";

/** A fleet that is refused, and its twin that differs in one place and passes. */
export interface BrokenFleet {
  /** Id of the rule, or kind of the problem, that refuses it. */
  readonly rule: string;
  readonly breaks: FleetChange;
  readonly passes: FleetChange;
  /** The whole message. */
  readonly says: string;
}

/** What differs from the sample fleet. A property that is `undefined` is taken away. */
export interface FleetChange {
  readonly billing?: Loose<AgentDefinition>;
  readonly desk?: Loose<AgentDefinition>;
  /** Definitions besides these two. */
  readonly more?: readonly AgentDefinition[];
  readonly environment?: Loose<Environment>;
}

/** Users are not checked by the compiler (tsx runs what they write), so a broken fleet isn't either. */
type Loose<T> = { readonly [Key in keyof T]?: unknown } & Readonly<Record<string, unknown>>;

/** The sample fleet with a change. */
export function changedFleet(change: FleetChange): FleetInput {
  return {
    definitions: [
      { ...desk, ...change.desk } as AgentDefinition,
      { ...billing, ...change.billing } as AgentDefinition,
      ...(change.more ?? []),
    ],
    environment: { ...environment, ...change.environment } as Environment,
  };
}

const thousand = { minReplicas: 1000, maxReplicas: 1000 };

/** Billing on Cloud Run, called from Container Apps. */
const google = {
  projectId: "acme-agents",
  projectNumber: "123456789012",
  region: "europe-west4",
  images: { kind: "google" },
};
const balancer = { kind: "load-balancer", admits: ["198.51.100.7/32"] };
const existingIssuer = {
  kind: "existing",
  issuer: "https://login.acme.example",
  jwksUrl: "https://login.acme.example/keys",
};
const companyGateway = { existing: { name: "apim-company", resourceGroup: "rg-company" } };
const memorystore = { kind: "memorystore" };
const onGoogle = (rest: object = {}) => ({
  google,
  cloudRun: { taskStore: memorystore },
  agents: { billing: { platform: "cloud-run", reach: "internet" } },
  ...rest,
});

const digest = `sha256:${"a1".repeat(32)}`;
const skill = billing.skills[0];
const other = (name: string, rest: Partial<AgentDefinition> = {}): AgentDefinition => ({
  ...billing,
  name,
  secrets: {},
  ...rest,
});

const entra = { kind: "entra" };
const behindGateway = (rest: object = {}) => ({
  environment: { gateway: {}, identityProvider: entra, ...rest },
});
const network = { ...environment.azure, network: { kind: "created" } };
const existingNetwork = (subnets: object) => ({
  ...environment.azure,
  network: { kind: "existing", name: "vnet-acme", resourceGroup: "rg-acme", ...subnets },
});
const production = (rest: object = {}) => ({
  stage: "production",
  identityProvider: existingIssuer,
  azure: network,
  agents: { billing: { image: digest }, desk: { image: digest } },
  ...rest,
});
/** Production without a store: each agent at one replica. */
const inMemory = { taskStore: { kind: "memory" }, replicaLimit: 1, highAvailability: false };
/** Variables that take 128 KiB each, or less. */
const chunks = (count: number, size = 131_072 - "C000=".length - 1) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`C${String(index).padStart(3, "0")}`, "x".repeat(size)]),
  );
/** Everything on Cloud Run, and no other cloud. */
const runOnly = (rest: object = {}) => ({
  azure: undefined,
  google: { ...google, images: undefined },
  platform: "cloud-run",
  registry: { kind: "google" },
  vault: { kind: "secret-manager" },
  taskStore: memorystore,
  ...rest,
});
/** A cluster without a cloud. */
const onPlainCluster = (rest: object = {}) => ({
  azure: undefined,
  alerts: undefined,
  platform: "kubernetes",
  kubernetes: {
    cluster: { kind: "existing", context: "there" },
    edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "letsencrypt" } },
  },
  registry: { kind: "other", server: "ghcr.io/acme", username: "puller", passwordSecret: "registry-login" },
  vault: { kind: "kubernetes", secrets: ["registry-login", "billing-erp-token"] },
  taskStore: { kind: "cluster-redis" },
  ...rest,
});
/** An AKS cluster of the fleet's own. */
const onAks = (cluster: object, kubernetes: object = {}) => ({
  platform: "kubernetes",
  azure: network,
  kubernetes: {
    cluster: { kind: "aks", ...cluster },
    edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "letsencrypt" } },
    ...kubernetes,
  },
});
const forwardTo = { endpoint: "https://otlp.acme.example" };
const exception = { reason: "a fair", until: "2026-12-31" };
const openInProduction = (until: string) =>
  production({
    identityProvider: undefined,
    exceptions: { "callers-are-authenticated": { ...exception, until } },
  });
const event = (rest: object = {}) => ({
  kind: "event",
  scaler: "redis-streams",
  metadata: { stream: "jobs" },
  ...rest,
});
const databaseOnGoogle = (passwordSecret: string) => ({
  kind: "existing-postgres",
  host: "db.acme.example",
  passwordSecret,
});
const existingVault = (secrets: readonly string[]) => ({
  kind: "existing-key-vault",
  name: "kv-acme",
  resourceGroup: "rg-acme",
  secrets,
});

/** Of no account: made up in a vendor's shape, and written so that no scanner of this repository finds it. */
const slackToken = ["xoxb", "123456789012", "1234567890123", "abcdefghijABCDEFGHIJ1234"].join("-");

const deployer = "33333333-3333-4333-8333-333333333333";
/** Every agent on Cloud Run, and a side of Azure that none of them runs on. */
const allOnGoogle = (vault: object) => ({
  ...onGoogle({
    platform: "cloud-run",
    agents: { billing: { reach: "internet" }, desk: { reach: "internet" } },
  }),
  vault,
});
const subnets = { containerAppsSubnet: "snet-apps", privateEndpointsSubnet: "snet-endpoints" };
const behindGatewayIn = (more: object) => behindGateway({ azure: existingNetwork({ ...subnets, ...more }) });
const keycloakIn = (more: object) =>
  behindGateway({
    identityProvider: { kind: "keycloak" },
    azure: existingNetwork({ ...subnets, gatewaySubnet: "snet-gateway", ...more }),
  });

const imagesOf = (tenant: string) => ({
  kind: "fleet",
  name: "acmeimages",
  resourceGroup: "rg-images",
  subscriptionId: environment.azure?.subscriptionId,
  location: "westeurope",
  tenant,
  state: { kind: "local" },
});
const atAddress = (address: string, azure: object = network) => ({
  ...onAks(
    {},
    {
      edge: {
        kind: "gateway-api",
        certificates: { kind: "issuer", name: "letsencrypt" },
        internalAddress: { subnet: "snet-edge", address, allowedRanges: ["10.40.3.0/24"] },
      },
    },
  ),
  azure,
});
const theirEdge = {
  kind: "gateway-api",
  gatewayClass: "cilium",
  certificates: { kind: "issuer", name: "letsencrypt" },
};
const inNamespace = (namespace: string) => ({
  ...onAks({}, { namespace, edge: { ...theirEdge, namespace: "proxies" } }),
  mesh: { kind: "dapr", controlPlane: { kind: "existing", version: "1.18.1", namespace: "mesh" } },
});
const mapped = (hosts: object) =>
  onGoogle({ cloudRun: { taskStore: memorystore, front: { kind: "domain-mapping", hosts } } });
const theirRedis = { kind: "existing", port: 6380, urlSecret: "redis-url" };
const theirCache = { kind: "redis-cache", reason: "it is there" };
const theirs = { name: "apps", resourceGroup: "rg-apps" };
const bank = (path: string) => ({ name: "bank", url: `https://bank.example${path}`, scope: null });
const tagged = (tag: string) => [
  { revision: "latest", percent: 100, tag: "new" },
  { revision: "v1", percent: 0, tag },
];
const burstable = (highAvailability: boolean) => ({
  highAvailability,
  azure: network,
  taskStore: { kind: "azure-postgres", sku: "B_Standard_B1ms" },
});

/** Every guard of the fleet at least once. */
export const brokenFleets: readonly BrokenFleet[] = [
  // Tasks, replicas and deadlines.
  {
    rule: "shared-store-for-replicas",
    passes: { billing: { taskStore: "memory", minReplicas: 1, maxReplicas: 1 } },
    breaks: { billing: { taskStore: "memory", minReplicas: 1, maxReplicas: 2 } },
    says: "agent 'billing': up to 2 replicas keep their tasks in memory, where no other process sees them; set taskStore to 'shared', or stay at 1 replica and 1 worker",
  },
  {
    rule: "shared-store-for-replicas",
    passes: { billing: { workers: 1 }, environment: { taskStore: { kind: "memory" }, replicaLimit: 1 } },
    breaks: { billing: { workers: 4 }, environment: { taskStore: { kind: "memory" }, replicaLimit: 1 } },
    says: "agent 'billing': up to 4 workers keep their tasks in memory, where no other process sees them; give environment 'test' a task store (or a replicaLimit of 1), or stay at 1 replica and 1 worker",
  },
  {
    rule: "resumed-tasks-are-shared",
    passes: { billing: { resumesTasks: true, taskStore: "shared", minReplicas: 1, maxReplicas: 1 } },
    breaks: { billing: { resumesTasks: true, taskStore: "memory", minReplicas: 1, maxReplicas: 1 } },
    says: "agent 'billing': resumesTasks says that another replica takes up its tasks, and taskStore 'memory' hides them from every other; set taskStore to 'shared', or remove resumesTasks",
  },
  {
    rule: "deadline-within-hops",
    passes: { billing: { taskDeadlineSeconds: 240 } },
    breaks: { billing: { taskDeadlineSeconds: 300 } },
    says: "agent 'billing': its task deadline of 300 s is beyond the 240 s after which container-apps-ingress cuts a stream (https://learn.microsoft.com/azure/container-apps/ingress-overview); lower taskDeadlineSeconds to 240, or set heartbeatSeconds below 240 and resubscribe or pushNotifications",
  },
  {
    rule: "deadline-within-hops",
    passes: { billing: { taskDeadlineSeconds: 300, resubscribe: true, heartbeatSeconds: 15 } },
    breaks: { billing: { taskDeadlineSeconds: 300, resubscribe: true, heartbeatSeconds: 240 } },
    says: "agent 'billing': its task deadline of 300 s is beyond the 240 s after which container-apps-ingress cuts a stream (https://learn.microsoft.com/azure/container-apps/ingress-overview); lower taskDeadlineSeconds to 240, or set heartbeatSeconds below 240",
  },
  {
    rule: "deadline-within-hops",
    passes: {
      billing: { taskDeadlineSeconds: 300, heartbeatSeconds: 15, minReplicas: 1, pushNotifications: true },
    },
    breaks: {
      billing: { taskDeadlineSeconds: 300, heartbeatSeconds: 15, minReplicas: 1, pushNotifications: false },
    },
    says: "agent 'billing': its task deadline of 300 s is beyond the 240 s after which container-apps-ingress cuts a stream (https://learn.microsoft.com/azure/container-apps/ingress-overview); lower taskDeadlineSeconds to 240, or set resubscribe or pushNotifications",
  },
  {
    rule: "deadline-within-grace",
    passes: { billing: { taskDeadlineSeconds: 200, terminationGraceSeconds: 210 } },
    breaks: { billing: { taskDeadlineSeconds: 200, terminationGraceSeconds: 120 } },
    says: "agent 'billing': its workers get 200 s to stop (gracefulTimeoutSeconds), and the replica is killed after 120 s (terminationGraceSeconds), 10 s of which pass before and after; leave terminationGraceSeconds out, or raise it to 210",
  },
  {
    rule: "deadline-within-grace",
    passes: { billing: { gracefulTimeoutSeconds: 180 } },
    breaks: { billing: { gracefulTimeoutSeconds: 179 } },
    says: "agent 'billing': a task may take 180 s, and the workers of a stopping replica get 179 s (gracefulTimeoutSeconds); leave gracefulTimeoutSeconds out, raise it to 180, shorten taskDeadlineSeconds, or set resumesTasks if another replica takes up a stopped task",
  },
  {
    rule: "deadline-within-grace",
    passes: { billing: { resumesTasks: true, gracefulTimeoutSeconds: 1 } },
    breaks: { billing: { resumesTasks: false, gracefulTimeoutSeconds: 1 } },
    says: "agent 'billing': a task may take 180 s, and the workers of a stopping replica get 1 s (gracefulTimeoutSeconds); leave gracefulTimeoutSeconds out, raise it to 180, shorten taskDeadlineSeconds, or set resumesTasks if another replica takes up a stopped task",
  },
  {
    rule: "deadline-within-request-timeout",
    passes: { billing: { requestTimeoutSeconds: 190 } },
    breaks: { billing: { requestTimeoutSeconds: 189 } },
    says: "agent 'billing': a task may take 180 s, it sends no heartbeats, and a worker that is silent for 189 s (requestTimeoutSeconds) is restarted with all its tasks; leave requestTimeoutSeconds out, raise it to 190, or set heartbeatSeconds below 189",
  },
  {
    rule: "deadline-within-request-timeout",
    passes: { billing: { requestTimeoutSeconds: 30, heartbeatSeconds: 29 } },
    breaks: { billing: { requestTimeoutSeconds: 30, heartbeatSeconds: 30 } },
    says: "agent 'billing': a task may take 180 s, its heartbeats are 30 s apart (heartbeatSeconds), and a worker that is silent for 30 s (requestTimeoutSeconds) is restarted with all its tasks; leave requestTimeoutSeconds out, raise it to 190, or set heartbeatSeconds below 30",
  },
  {
    rule: "orphans-are-found",
    passes: { billing: { pushNotifications: true, minReplicas: 1 } },
    breaks: { billing: { pushNotifications: true, minReplicas: 0 } },
    says: "agent 'billing': it notifies its clients (pushNotifications) and may have no replica (minReplicas 0): when the only one is lost, nobody finds its tasks, and their clients wait for ever; set minReplicas to 1 or more",
  },
  {
    rule: "platform-limit:termination grace",
    passes: { billing: { resumesTasks: true, terminationGraceSeconds: 600 } },
    breaks: { billing: { resumesTasks: true, terminationGraceSeconds: 601 } },
    says: "agent 'billing' on Container Apps: termination grace: terminationGraceSeconds is 601, and the platform waits 600 s at most; shorten taskDeadlineSeconds, or set resumesTasks if another replica takes up a stopped task",
  },
  {
    rule: "replicas-in-order",
    passes: { billing: { minReplicas: 5, maxReplicas: 5 } },
    breaks: { billing: { minReplicas: 6, maxReplicas: 5 } },
    says: "agent 'billing': minReplicas is 6 and maxReplicas is 5; lower the first or raise the second",
  },
  {
    rule: "nodes-hold-agents",
    passes: { billing: { minReplicas: 5 }, environment: onAks({ agentNodes: { maxNodes: 1 } }) },
    breaks: { billing: { minReplicas: 5, cpu: 0.7 }, environment: onAks({ agentNodes: { maxNodes: 1 } }) },
    says: "environment 'test': its agents ask for at least 4 cores and 6144 MiB together (minReplicas), and kubernetes.cluster.agentNodes.maxNodes is 1, of Standard_D4ds_v5 with 3.86 cores and 12188 MiB for pods each: what they don't hold never starts; set agentNodes.maxNodes to 2 or more, or choose a larger agentNodes.vmSize",
  },
  {
    rule: "nodes-hold-agents",
    passes: {
      billing: { minReplicas: 5, maxReplicas: 20 },
      environment: { ...onAks({ agentNodes: { maxNodes: 1 } }), mesh: { kind: "dapr" } },
    },
    breaks: {
      billing: { minReplicas: 11, maxReplicas: 20 },
      environment: { ...onAks({ agentNodes: { maxNodes: 1 } }), mesh: { kind: "dapr" } },
    },
    says: "environment 'test': its agents ask for at least 7.2 cores and 13824 MiB together (minReplicas), and kubernetes.cluster.agentNodes.maxNodes is 1, of Standard_D4ds_v5 with 3.86 cores and 12188 MiB for pods each: what they don't hold never starts; set agentNodes.maxNodes to 2 or more, or choose a larger agentNodes.vmSize",
  },
  {
    rule: "nodes-hold-agents",
    passes: {
      billing: thousand,
      more: [other("invoices", { ...thousand, cpu: 3 })],
      environment: onAks({}),
    },
    breaks: {
      billing: thousand,
      more: [other("invoices", { ...thousand, cpu: 3.5 })],
      environment: onAks({}),
    },
    says: "environment 'test': its agents ask for at least 4000.5 cores and 2049024 MiB together (minReplicas), and kubernetes.cluster.agentNodes.maxNodes is 1000, of Standard_D4ds_v5 with 3.86 cores and 12188 MiB for pods each: what they don't hold never starts; choose a larger agentNodes.vmSize",
  },
  {
    rule: "pool-in-order",
    passes: { environment: onAks({ agentNodes: { minNodes: 5 } }) },
    breaks: { environment: onAks({ agentNodes: { minNodes: 6 } }) },
    says: "environment 'test': kubernetes.cluster.agentNodes has 6 nodes at least and 5 at most, because maxNodes is left out; set maxNodes there as well, or change minNodes",
  },
  {
    rule: "pool-in-order",
    passes: { environment: onAks({ systemNodes: { maxNodes: 2 } }) },
    breaks: { environment: onAks({ systemNodes: { maxNodes: 1 } }) },
    says: "environment 'test': kubernetes.cluster.systemNodes has 2 nodes at least and 1 at most, because minNodes is left out; set minNodes there as well, or change maxNodes",
  },
  {
    rule: "platform-limit:replicas",
    passes: { billing: { maxReplicas: 300 } },
    breaks: { billing: { maxReplicas: 301 } },
    says: "agent 'billing' on Container Apps: replicas: maxReplicas is 301, and an app has 300 at most; lower it",
  },
  {
    rule: "nobody-waits-for-cold-start",
    passes: { desk: { minReplicas: 1 } },
    breaks: { desk: { minReplicas: 0 } },
    says: "agent 'desk-globex': it is customer-facing and may scale to zero, so that people wait for its cold start; set minReplicas to 1 or more",
  },
  {
    rule: "nobody-waits-for-cold-start",
    passes: { environment: { agents: { "desk-globex": { minReplicas: 1 } } } },
    breaks: { environment: { agents: { "desk-globex": { minReplicas: 0 } } } },
    says: "agent 'desk-globex': it is customer-facing and may scale to zero, so that people wait for its cold start; set minReplicas to 1 or more",
  },
  {
    rule: "requests-wake-replicas",
    passes: { billing: { minReplicas: 1, scaling: { kind: "resources", cpuPercent: 60 } } },
    breaks: { billing: { minReplicas: 0, scaling: { kind: "resources", cpuPercent: 60 } } },
    says: "agent 'billing': it may scale to zero, and its scaling looks at CPU and memory, of which no replica uses any: a caller's request would wake nobody; set minReplicas to 1 or more, or scale on http",
  },
  {
    rule: "requests-wake-replicas",
    passes: { billing: { minReplicas: 1, scaling: event() } },
    breaks: { billing: { minReplicas: 0, scaling: event() } },
    says: "agent 'billing': it may scale to zero, and its scaling looks at 'redis-streams', not at requests: a caller's request would wake nobody; set minReplicas to 1 or more, or scale on http",
  },
  {
    rule: "platform-limit:CPU and memory",
    passes: { billing: { cpu: 0.25, memoryMiB: 512 } },
    breaks: { billing: { cpu: 0.3, memoryMiB: 512 } },
    says: "agent 'billing' on Container Apps: CPU and memory: 0.3 cores with 512 MiB is no size of the Consumption profile; it has 0.25 to 2 cores in steps of 0.25, each with 2048 MiB per core; set cpu 0.5 with memoryMiB 1024, the nearest",
  },
  {
    rule: "platform-limit:CPU and memory",
    passes: { billing: { cpu: 2, memoryMiB: 4096 } },
    breaks: { billing: { cpu: 8, memoryMiB: 4096 } },
    says: "agent 'billing' on Container Apps: CPU and memory: 8 cores with 4096 MiB is no size of the Consumption profile; it has 0.25 to 2 cores in steps of 0.25, each with 2048 MiB per core; set cpu 2 with memoryMiB 4096, the nearest",
  },
  {
    rule: "platform-limit:CPU and memory",
    passes: { billing: { cpu: 0.5, memoryMiB: 1024 } },
    breaks: { billing: { cpu: 0.5, memoryMiB: 2048 } },
    says: "agent 'billing' on Container Apps: CPU and memory: 0.5 cores with 2048 MiB is no size of the Consumption profile; it has 0.25 to 2 cores in steps of 0.25, each with 2048 MiB per core; set cpu 1 with memoryMiB 2048, the nearest",
  },
  {
    rule: "ports-do-not-collide",
    passes: { billing: { port: 9090, metricsPort: null } },
    breaks: { billing: { port: 9090 } },
    says: "agent 'billing': port and metricsPort are both 9090; give metrics a port of their own, or null where there are none",
  },
  {
    rule: "ports-do-not-collide",
    passes: { billing: { port: 3502 }, environment: { mesh: { kind: "dapr" } } },
    breaks: { billing: { port: 3500 }, environment: { mesh: { kind: "dapr" } } },
    says: "agent 'billing': port is 3500, which its Dapr sidecar listens on (3500, 3501, 50001, 50002, 50005, 50006); choose another",
  },
  // The gateway, and who may call.
  {
    rule: "gateway-tier",
    passes: behindGateway({ gateway: { sku: "StandardV2_1" } }),
    breaks: behindGateway({ gateway: { sku: "Consumption_0" } }),
    says: "environment 'test': gateway.sku is 'Consumption_0', a tier that neither passes event streams nor limits by caller; use StandardV2_1",
  },
  {
    rule: "gateway-tier",
    passes: behindGateway({ gateway: { sku: "PremiumV2_2" } }),
    breaks: behindGateway({ gateway: { sku: "BasicV2_1" } }),
    says: "environment 'test': gateway.sku is 'BasicV2_1', a tier without a way into a network, and agent 'desk-globex' is reached from one only; use StandardV2_1",
  },
  {
    rule: "gateway-tier",
    passes: behindGateway({ gateway: { sku: "StandardV2_3" } }),
    breaks: behindGateway({ gateway: { sku: "StandardV3_1" } }),
    says: "environment 'test': gateway.sku is 'StandardV3_1', which is no tier with its units; write it as StandardV2_1",
  },
  {
    rule: "gateway-knows-callers",
    passes: behindGateway(),
    breaks: behindGateway({ identityProvider: undefined }),
    says: "environment 'test': it has a gateway and no identityProvider whose tokens that lets in; set identityProvider to kind 'entra', 'keycloak' or 'existing'",
  },
  {
    rule: "keycloak-keeps-its-data",
    passes: behindGateway({
      stage: "development",
      identityProvider: { kind: "keycloak", mode: "development" },
    }),
    breaks: behindGateway({ stage: "staging", identityProvider: { kind: "keycloak", mode: "development" } }),
    says: "environment 'test': Keycloak is in development mode, where it loses its keys and clients with its container, and the stage is 'staging'; remove identityProvider.mode",
  },
  {
    rule: "keycloak-keeps-its-data",
    passes: { environment: { gateway: {}, identityProvider: { kind: "keycloak" } } },
    breaks: { environment: { identityProvider: { kind: "keycloak" } } },
    says: "environment 'test': nothing shows Keycloak's token path without its console, because there is no gateway; set 'gateway', or identityProvider.mode to 'development' in a development environment",
  },
  {
    rule: "keycloak-keeps-its-data",
    passes: behindGateway({ identityProvider: { kind: "keycloak" } }),
    breaks: behindGateway({
      identityProvider: {
        kind: "keycloak",
        database: {
          url: "jdbc:postgresql://db.example.com/keycloak",
          credentialsSecret: "keycloak-database",
        },
      },
    }),
    says: "environment 'test': Keycloak has a Postgres of its own on Azure, and identityProvider.database names another, which only a cluster without a cloud uses; remove it",
  },
  {
    rule: "api-keys-need-entra",
    passes: behindGateway({ gateway: { applications: { crm: ["billing"] } } }),
    breaks: behindGateway({
      gateway: { applications: { crm: ["billing"] } },
      identityProvider: { kind: "keycloak" },
    }),
    says: "environment 'test': gateway.applications call with API keys, and agents check tokens, which the gateway gets for them from Entra alone; set identityProvider to kind 'entra', or name them in identityProvider.applications and give them tokens",
  },
  {
    rule: "api-keys-need-entra",
    passes: behindGateway({ gateway: { applications: { crm: ["billing"] } } }),
    breaks: behindGateway({ gateway: { applications: { crm: ["bilings"] } } }),
    says: "environment 'test': gateway.applications: 'crm' calls 'bilings', which is not in this environment (desk-globex and billing); correct the name",
  },
  {
    rule: "api-keys-need-entra",
    passes: behindGateway({ gateway: { applications: { crm: ["billing"] } } }),
    breaks: behindGateway({ gateway: { applications: { Crm: ["billing"] } } }),
    says: "environment 'test': gateway.applications: the name 'Crm' (3 characters) is not allowed; use 2 to 32 characters: lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
  },
  {
    rule: "callers-exist",
    passes: behindGateway({ identityProvider: { kind: "entra", applications: { crm: ["billing"] } } }),
    breaks: behindGateway({ identityProvider: { kind: "entra", applications: { crm: ["bilings"] } } }),
    says: "environment 'test': identityProvider.applications: 'crm' calls 'bilings', which is not in this environment (desk-globex and billing); correct the name",
  },
  {
    rule: "callers-exist",
    passes: behindGateway({ identityProvider: { kind: "entra", applications: { crm: ["billing"] } } }),
    breaks: behindGateway({ identityProvider: { kind: "entra", applications: { CRM: ["billing"] } } }),
    says: "environment 'test': identityProvider.applications: the name 'CRM' (3 characters) is not allowed; use 2 to 32 characters: lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
  },
  {
    rule: "callers-exist",
    passes: behindGateway({ identityProvider: { kind: "entra", applications: { crm: ["billing"] } } }),
    breaks: behindGateway({
      identityProvider: { kind: "entra", applications: { "desk-globex": ["billing"] } },
    }),
    says: "environment 'test': two callers are called 'desk-globex' (an agent, customer-<customer>, or one of identityProvider.applications); rename one",
  },
  {
    rule: "callers-exist",
    passes: behindGateway({ identityProvider: { kind: "entra", applications: { crm: [] } } }),
    // It calls nobody, and has a registration of its own all the same.
    breaks: behindGateway({ identityProvider: { kind: "entra", applications: { billing: [] } } }),
    says: "environment 'test': two callers are called 'billing' (an agent, customer-<customer>, or one of identityProvider.applications); rename one",
  },
  {
    rule: "callers-exist",
    passes: {
      ...behindGateway({
        identityProvider: { kind: "entra", skillRoles: { "desk-globex": ["billing.pay"] } },
      }),
      billing: { skills: [{ ...skill, requiredRole: "billing.pay" }] },
    },
    breaks: {
      ...behindGateway({
        identityProvider: { kind: "entra", skillRoles: { "desk-globex": ["billing.play"] } },
      }),
      billing: { skills: [{ ...skill, requiredRole: "billing.pay" }] },
    },
    says: "environment 'test': identityProvider.skillRoles: no skill of the agents that 'desk-globex' calls asks for the role 'billing.play' (billing.pay); correct the name, or remove it",
  },
  {
    rule: "callers-exist",
    passes: {
      ...behindGateway({
        identityProvider: { kind: "entra", skillRoles: { "desk-globex": ["billing.pay"] } },
      }),
      billing: { skills: [{ ...skill, requiredRole: "billing.pay" }] },
    },
    breaks: {
      ...behindGateway({
        identityProvider: { kind: "entra", skillRoles: { "desk-glbex": ["billing.pay"] } },
      }),
      billing: { skills: [{ ...skill, requiredRole: "billing.pay" }] },
    },
    says: "environment 'test': identityProvider.skillRoles: 'desk-glbex' calls nobody (desk-globex and customer-globex do); correct the name",
  },
  {
    rule: "skill-roles-are-their-own",
    passes: { ...behindGateway(), billing: { skills: [{ ...skill, requiredRole: "billing.pay" }] } },
    breaks: { ...behindGateway(), billing: { skills: [{ ...skill, requiredRole: "desk-globex" }] } },
    says: "agent 'billing': a skill asks for the role 'desk-globex', which is the one of everybody who may call the agent 'desk-globex'; give it a name of its own, such as 'billing.desk-globex'",
  },
  {
    rule: "skill-roles-are-their-own",
    passes: {
      ...behindGateway(),
      billing: { skills: [{ ...skill, requiredRole: "pay" }] },
      more: [other("ledger", { skills: [{ ...skill, requiredRole: "ledger.pay" } as never] })],
    },
    breaks: {
      ...behindGateway(),
      billing: { skills: [{ ...skill, requiredRole: "pay" }] },
      more: [other("ledger", { skills: [{ ...skill, requiredRole: "pay" } as never] })],
    },
    says: "agent 'ledger': a skill asks for the role 'pay', and so does one of 'billing': who was granted it there would have it here; give it a name of its own, such as 'ledger.pay'",
  },
  {
    rule: "deadline-within-hops",
    passes: {
      ...behindGateway(),
      billing: { taskDeadlineSeconds: 300, heartbeatSeconds: 15, resubscribe: true },
    },
    breaks: {
      ...behindGateway(),
      billing: { taskDeadlineSeconds: 300, heartbeatSeconds: 300, resubscribe: true },
    },
    says: "agent 'billing': its task deadline of 300 s is beyond the 240 s after which gateway cuts a stream (https://learn.microsoft.com/azure/api-management/forward-request-policy); lower taskDeadlineSeconds to 240, or set heartbeatSeconds below 240",
  },
  {
    rule: "environment",
    passes: behindGateway({ identityProvider: { kind: "keycloak", accessTokenSeconds: 900 } }),
    breaks: behindGateway({ identityProvider: { kind: "keycloak", accessTokenSeconds: 901 } }),
    says: "environment 'test': 'identityProvider.accessTokenSeconds' 901 is longer than 900 seconds, the longest that an access token may live; correct it",
  },
  // Who reaches whom.
  {
    rule: "nothing-beside-the-gateway",
    passes: {
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        agents: { billing: { reach: "vnet" } },
      },
    },
    breaks: {
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        agents: { billing: { reach: "environment" } },
      },
    },
    says: "agent 'billing': its reach is 'environment', and the gateway is outside of the environment: it would get 404; set its reach to 'vnet', or leave it out",
  },
  {
    rule: "nothing-beside-the-gateway",
    passes: {
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        agents: { billing: { reach: "vnet" } },
      },
    },
    breaks: {
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        agents: { billing: { reach: "internet" } },
      },
    },
    says: "agent 'billing': it can be reached around the gateway: its reach is 'internet'; set its reach to 'vnet', or leave it out, or remove the gateway",
  },
  {
    rule: "nothing-beside-the-gateway",
    passes: {
      desk: { calls: [] },
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        containerApps: { internal: true },
        agents: { billing: { enabled: false } },
      },
    },
    breaks: {
      desk: { calls: [] },
      environment: {
        gateway: {},
        identityProvider: entra,
        azure: network,
        containerApps: { internal: false },
        agents: { billing: { enabled: false } },
      },
    },
    says: "agent 'desk-globex': it can be reached around the gateway: its Container Apps environment is not internal; remove containerApps.internal, or remove the gateway",
  },
  {
    rule: "card-names-reachable-url",
    passes: { environment: { agents: { desk: { reach: "internet" } } } },
    breaks: { environment: { agents: { desk: { reach: "environment" } } } },
    says: "agent 'desk-globex': it is customer-facing, and its reach is 'environment' in an environment without a gateway: nobody outside can use the URL on its card; set its reach to 'internet', or to 'vnet' for people inside the network, give the environment a gateway, or make it internal",
  },
  {
    rule: "cloud-run-behind-the-gateway",
    passes: {
      environment: onGoogle({
        gateway: companyGateway,
        identityProvider: existingIssuer,
        cloudRun: { taskStore: memorystore, front: balancer },
        agents: { billing: { platform: "cloud-run" } },
      }),
    },
    breaks: {
      environment: onGoogle({
        gateway: companyGateway,
        identityProvider: existingIssuer,
        cloudRun: { taskStore: memorystore, front: { kind: "load-balancer" } },
        agents: { billing: { platform: "cloud-run" } },
      }),
    },
    says: "agent 'billing': it can be reached around the gateway: the load balancer of cloudRun.front admits everybody; set its 'admits' to the addresses that the gateway calls from, or remove the gateway",
  },
  {
    rule: "cloud-run-behind-the-gateway",
    passes: {
      environment: onGoogle({
        gateway: {},
        identityProvider: existingIssuer,
        cloudRun: { taskStore: memorystore, front: { kind: "load-balancer", admits: ["198.0.0.0/8"] } },
        agents: { billing: { platform: "cloud-run" } },
      }),
    },
    breaks: {
      environment: onGoogle({
        gateway: {},
        identityProvider: existingIssuer,
        cloudRun: { taskStore: memorystore, front: { kind: "load-balancer", admits: ["0.0.0.0/0"] } },
        agents: { billing: { platform: "cloud-run" } },
      }),
    },
    says: "agent 'billing': it can be reached around the gateway: cloudRun.front.admits holds 0.0.0.0/0, which is more than anybody owns (at most /8); name the addresses that the gateway calls from, or leave 'admits' out: the fleet's own gateway is admitted by itself",
  },
  {
    rule: "egress-spares-metadata",
    passes: { billing: { egress: [{ cidr: "169.253.0.0/16", port: 80 }] } },
    breaks: { billing: { egress: [{ cidr: "169.254.169.254/32", port: 80 }] } },
    says: "agent 'billing': its egress holds 169.254.169.254/32, where machines hand out their own credentials (169.254.0.0/16, 168.63.129.16/32); name the destinations that it calls, without these addresses: its own identity reaches it through its variables",
  },
  {
    rule: "egress-spares-metadata",
    passes: { billing: { egress: [{ cidr: "128.0.0.0/3", port: 80 }] } },
    breaks: { billing: { egress: [{ cidr: "128.0.0.0/2", port: 80 }] } },
    says: "agent 'billing': its egress holds 128.0.0.0/2, where machines hand out their own credentials (169.254.0.0/16, 168.63.129.16/32); name the destinations that it calls, without these addresses: its own identity reaches it through its variables",
  },
  {
    rule: "egress-spares-metadata",
    passes: { billing: { egress: [{ host: "billing.example.com" }] } },
    breaks: { billing: { egress: [{ host: "metadata.google.internal" }] } },
    says: "agent 'billing': its egress holds metadata.google.internal, where machines hand out their own credentials (169.254.0.0/16, 168.63.129.16/32); name the destinations that it calls, without these addresses: its own identity reaches it through its variables",
  },
  // Who calls.
  {
    rule: "callers-are-authenticated",
    passes: { environment: production({ identityProvider: existingIssuer }) },
    breaks: { environment: production({ identityProvider: undefined }) },
    says: "environment 'test': whoever reaches desk-globex (internet) may call, because nobody's token or identity is checked; set identityProvider ('entra' costs nothing on Azure, 'keycloak' runs anywhere), keep them inside (reach 'environment'), or say in exceptions['callers-are-authenticated'] why not, and until when",
  },
  {
    rule: "callers-are-authenticated",
    passes: { environment: openInProduction("2026-11-21") },
    breaks: { environment: openInProduction("2026-11-20") },
    says: "environment 'test': whoever reaches desk-globex (internet) may call, because nobody's token or identity is checked; set identityProvider ('entra' costs nothing on Azure, 'keycloak' runs anywhere), keep them inside (reach 'environment'), or say in exceptions['callers-are-authenticated'] why not, and until when; the exception for it ended on 2026-11-20 (a fair): do so now, or agree on another end",
  },
  {
    rule: "tokens-are-short",
    passes: { environment: production({ identityProvider: existingIssuer }) },
    breaks: { environment: production({ identityProvider: entra }) },
    says: "environment 'test': access tokens live longer than 15 minutes: Entra's live 60 to 90 minutes, those of managed identities up to 24 hours; use identityProvider kind 'keycloak', or say in exceptions['tokens-are-short'] why that is accepted, and until when",
  },
  {
    rule: "unknown-exception",
    passes: { environment: { exceptions: { "callers-are-authenticated": exception } } },
    breaks: { environment: { exceptions: { "replicas-in-order": exception } } },
    says: "environment 'test': exceptions names 'replicas-in-order', which is no rule that can be let pass (production-keeps-tasks, nobody-waits-for-cold-start, secrets-are-references, skill-roles-have-issuer, pinned-images, callers-are-authenticated and tokens-are-short); remove it",
  },
  {
    rule: "unknown-exception",
    passes: {
      environment: { exceptions: { "callers-are-authenticated": { ...exception, agents: ["desk"] } } },
    },
    breaks: {
      environment: { exceptions: { "callers-are-authenticated": { ...exception, agents: ["dusk"] } } },
    },
    says: "environment 'test': exceptions['callers-are-authenticated'].agents names dusk, which don't run here (desk-globex and billing); correct the names",
  },
  {
    rule: "reachable-across-platforms",
    passes: { environment: onGoogle() },
    breaks: {
      environment: onGoogle({ agents: { billing: { platform: "cloud-run", reach: "environment" } } }),
    },
    says: "agent 'billing': from another platform desk-globex can't call it, as its reach is 'environment'; give the environment a gateway, set agents.billing.reach to 'internet', or run them together",
  },
  {
    rule: "invokers-can-call",
    passes: {
      environment: onGoogle({ cloudRun: { taskStore: memorystore, invokers: { kind: "everyone" } } }),
    },
    breaks: {
      environment: onGoogle({ cloudRun: { taskStore: memorystore, invokers: { kind: "callers" } } }),
    },
    says: "agent 'billing': cloudRun.invokers is 'callers', and without a Google identity desk-globex can't call it; set cloudRun.invokers to { kind: 'everyone' }, or run them on Cloud Run",
  },
  {
    rule: "cloud-run-reaches-its-store",
    passes: { environment: onGoogle({ cloudRun: { taskStore: memorystore } }) },
    breaks: { environment: onGoogle({ cloudRun: {} }) },
    says: "agent 'billing': it runs on Cloud Run, and its task store is Azure Managed Redis, which can't be reached from there; set cloudRun.taskStore to { kind: 'memorystore' }",
  },
  {
    rule: "domain-mapping-region",
    passes: {
      environment: onGoogle({ cloudRun: { taskStore: memorystore, front: { kind: "domain-mapping" } } }),
    },
    breaks: {
      environment: onGoogle({
        google: { ...google, region: "europe-west3" },
        cloudRun: { taskStore: memorystore, front: { kind: "domain-mapping" } },
      }),
    },
    says: "environment 'test': cloudRun.front is 'domain-mapping', which region 'europe-west3' does not have (asia-east1, asia-northeast1, asia-southeast1, europe-north1, europe-west1, europe-west4, us-central1, us-east1, us-east4 and us-west1 do); set cloudRun.front to { kind: 'load-balancer' }",
  },
  {
    rule: "google-network",
    passes: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "10.60.0.0/20" } } }),
    },
    breaks: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "10.60.0.0/21" } } }),
    },
    says: "environment 'test': google.network.cidr is '10.60.0.0/21'; give it a /20 or larger, so that agents and Google's services both fit",
  },
  {
    rule: "images-on-google",
    passes: { environment: onGoogle() },
    breaks: { environment: onGoogle({ google: { ...google, images: undefined } }) },
    says: "environment 'test': Cloud Run pulls from Artifact Registry only, and the registry is 'azure'; set google.images to { kind: 'google-fleet', … } with that registry as its 'upstream', or to a repository that exists",
  },
  {
    rule: "reach-is-real",
    passes: { environment: { agents: { billing: { reach: "environment" } } } },
    breaks: { environment: { agents: { billing: { reach: "vnet" } } } },
    says: "agent 'billing': its reach is 'vnet', and the Container Apps environment has a public load balancer: it would be open to the internet; set containerApps.internal to true, or its reach to 'environment' or 'internet'",
  },
  {
    rule: "reach-is-real",
    passes: {
      desk: { audience: "internal" },
      environment: { containerApps: { internal: true }, agents: { billing: { reach: "vnet" } } },
    },
    breaks: {
      desk: { audience: "internal" },
      environment: { containerApps: { internal: true }, agents: { billing: { reach: "internet" } } },
    },
    says: "agent 'billing': its reach is 'internet', and the Container Apps environment is internal: only the network would reach it; set its reach to 'vnet', remove containerApps.internal, or give the environment a gateway",
  },
  {
    rule: "unknown-peer",
    passes: { desk: { calls: ["billing"] } },
    breaks: { desk: { calls: ["biling"] } },
    says: "agent 'desk' calls 'biling', which is not in the fleet (desk and billing); add agents/biling.ts to agents/index.ts or correct the name to 'billing'",
  },
  {
    rule: "unknown-peer",
    passes: { environment: { agents: { billing: { enabled: true } } } },
    breaks: { environment: { agents: { billing: { enabled: false } } } },
    says: "agent 'desk' calls 'billing', which environment 'test' disables; enable it there, or disable 'desk' as well",
  },
  {
    rule: "calls-itself",
    passes: { billing: { calls: [] } },
    breaks: { billing: { calls: ["billing"] } },
    says: "agent 'billing' lists itself in 'calls'; remove it",
  },
  {
    rule: "external-agents-are-distinct",
    passes: { billing: { externalAgents: [{ name: "bank", url: "https://bank.example/a2a", scope: null }] } },
    breaks: {
      billing: { externalAgents: [{ name: "billing", url: "https://bank.example/a2a", scope: null }] },
    },
    says: "agent 'billing': its external agent 'billing' has the name of an agent of the fleet; give it a name of its own",
  },
  {
    rule: "external-agents-are-distinct",
    passes: {
      billing: {
        externalAgents: [
          { name: "bank", url: "https://bank.example", scope: null },
          { name: "bank-2", url: "https://bank.example/2", scope: null },
        ],
      },
    },
    breaks: {
      billing: {
        externalAgents: [
          { name: "bank", url: "https://bank.example", scope: null },
          { name: "bank", url: "https://bank.example/2", scope: null },
        ],
      },
    },
    says: "agent 'billing': its external agent 'bank' has the name of another one of its external agents; give it a name of its own",
  },
  {
    rule: "definition",
    passes: { billing: { externalAgents: [{ name: "bank", url: "https://bank.example", scope: null }] } },
    breaks: { billing: { externalAgents: [{ name: "bank", url: "http://bank.example", scope: null }] } },
    says: "agent 'billing': 'externalAgents.0.url' 'http://bank.example' is not a URL with https://; write it like https://host.example.com",
  },
  {
    rule: "cors-origins-are-origins",
    passes: { environment: { corsOrigins: ["https://app.acme.example"] } },
    breaks: { environment: { corsOrigins: ["https://app.acme.example/"] } },
    says: "environment 'test': corsOrigins holds 'https://app.acme.example/', which is no origin; write scheme, host and port only: https://app.example.com",
  },
  {
    rule: "cors-origins-are-origins",
    passes: { environment: production({ corsOrigins: [] }) },
    breaks: { environment: production({ corsOrigins: ["*"] }) },
    says: "environment 'test': corsOrigins holds '*' in production: any web page could call the agents; name the origins",
  },
  {
    rule: "cors-origins-are-origins",
    passes: { environment: production({ corsOrigins: ["https://app.acme.example"] }) },
    breaks: { environment: production({ corsOrigins: ["http://app.acme.example"] }) },
    says: "environment 'test': corsOrigins holds 'http://app.acme.example' in production: its pages can be forged on the way; use https",
  },

  // Secrets and variables.
  {
    rule: "secrets-are-references",
    passes: { billing: { variables: { ERP_URL: "https://erp.acme.example" } } },
    breaks: { billing: { variables: { ERP_URL: "https://erp:hunter2@erp.acme.example" } } },
    says: "agent 'billing': ERP_URL in 'variables' looks like a secret in plain text; put the value into the vault and name it in 'secrets'",
  },
  {
    rule: "secrets-are-references",
    passes: { billing: { variables: {} } },
    breaks: { billing: { variables: { ERP_PASSWORD: "hunter2" } } },
    says: "agent 'billing': ERP_PASSWORD in 'variables' looks like a secret in plain text; put the value into the vault and name it in 'secrets'",
  },
  {
    rule: "secrets-are-references",
    passes: { billing: { scaling: event({ metadata: { connection: "erp" } }) } },
    breaks: {
      billing: { scaling: event({ metadata: { connection: "Endpoint=sb://x;SharedAccessKey=abc" } }) },
    },
    says: "agent 'billing': connection in 'scaling.metadata' looks like a secret in plain text; put the value into the vault, name it in 'secrets', and give the scaler its name in 'scaling.authentication'",
  },
  {
    rule: "secrets-exist",
    passes: { environment: { vault: existingVault(["billing-erp-token"]) } },
    breaks: { environment: { vault: existingVault(["billing-erp-tokens"]) } },
    says: "agent 'billing': ERP_TOKEN reads the secret 'billing-erp-token', which the vault of environment 'test' does not have (billing-erp-tokens); add it there and to 'vault.secrets', or correct the name to 'billing-erp-tokens'",
  },
  {
    rule: "secrets-exist",
    passes: { billing: { secrets: { ERP_TOKEN: "erp-token" } } },
    breaks: { billing: { secrets: { ERP_TOKEN: "erp_token" } } },
    says: "agent 'billing', secret of ERP_TOKEN: the name 'erp_token' (9 characters) is not allowed; use 1 to 127 characters: lower case letters, digits and single hyphens, starting with a letter",
  },
  {
    rule: "secrets-exist",
    passes: {
      environment: {
        vault: existingVault(["billing-erp-token", "redis-url"]),
        taskStore: { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" },
      },
    },
    breaks: {
      environment: {
        vault: existingVault(["billing-erp-token", "redis-key"]),
        taskStore: { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" },
      },
    },
    says: "environment 'test': taskStore.urlSecret reads the secret 'redis-url', which the vault of environment 'test' does not have (billing-erp-token and redis-key); add it there and to 'vault.secrets', or correct the name to 'redis-key'",
  },
  {
    rule: "secrets-exist",
    passes: {
      environment: onGoogle({
        vault: existingVault(["billing-erp-token"]),
        cloudRun: { taskStore: databaseOnGoogle("tasks") },
      }),
    },
    breaks: {
      environment: onGoogle({
        vault: existingVault(["billing-erp-token"]),
        cloudRun: { taskStore: databaseOnGoogle("tasks_") },
      }),
    },
    says: "environment 'test', secret of passwordSecret of the task store on Cloud Run: the name 'tasks_-billing' (14 characters) is not allowed; use 1 to 127 characters: lower case letters, digits and single hyphens, starting with a letter",
  },
  {
    rule: "secrets-are-not-the-fleets",
    passes: { billing: { secrets: { STORE_URL: "billing-store-url" } } },
    breaks: { billing: { secrets: { STORE_URL: "task-store-url" } } },
    says: "agent 'billing': STORE_URL reads the secret 'task-store-url', which the fleet writes for itself; give the agent's secret another name",
  },
  {
    rule: "scaler-secrets-exist",
    passes: { billing: { scaling: event({ authentication: { password: "billing-erp-token" } }) } },
    breaks: { billing: { scaling: event({ authentication: { password: "billing-erp-tokn" } }) } },
    says: "agent 'billing': its scaler reads the secret 'billing-erp-tokn', which is not one of its own (billing-erp-token); add it to 'secrets', or correct the name to 'billing-erp-token'",
  },
  {
    rule: "variables-are-names",
    passes: { billing: { variables: { ERP_URL: "x" } } },
    breaks: { billing: { variables: { "ERP-URL": "x" } } },
    says: "agent 'billing': 'ERP-URL' is no name of a variable; use letters, digits and underscores, starting with a letter or underscore",
  },
  {
    rule: "variables-are-names",
    passes: { billing: { variables: { ERP_HOST: "erp" } } },
    breaks: { billing: { variables: { AGENT_URL: "erp" } } },
    says: "agent 'billing': AGENT_URL is part of the contract with images and is set by the fleet; remove it",
  },
  {
    rule: "variables-are-names",
    passes: { billing: { variables: { REGION: "eu" }, secrets: { ERP: "erp-token" } } },
    breaks: { billing: { variables: { ERP: "eu" }, secrets: { ERP: "erp-token" } } },
    says: "agent 'billing': ERP is in 'variables' and in 'secrets'; keep it in one of them",
  },
  {
    rule: "variables-are-names",
    passes: { billing: { variables: { SERVICE: "x" } } },
    breaks: { billing: { variables: { K_SERVICE: "x" } } },
    says: "agent 'billing': K_SERVICE is set by the platform itself; give it another name",
  },
  {
    rule: "variables-have-values",
    passes: { billing: { variables: { ERP_REGION: "eu" } } },
    breaks: { billing: { variables: { ERP_REGION: "" } } },
    says: "agent 'billing': ERP_REGION in 'variables' is empty, which a platform does not keep; leave it out, or give it a value",
  },
  {
    rule: "platform-limit:scaling",
    passes: { billing: { scaling: event({ scaler: "redis-streams" }) } },
    breaks: { billing: { scaling: event({ scaler: "redis-stream" }) } },
    says: "agent 'billing' on Container Apps: scaling: 'redis-stream' is no scaler that Container Apps knows; use one of KEDA's as it is called there (azure-servicebus, redis-streams, cron …), or scale on 'http'",
  },
  {
    rule: "variables-fit",
    // A name, '=' and the end of a text count with it.
    passes: { billing: { variables: { RULES: "x".repeat(131_065) } } },
    breaks: { billing: { variables: { RULES: "x".repeat(131_066) } } },
    says: "agent 'billing': RULES in 'variables' has 131073 bytes, and Linux starts no process with one of more than 131072; keep it in the image or in a store, and give the agent its place",
  },
  {
    rule: "variables-fit",
    passes: { billing: { variables: chunks(8) } },
    breaks: { billing: { variables: { ...chunks(8), MORE: "x" } } },
    says: "agent 'billing': its 'variables' have 1048583 bytes together, and no platform starts a process with more than 1048576 of its own; keep it in the image or in a store, and give the agent its place",
  },
  {
    rule: "variables-fit",
    passes: { billing: { variables: chunks(899, 1) } },
    breaks: { billing: { variables: chunks(900, 1) } },
    says: "agent 'billing': it has 901 'variables' and 'secrets', and with the contract's own more than the 1000 of Cloud Run; put several into one",
  },
  {
    rule: "production-keeps-tasks",
    passes: { environment: production({ ...inMemory, taskStore: { kind: "managed-redis" } }) },
    breaks: { environment: production(inMemory) },
    says: "environment 'test': 'desk-globex' and 'billing' would keep tasks in memory, and this is production, where every rollout would lose them; set taskStore to one that is shared",
  },
  {
    rule: "unread-setting",
    passes: { environment: { kubernetes: {} } },
    breaks: { environment: { kubernetes: { runAsUser: 2000 } } },
    says: "environment 'test': 'kubernetes' is set, and no agent runs on Kubernetes: it would change nothing; remove it, or run one there",
  },
  {
    rule: "unread-setting",
    passes: { environment: { telemetry: {} } },
    breaks: { environment: { telemetry: { forwardTo } } },
    says: "environment 'test': 'telemetry.forwardTo' is set, and no agent runs in a cluster without a cloud, which alone keeps nothing itself: it would change nothing; remove it, or leave what agents tell to their cloud, or set telemetry.existingEndpoint",
  },
  {
    rule: "unread-setting",
    passes: { environment: onPlainCluster({ telemetry: { existingEndpoint: "http://otel.watch:4318" } }) },
    breaks: {
      environment: onPlainCluster({ telemetry: { existingEndpoint: "http://otel.watch:4318", forwardTo } }),
    },
    says: "environment 'test': 'telemetry.forwardTo' is set, and agents send everything to telemetry.existingEndpoint themselves: it would change nothing; remove it, or remove that",
  },
  {
    rule: "unread-setting",
    passes: { environment: onPlainCluster({ telemetry: { forwardTo, sampleRatio: 0.5 } }) },
    breaks: { environment: onPlainCluster({ telemetry: { sampleRatio: 0.5 } }) },
    says: "environment 'test': 'telemetry.sampleRatio' is set, and its agents send their traces nowhere: it would change nothing; remove it, or set telemetry.existingEndpoint, or telemetry.forwardTo",
  },
  {
    rule: "google-network",
    passes: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "10.8.0.0/16" } } }),
    },
    breaks: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "8.8.0.0/16" } } }),
    },
    says: "environment 'test': google.network.cidr is '8.8.0.0/16'; use a private range outside 172.17.0.0/16, such as 10.60.0.0/20: others are somebody's on the internet, or Google's own",
  },
  {
    rule: "google-network",
    passes: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "172.18.0.0/16" } } }),
    },
    breaks: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "172.17.0.0/16" } } }),
    },
    says: "environment 'test': google.network.cidr is '172.17.0.0/16'; use a private range outside 172.17.0.0/16, such as 10.60.0.0/20: others are somebody's on the internet, or Google's own",
  },
  {
    rule: "google-network",
    passes: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "10.60.16.0/20" } } }),
    },
    breaks: {
      environment: onGoogle({ google: { ...google, network: { kind: "created", cidr: "10.60.17.0/20" } } }),
    },
    says: "environment 'test': google.network.cidr is '10.60.17.0/20'; use the first address of the range, 10.60.16.0/20: Google takes no other",
  },
  {
    rule: "subnet-twice",
    passes: behindGatewayIn({ gatewaySubnet: "snet-gateway" }),
    breaks: behindGatewayIn({ gatewaySubnet: "Snet-Apps" }),
    says: "environment 'test': azure.network names the subnet 'snet-apps' as containerAppsSubnet and gatewaySubnet, and one that is delegated to a service takes nothing else; give each a subnet of its own",
  },
  {
    rule: "subnet-twice",
    passes: keycloakIn({ postgresSubnet: "snet-postgres" }),
    breaks: keycloakIn({ postgresSubnet: "snet-endpoints" }),
    says: "environment 'test': azure.network names the subnet 'snet-endpoints' as postgresSubnet and privateEndpointsSubnet, and one that is delegated to a service takes nothing else; give each a subnet of its own",
  },
  {
    rule: "registry-abroad",
    passes: { environment: { registry: imagesOf(environment.tenant) } },
    breaks: { environment: { registry: imagesOf("44444444-4444-4444-8444-444444444444") } },
    says: "environment 'test': registry.tenant is '44444444-4444-4444-8444-444444444444', and tenant is '11111111-1111-4111-8111-111111111111': identities of one Entra tenant pull nothing from the registry of another; correct the wrong one, or use registry kind 'other' with a pull secret",
  },
  {
    rule: "edge-address",
    passes: { environment: atAddress("10.40.5.9") },
    breaks: { environment: atAddress("10.41.5.9") },
    says: "environment 'test': kubernetes.edge.internalAddress.address is '10.41.5.9', which is not in the network (10.40.0.0/16); use an address of the subnet 'snet-edge' that nothing else has",
  },
  {
    rule: "edge-address",
    passes: {
      environment: atAddress("10.41.5.9", existingNetwork({ ...subnets, clusterSubnet: "snet-nodes" })),
    },
    breaks: {
      environment: atAddress("20.41.5.9", existingNetwork({ ...subnets, clusterSubnet: "snet-nodes" })),
    },
    says: "environment 'test': kubernetes.edge.internalAddress.address is '20.41.5.9', which is not in the network (its addresses are private); use an address of the subnet 'snet-edge' that nothing else has",
  },
  {
    rule: "namespace-shared",
    passes: { environment: inNamespace("bots") },
    breaks: { environment: inNamespace("proxies") },
    says: "environment 'test': kubernetes.namespace is 'proxies', where the proxies of kubernetes.edge are, and the agents' is made, closed and deleted with them; give the agents one of their own, or leave it out (agents)",
  },
  {
    rule: "namespace-shared",
    passes: { environment: inNamespace("bots") },
    breaks: { environment: inNamespace("mesh") },
    says: "environment 'test': kubernetes.namespace is 'mesh', where the pods of the control plane of mesh are, and the agents' is made, closed and deleted with them; give the agents one of their own, or leave it out (agents)",
  },
  {
    rule: "mapped-agents-exist",
    passes: { environment: mapped({ billing: "bills.acme.example" }) },
    breaks: { environment: mapped({ bilings: "bills.acme.example" }) },
    says: "environment 'test': cloudRun.front.hosts names bilings, and Cloud Run shows billing to the outside; correct the names, or remove them",
  },
  {
    rule: "hosts-are-found",
    passes: { billing: { model: "gpt-4" }, environment: { modelGateway: { url: "http://litellm:4000" } } },
    breaks: { billing: { model: "gpt-4" }, environment: { modelGateway: { url: "http://localhost:4000" } } },
    says: "environment 'test': modelGateway.url is at 'localhost', which is for billing the container itself; write the name by which it is found from there",
  },
  {
    rule: "hosts-are-found",
    passes: { environment: { taskStore: { ...theirRedis, host: "redis.data.example" } } },
    breaks: { environment: { taskStore: { ...theirRedis, host: "redis.data.svc.cluster.local" } } },
    says: "environment 'test': the task store is at 'redis.data.svc.cluster.local', a name of a cluster that desk-globex and billing outside of it can't find; write one that is found from there, or run them in the cluster",
  },
  {
    rule: "hosts-are-found",
    passes: {
      environment: onPlainCluster({ telemetry: { forwardTo: { endpoint: "http://tempo.watch.svc:4318" } } }),
    },
    breaks: {
      environment: onPlainCluster({ telemetry: { forwardTo: { endpoint: "http://127.0.0.1:4318" } } }),
    },
    says: "environment 'test': telemetry.forwardTo.endpoint is at '127.0.0.1', which is for desk-globex and billing the container itself; write the name by which it is found from there",
  },
  {
    rule: "secrets-are-not-the-fleets",
    passes: { ...behindGateway(), billing: { secrets: { CERTIFICATE: "gateways" } } },
    breaks: { ...behindGateway(), billing: { secrets: { CERTIFICATE: "gateway" } } },
    says: "agent 'billing': CERTIFICATE reads the secret 'gateway', which the fleet writes for itself; give the agent's secret another name",
  },
  {
    rule: "images-have-references",
    passes: { environment: { agents: { billing: { image: digest } } } },
    breaks: { environment: { agents: { billing: { image: digest.slice("sha256:".length) } } } },
    says: `agent 'billing': agents.billing.image '${digest.slice("sha256:".length)}' is a digest without its algorithm; write ${digest}`,
  },
  {
    rule: "traffic-adds-up",
    passes: { environment: { agents: { billing: { traffic: tagged("old") } } } },
    breaks: { environment: { agents: { billing: { traffic: tagged("new") } } } },
    says: "agent 'billing': its traffic gives two revisions the tag 'new', which names one address; give each its own",
  },
  {
    rule: "store-size-exists",
    passes: { environment: burstable(false) },
    breaks: { environment: burstable(true) },
    says: "environment 'test': taskStore.sku is 'B_Standard_B1ms', and a burstable server has no copy in another zone, which highAvailability asks for; choose a larger one, or set highAvailability to false",
  },
  {
    rule: "store-size-exists",
    passes: { environment: { highAvailability: true, taskStore: { ...theirCache, sku: "Standard" } } },
    breaks: { environment: { highAvailability: true, taskStore: { ...theirCache, sku: "Basic" } } },
    says: "environment 'test': taskStore.sku is 'Basic', and a Basic redis-cache has no copy in another zone, which highAvailability asks for; choose a larger one, or set highAvailability to false",
  },
  {
    rule: "vault-ranges-are-public",
    passes: { environment: { vault: { kind: "key-vault", allowedRanges: ["20.0.0.0/8"] }, azure: network } },
    breaks: { environment: { vault: { kind: "key-vault", allowedRanges: ["0.0.0.0/7"] }, azure: network } },
    says: "environment 'test': vault.allowedRanges holds 0.0.0.0/7, which is more than anybody owns (at most /8): the vault would be open to strangers; name the addresses that runners and offices come from",
  },
  {
    rule: "unread-setting",
    passes: { environment: { containerApps: { existing: theirs } } },
    breaks: { environment: { containerApps: { existing: theirs, mutualTls: true } } },
    says: "environment 'test': 'containerApps.mutualTls' is set, and the Container Apps environment is one that exists, which has it or hasn't: it would change nothing; remove it, or set it where that is made",
  },
  {
    rule: "definition",
    passes: { billing: { version: "0.1.0" } },
    breaks: { billing: { version: "00.1.0" } },
    says: "agent 'billing': 'version' '00.1.0' is not a semantic version such as 1.2.0; correct it",
  },
  {
    rule: "definition",
    passes: { billing: { imageRepository: "acme/billing.v2" } },
    breaks: { billing: { imageRepository: "acme.azurecr.io/billing" } },
    says: "agent 'billing': 'imageRepository' 'acme.azurecr.io/billing' begins with a registry's host; write its path alone, without server, tag and digest",
  },
  {
    rule: "definition",
    passes: { billing: { externalAgents: [bank("/a2a/")] } },
    breaks: { billing: { externalAgents: [bank("/.well-known/agent-card.json")] } },
    says: "agent 'billing': 'externalAgents.0.url' 'https://bank.example/.well-known/agent-card.json' is the address of a card, and callers append that to the base URL; write the base URL",
  },
  {
    rule: "environment",
    passes: {
      environment: { identityProvider: { ...existingIssuer, issuer: "https://login.acme.example/a2a" } },
    },
    breaks: {
      environment: {
        identityProvider: {
          ...existingIssuer,
          issuer: "https://login.acme.example/.well-known/openid-configuration",
        },
      },
    },
    says: "environment 'test': 'identityProvider.issuer' 'https://login.acme.example/.well-known/openid-configuration' is the address of its discovery document; write it without /.well-known/openid-configuration, as its tokens do",
  },
  {
    rule: "environment",
    passes: { environment: { identityProvider: existingIssuer } },
    breaks: {
      environment: {
        identityProvider: {
          ...existingIssuer,
          jwksUrl: "https://login.acme.example/.well-known/openid-configuration",
        },
      },
    },
    says: "environment 'test': 'identityProvider.jwksUrl' 'https://login.acme.example/.well-known/openid-configuration' is the discovery document (/.well-known/openid-configuration), not the keys; write what stands in it as 'jwks_uri'",
  },
  {
    rule: "environment",
    passes: behindGateway({ identityProvider: { kind: "keycloak", realm: "agents" } }),
    breaks: behindGateway({ identityProvider: { kind: "keycloak", realm: "master" } }),
    says: "environment 'test': 'identityProvider.realm' 'master' is Keycloak's own realm, into which nothing is imported; choose another, or leave it out (a2a)",
  },
  {
    rule: "environment",
    passes: behindGateway({ gateway: { host: "acme.example" } }),
    breaks: behindGateway({ gateway: { host: "acme.azure-api.net" } }),
    says: "environment 'test': 'gateway.host' is a name of Azure's own, which no gateway gets as its custom domain; use a host of a domain that is yours, or leave it out (api.<domain>)",
  },
  {
    rule: "environment",
    passes: { environment: mapped({ billing: "bills.acme.example" }) },
    breaks: { environment: mapped({ billing: "bills.acme.example", desk: "bills.acme.example" }) },
    says: "environment 'test': 'cloudRun.front.hosts' gives one host to two agents, and it leads to one service; give each its own",
  },
  {
    rule: "environment",
    passes: { environment: onGoogle({ cloudRun: { taskStore: memorystore, front: balancer } }) },
    breaks: {
      environment: onGoogle({
        cloudRun: { taskStore: memorystore, front: { ...balancer, admits: ["10.0.0.0/8"] } },
      }),
    },
    says: "environment 'test': 'cloudRun.front.admits.0' '10.0.0.0/8' is private, and a global load balancer sees public addresses alone; name those that callers come from",
  },
  {
    rule: "platform-limit:traffic tag",
    passes: { environment: { agents: { billing: { traffic: tagged("old") } } } },
    breaks: { environment: { agents: { billing: { traffic: tagged("Old") } } } },
    says: "agent 'billing' on Container Apps: traffic tag: 'Old' is no label of a revision here; use lower case letters, digits and hyphens, starting with a letter, at most 53 of them behind this agent's name",
  },
  {
    rule: "platform-limit:traffic tag",
    passes: {
      environment: {
        agents: { billing: { traffic: tagged("ooooooooooooooooooooooooooooooooooooooooooooooooooooo") } },
      },
    },
    breaks: {
      environment: {
        agents: { billing: { traffic: tagged("oooooooooooooooooooooooooooooooooooooooooooooooooooooo") } },
      },
    },
    says: "agent 'billing' on Container Apps: traffic tag: 'oooooooooooooooooooooooooooooooooooooooooooooooooooooo' is no label of a revision here; use lower case letters, digits and hyphens, starting with a letter, at most 53 of them behind this agent's name",
  },
  {
    rule: "environment",
    passes: { environment: { tags: { owner: "a" } } },
    breaks: { environment: { tags: { owner: "a", Owner: "b" } } },
    says: "environment 'test': 'tags' has two names that differ in case alone, which Azure takes for one; remove one of them",
  },
  {
    rule: "environment",
    passes: { environment: onAks({ apiServer: { access: "public", allowedRanges: ["198.51.100.0/24"] } }) },
    breaks: { environment: onAks({ apiServer: { access: "public", allowedRanges: ["192.168.0.0/24"] } }) },
    says: "environment 'test': 'kubernetes.cluster.apiServer.allowedRanges.0' '192.168.0.0/24' is private, or more than anybody owns, and the API server sees public addresses; name those that you deploy from",
  },
  {
    rule: "environment",
    passes: { environment: onAks({ apiServer: { access: "public", allowedRanges: ["20.0.0.0/8"] } }) },
    breaks: { environment: onAks({ apiServer: { access: "public", allowedRanges: ["20.0.0.0/7"] } }) },
    says: "environment 'test': 'kubernetes.cluster.apiServer.allowedRanges.0' '20.0.0.0/7' is private, or more than anybody owns, and the API server sees public addresses; name those that you deploy from",
  },
  {
    rule: "edge-half-named",
    passes: { environment: onAks({}, { edge: { ...theirEdge, namespace: "proxies" } }) },
    breaks: { environment: onAks({}, { edge: theirEdge }) },
    says: "environment 'test': kubernetes.edge.gatewayClass is set and namespace is not, and of somebody else's controller both have to be known: proxies of that namespace alone get through to agents; set both, or leave both out",
  },
  {
    rule: "edge-half-named",
    passes: { environment: onAks({}, { edge: { ...theirEdge, namespace: "proxies" } }) },
    breaks: {
      environment: onAks({}, { edge: { ...theirEdge, gatewayClass: undefined, namespace: "proxies" } }),
    },
    says: "environment 'test': kubernetes.edge.namespace is set and gatewayClass is not, and of somebody else's controller both have to be known: proxies of that namespace alone get through to agents; set both, or leave both out",
  },
  {
    rule: "telemetry-speaks-http",
    passes: { environment: onPlainCluster({ telemetry: { forwardTo } }) },
    breaks: {
      environment: onPlainCluster({ telemetry: { forwardTo: { endpoint: `${forwardTo.endpoint}:4317` } } }),
    },
    says: "environment 'test': telemetry.forwardTo.endpoint 'https://otlp.acme.example:4317' is the port of OTLP over gRPC, and the collector speaks HTTP; it is usually 4318",
  },
  {
    rule: "issuer-without-home",
    passes: { environment: { identityProvider: existingIssuer } },
    breaks: { environment: { identityProvider: { kind: "local-issuer" } } },
    says: "environment 'test': identityProvider 'local-issuer' lives on one machine, which agents on container-apps don't reach; use 'entra', 'keycloak' or 'existing'",
  },
  {
    rule: "issuer-without-home",
    passes: { environment: runOnly({ stage: "development", identityProvider: existingIssuer }) },
    breaks: {
      environment: runOnly({
        stage: "development",
        identityProvider: { kind: "keycloak", mode: "development" },
      }),
    },
    says: "environment 'test': identityProvider 'keycloak' is an app on Azure or pods of a cluster, and the environment has neither; set 'azure', or use 'existing' with an issuer that is there",
  },
  {
    rule: "issuer-without-home",
    passes: { environment: runOnly({ identityProvider: existingIssuer }) },
    breaks: { environment: runOnly({ identityProvider: entra }) },
    says: "environment 'test': identityProvider 'entra' is set up with the environment's Azure side, and there is none; set 'azure', or use 'keycloak', or 'existing' with an issuer that is there",
  },
  {
    rule: "unread-vault",
    passes: { environment: runOnly() },
    breaks: { environment: runOnly({ vault: { kind: "kubernetes", secrets: ["billing-erp-token"] } }) },
    says: "environment 'test': the vault is 'kubernetes', which agents on Cloud Run don't read: they read their own cloud's; use 'secret-manager'",
  },
  {
    rule: "model-has-gateway",
    passes: { billing: { model: "gpt-4" }, environment: { modelGateway: { url: "http://litellm:4000" } } },
    breaks: { billing: { model: "gpt-4" } },
    says: "agent 'billing': it asks for the model 'gpt-4', and environment 'test' has no model gateway; set modelGateway (url) there, or remove 'model'",
  },

  // What an agent says of itself.
  {
    rule: "skills-are-distinct",
    passes: { billing: { skills: [skill, { ...skill, id: "dunning" }] } },
    breaks: { billing: { skills: [skill, skill] } },
    says: "agent 'billing': two skills have the id 'balance', by which callers choose; give each one an id of its own",
  },
  {
    rule: "skill-roles-have-issuer",
    passes: {
      billing: { skills: [{ ...skill, requiredRole: "clerk" }] },
      environment: { identityProvider: { kind: "entra" } },
    },
    breaks: { billing: { skills: [{ ...skill, requiredRole: "clerk" }] } },
    says: "agent 'billing': its skill 'balance' asks for the role 'clerk', and environment 'test' has no identity provider that could give it to anybody; set identityProvider, or remove requiredRole",
  },
  {
    rule: "definition",
    passes: { billing: { memoryMiB: 1024 } },
    breaks: { billing: { memoryMB: 1024 } },
    says: "agent 'billing': unknown property 'memoryMB'; correct the name to 'memoryMiB', or remove it",
  },
  {
    rule: "definition",
    passes: { more: [other("stock")] },
    breaks: { more: [undefined as unknown as AgentDefinition] },
    says: "agent number 3 of the list: it is not there; check what its file exports, and for imports in a circle",
  },
  {
    rule: "definition",
    passes: { more: [other("stock")] },
    breaks: { more: [{ ...other("stock"), name: undefined as unknown as string }] },
    says: "agent number 3 of the list: 'name' is missing; it is of type string",
  },
  {
    rule: "definition",
    passes: { billing: { version: "1.0.0" } },
    breaks: { billing: { version: "1.0" } },
    says: "agent 'billing': 'version' '1.0' is not a semantic version such as 1.2.0; correct it",
  },
  {
    rule: "definition",
    passes: { billing: { skills: [skill] } },
    breaks: { billing: { skills: [] } },
    says: "agent 'billing': 'skills' needs at least one skill, because callers choose agents by them; add one",
  },
  {
    rule: "definition",
    passes: { billing: { healthPath: "/health" } },
    breaks: { billing: { healthPath: "health" } },
    says: "agent 'billing': 'healthPath' 'health' does not start with '/'; correct it",
  },
  {
    rule: "definition",
    passes: { billing: { imageRepository: "agents/billing" } },
    breaks: { billing: { imageRepository: "agents/billing:1.0.0" } },
    says: "agent 'billing': 'imageRepository' 'agents/billing:1.0.0' is not a repository; write its path alone, in lower case, without server, tag and digest",
  },
  {
    rule: "platform-limit:startup probe",
    passes: { billing: { startupSeconds: 7200 } },
    breaks: { billing: { startupSeconds: 7201 } },
    says: "agent 'billing' on Container Apps: startup probe: 30 failures, 241 s apart after 0 s, are beyond the platform's limits of 30 failures, 240 s apart after 60 s; shorten startupSeconds",
  },

  // Names.
  {
    rule: "name",
    passes: { more: [other("stock")] },
    breaks: { more: [other("Stock")] },
    says: "agent 'Stock': the name 'Stock' (5 characters) is not allowed; use 2 to 32 characters: lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
  },
  {
    rule: "name",
    passes: { more: [other(`a${"b".repeat(31)}`)] },
    breaks: { more: [other(`a${"b".repeat(32)}`)] },
    says: "agent 'abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb': the name 'abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' (33 characters) is not allowed; use 2 to 32 characters: lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
  },
  {
    rule: "name",
    passes: { more: [other("stock-keeper")] },
    breaks: { more: [other("stock--keeper")] },
    says: "agent 'stock--keeper': the name 'stock--keeper' (13 characters) is not allowed; use 2 to 32 characters: lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
  },
  {
    rule: "name",
    passes: { environment: { name: "test" } },
    breaks: { environment: { name: "test-eu" } },
    says: "environment 'test-eu': the name 'test-eu' (7 characters) is not allowed; use 2 to 12 characters: lower case letters and digits, starting with a letter",
  },
  {
    rule: "name",
    passes: { environment: { prefix: "acme" } },
    breaks: { environment: { prefix: "1acme" } },
    says: "environment 'test', prefix: the name '1acme' (5 characters) is not allowed; use 2 to 8 characters: lower case letters and digits, starting with a letter",
  },
  {
    rule: "name",
    passes: { environment: { customers: ["globex"] } },
    breaks: { environment: { customers: ["globex-"] } },
    says: "environment 'test', customer: the name 'globex-' (7 characters) is not allowed; use 1 to 20 characters: lower case letters, digits and single hyphens",
  },
  {
    rule: "environment",
    passes: {
      environment: {
        state: { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acmestate" },
      },
    },
    breaks: {
      environment: {
        state: { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acme-state" },
      },
    },
    says: "environment 'test': 'state.storageAccount' 'acme-state' is no name of a storage account; use 3 to 24 characters of 'a-z0-9'",
  },
  {
    rule: "reserved-name",
    passes: { more: [other("sharing")] },
    breaks: { more: [other("shared")] },
    says: "agent 'shared': the name 'shared' is taken by a part of the fleet itself (backend, cert-manager, certificate-solver, default, default-deny, google, keda, keycloak, keycloak-realm, litellm, otel-collector, outputs, placeholders, resources-chart, shared, task-store and time); choose another",
  },
  {
    rule: "name-collision",
    passes: { more: [other("desk-initech")] },
    breaks: { more: [other("desk-globex")] },
    says: "agent 'desk-globex' exists twice ('desk' for customer 'globex' and agents/desk-globex.ts); rename one of them",
  },
  {
    rule: "name-collision",
    passes: { more: [other("stock")] },
    breaks: { more: [other("billing")] },
    says: "agent 'billing' exists twice (two definitions have that name); rename one of them",
  },
  {
    rule: "unknown-agent",
    passes: { environment: { agents: { billing: { maxReplicas: 3 } } } },
    breaks: { environment: { agents: { bilings: { maxReplicas: 3 } } } },
    says: "environment 'test': 'agents' names 'bilings', which is not in the fleet (desk and billing); add agents/bilings.ts to agents/index.ts or correct the name to 'billing'",
  },
  {
    rule: "unknown-customer",
    passes: { environment: { agents: { "desk-globex": { maxReplicas: 3 } } } },
    breaks: { environment: { agents: { "desk-globx": { maxReplicas: 3 } } } },
    says: "environment 'test': 'agents' names 'desk-globx', and 'globx' is not one of its customers (globex); add it to 'customers' or correct the name to 'globex'",
  },
  {
    rule: "customer-twice",
    passes: { environment: { customers: ["globex"] } },
    breaks: { environment: { customers: ["globex", "globex"] } },
    says: "environment 'test': customers lists globex twice; remove one",
  },

  // Images and traffic.
  {
    rule: "pinned-images",
    passes: { environment: production() },
    breaks: { environment: production({ agents: { billing: { image: "1.0.0" }, desk: { image: digest } } }) },
    says: "agent 'billing': 'acmeimages.azurecr.io/agents/billing:1.0.0' is unpinned, and environment 'test' is production: a tag can be moved; set agents.billing.image to the digest that staging ran (sha256:…)",
  },
  {
    rule: "pinned-images",
    passes: { environment: { agents: { billing: { image: "1.0.1" } } } },
    breaks: { environment: { agents: { billing: { image: "latest" } } } },
    says: "agent 'billing': 'acmeimages.azurecr.io/agents/billing:latest' is unpinned: 'latest' is a different image tomorrow; set agents.billing.image to a version or digest",
  },
  {
    rule: "images-have-references",
    passes: { environment: { agents: { billing: { image: digest } } } },
    breaks: { environment: { agents: { billing: { image: digest.slice(0, 20) } } } },
    says: "agent 'billing': 'acmeimages.azurecr.io/agents/billing@sha256:a1a1a1a1a1a1a' has no valid digest; write sha256: and 64 hexadecimal digits",
  },
  {
    rule: "images-have-references",
    passes: { environment: { agents: { billing: { image: "1.0.1" } } } },
    breaks: { environment: { agents: { billing: { image: "ghcr.io/acme/billing:1.0.1" } } } },
    says: "agent 'billing': agents.billing.image 'ghcr.io/acme/billing:1.0.1' is no tag or digest; leave registry and repository out of it",
  },
  {
    rule: "traffic-adds-up",
    passes: { environment: { agents: { billing: { traffic: [{ revision: "latest", percent: 100 }] } } } },
    breaks: { environment: { agents: { billing: { traffic: [{ revision: "latest", percent: 90 }] } } } },
    says: "agent 'billing': the weights of its traffic add up to 90 percent; make them 100",
  },
  {
    rule: "traffic-adds-up",
    passes: {
      environment: {
        agents: {
          billing: {
            traffic: [
              { revision: "latest", percent: 50 },
              { revision: "v1", percent: 50 },
            ],
          },
        },
      },
    },
    breaks: {
      environment: {
        agents: {
          billing: {
            traffic: [
              { revision: "v1", percent: 50 },
              { revision: "v1", percent: 50 },
            ],
          },
        },
      },
    },
    says: "agent 'billing': its traffic names the revision 'v1' twice; give it one weight",
  },

  // The environment.
  {
    rule: "environment",
    passes: { environment: { retentionDays: 90 } },
    breaks: { environment: { retentionDay: 90 } },
    says: "environment 'test': unknown property 'retentionDay'; correct the name to 'retentionDays', or remove it",
  },
  {
    rule: "environment",
    passes: { environment: { stage: "staging" } },
    breaks: { environment: { stage: "stagging" } },
    says: "environment 'test': 'stage' 'stagging' is not allowed; use one of 'development', 'staging' and 'production'",
  },
  {
    rule: "environment",
    passes: { environment: { vault: { kind: "key-vault" } } },
    breaks: { environment: { vault: { kind: "keyvault" } } },
    says: "environment 'test': 'vault.kind' is not allowed; use one of 'key-vault', 'existing-key-vault', 'secret-manager', 'kubernetes' and 'local-files'",
  },
  {
    rule: "definition",
    passes: { billing: { maxReplicas: 5 } },
    breaks: { billing: { maxReplicas: "5" } },
    says: "agent 'billing': 'maxReplicas' '5' is not of type number; correct it",
  },
  {
    rule: "environment",
    passes: { environment: { domain: "test.acme.example" } },
    breaks: { environment: { domain: "https://test.acme.example" } },
    says: "environment 'test': 'domain' 'https://test.acme.example' is not a host name; write it without scheme, port and path, in lower case, each part of at most 63 letters, digits and hyphens",
  },
  {
    rule: "environment",
    passes: { environment: { agents: { billing: { workers: 1 } } } },
    breaks: { environment: { agents: { billing: { worker: 1 } } } },
    says: "environment 'test': unknown property 'worker' in 'agents.billing'; correct the name to 'workers', or remove it",
  },
  {
    rule: "environment",
    passes: { environment: { taskStore: { kind: "managed-redis", sku: "Balanced_B5" } } },
    breaks: { environment: { taskStore: { kind: "managed-redis", sku: "Standard_C1" } } },
    says: "environment 'test': 'taskStore.sku' 'Standard_C1' is no SKU of Azure Managed Redis; use one such as Balanced_B5",
  },
  {
    rule: "environment",
    passes: { environment: { taskStore: { kind: "redis-cache", reason: "moved in spring" } } },
    breaks: { environment: { taskStore: { kind: "redis-cache" } } },
    says: "environment 'test': 'taskStore.reason' is missing; it is of type string",
  },
  {
    rule: "missing-cloud",
    passes: { environment: { azure: environment.azure } },
    breaks: { environment: { azure: undefined } },
    says: "environment 'test': Container Apps and API Management need Azure; set 'azure' (subscriptionId, location, deployerObjectIds)",
  },
  {
    rule: "missing-cloud",
    passes: { environment: onGoogle() },
    breaks: { environment: onGoogle({ google: undefined }) },
    says: "environment 'test': Cloud Run needs Google Cloud; set 'google' (projectId, projectNumber, region)",
  },
  {
    rule: "closed-vault",
    passes: { environment: { vault: { kind: "key-vault", access: "private" }, azure: network } },
    breaks: { environment: { vault: { kind: "key-vault", access: "private" } } },
    says: "environment 'test': the vault is private, and Container Apps is not one of the services that Key Vault trusts: every secret reference would break; set azure.network, or vault.access to 'public'",
  },
  {
    rule: "open-vault-with-ranges",
    passes: {
      environment: { vault: { kind: "key-vault", allowedRanges: ["198.51.100.0/24"] }, azure: network },
    },
    breaks: { environment: { vault: { kind: "key-vault", allowedRanges: ["198.51.100.0/24"] } } },
    says: "environment 'test': vault.allowedRanges would shut out every app, because the vault has no private endpoint; set azure.network and vault.access 'private', or remove allowedRanges",
  },
  {
    rule: "vault-ranges-are-public",
    passes: {
      environment: { vault: { kind: "key-vault", allowedRanges: ["198.51.100.0/24"] }, azure: network },
    },
    breaks: { environment: { vault: { kind: "key-vault", allowedRanges: ["10.1.0.0/16"] }, azure: network } },
    says: "environment 'test': vault.allowedRanges holds 10.1.0.0/16, which is private; name the public address that runners and offices come from, or reach the vault through the network",
  },
  {
    rule: "retention",
    passes: { environment: { retentionDays: 30 } },
    breaks: { environment: { retentionDays: 7 } },
    says: "environment 'test': retentionDays is 7; Log Analytics keeps 30 to 730 days, choose one of these",
  },
  {
    rule: "parts-fit-platform",
    passes: { environment: { vault: { kind: "key-vault" } } },
    breaks: { environment: { vault: { kind: "kubernetes", secrets: ["billing-erp-token"] } } },
    says: "environment 'test': it has agents on Container Apps, and vault.kind 'kubernetes' is the Secrets of a cluster, and Container Apps has none; use 'key-vault' or 'existing-key-vault'",
  },
  {
    rule: "parts-fit-platform",
    passes: { environment: { taskStore: { kind: "managed-redis" } } },
    breaks: { environment: { taskStore: { kind: "cluster-redis" } } },
    says: "environment 'test': it has agents on Container Apps, and taskStore.kind 'cluster-redis' is a Redis inside a cluster, and Container Apps has none; use 'managed-redis' or 'existing'",
  },
  {
    rule: "parts-fit-platform",
    passes: { environment: { registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" } } },
    breaks: { environment: { registry: { kind: "google" } } },
    says: "environment 'test': it has agents on Container Apps, and registry.kind 'google' is Artifact Registry, which apps on Azure have no identity for; use 'fleet' or 'azure', or 'other' with a pull secret",
  },
  {
    rule: "store-survives-restart",
    passes: { environment: production({ taskStore: { kind: "managed-redis", persistence: "rdb-1h" } }) },
    breaks: { environment: production({ taskStore: { kind: "managed-redis", persistence: "none" } }) },
    says: "environment 'test': it is production, and taskStore.persistence is 'none': a restart of the store loses every task; leave it out (aof-1s), or choose an rdb interval",
  },
  {
    rule: "store-survives-restart",
    passes: {
      environment: production({
        taskStore: { kind: "redis-cache", sku: "Premium", reason: "moved in spring" },
      }),
    },
    breaks: { environment: production({ taskStore: { kind: "redis-cache", reason: "moved in spring" } }) },
    says: "environment 'test': it is production, and a Standard redis-cache persists nothing: a restart loses every task; set taskStore.sku to 'Premium', or use 'managed-redis'",
  },
  {
    rule: "store-size-exists",
    passes: {
      environment: { taskStore: { kind: "redis-cache", sku: "Premium", capacity: 5, reason: "big" } },
    },
    breaks: {
      environment: { taskStore: { kind: "redis-cache", sku: "Premium", capacity: 6, reason: "big" } },
    },
    says: "environment 'test': taskStore.capacity is 6, and a Premium redis-cache has 1 to 5; choose one of these",
  },
  {
    rule: "tenant-is-entra",
    passes: { environment: { tenant: environment.tenant } },
    breaks: { environment: { tenant: "acme" } },
    says: "environment 'test': tenant is 'acme', and with 'azure' it has to be the Entra tenant's id, a UUID; take it from az account show --query tenantId",
  },
  {
    rule: "network-size",
    passes: { environment: { azure: { ...network, network: { kind: "created", cidr: "10.60.0.0/20" } } } },
    breaks: { environment: { azure: { ...network, network: { kind: "created", cidr: "10.60.0.0/24" } } } },
    says: "environment 'test': azure.network.cidr is '10.60.0.0/24'; use the first address of a private range of /16 to /20, for example 10.40.0.0/16",
  },
  {
    rule: "apps-outside-network",
    passes: { environment: { containerApps: { existing: { name: "apps", resourceGroup: "rg" } } } },
    breaks: {
      environment: { containerApps: { existing: { name: "apps", resourceGroup: "rg" } }, azure: network },
    },
    says: "environment 'test': the Container Apps environment 'apps' exists and has a network of its own, from which nothing in a new one is reached; name that network in azure.network, kind 'existing'",
  },
  {
    rule: "missing-subnet",
    passes: {
      environment: {
        azure: existingNetwork({ containerAppsSubnet: "apps", privateEndpointsSubnet: "endpoints" }),
      },
    },
    breaks: { environment: { azure: existingNetwork({ containerAppsSubnet: "apps" }) } },
    says: "environment 'test': azure.network names no privateEndpointsSubnet, and the private endpoints of vault and task store need one; name the subnet there",
  },
  {
    rule: "network-fits",
    passes: { environment: { azure: { ...network, network: { kind: "created", cidr: "172.16.0.0/16" } } } },
    breaks: { environment: { azure: { ...network, network: { kind: "created", cidr: "172.30.0.0/16" } } } },
    says: "environment 'test': azure.network.cidr 172.30.0.0/16 is among the addresses that Container Apps keeps for itself; use a private range outside 172.30.0.0/15, such as 10.40.0.0/16",
  },
  {
    rule: "network-fits",
    passes: { environment: { azure: { ...network, network: { kind: "created", cidr: "10.0.0.0/16" } } } },
    breaks: { environment: { azure: { ...network, network: { kind: "created", cidr: "11.0.0.0/16" } } } },
    says: "environment 'test': azure.network.cidr 11.0.0.0/16 is public: answers to those addresses would never leave the network; use a private range outside 172.30.0.0/15, such as 10.40.0.0/16",
  },
  {
    rule: "telemetry-speaks-http",
    passes: { environment: { telemetry: { existingEndpoint: "https://otel.acme.example:4318" } } },
    breaks: { environment: { telemetry: { existingEndpoint: "https://otel.acme.example:4317" } } },
    says: "environment 'test': telemetry.existingEndpoint 'https://otel.acme.example:4317' is the port of OTLP over gRPC, and agents speak HTTP; it is usually 4318",
  },
  {
    rule: "telemetry-speaks-http",
    passes: { environment: { telemetry: { existingEndpoint: "https://otel.acme.example" } } },
    breaks: { environment: { telemetry: { existingEndpoint: "https://otel.acme.example/v1/traces" } } },
    says: "environment 'test': telemetry.existingEndpoint 'https://otel.acme.example/v1/traces' ends with the path of one signal, which exporters append themselves; write the base URL",
  },

  // What Azure's side of an environment cannot use, wherever its agents run.
  {
    rule: "part-beside-azure",
    passes: { environment: allOnGoogle({ kind: "key-vault" }) },
    breaks: { environment: allOnGoogle({ kind: "secret-manager" }) },
    says: "environment 'test': vault.kind is 'secret-manager', and 'azure' is set, which cannot use that; use 'key-vault' or 'existing-key-vault', or remove 'azure'",
  },
  {
    rule: "deployer-twice",
    passes: { environment: { azure: { ...environment.azure, deployerObjectIds: [deployer] } } },
    breaks: { environment: { azure: { ...environment.azure, deployerObjectIds: [deployer, deployer] } } },
    says: `environment 'test': azure.deployerObjectIds lists ${deployer} twice, and each of them gets its rights once; remove one`,
  },
  {
    rule: "missing-subnet",
    passes: behindGatewayIn({ gatewaySubnet: "snet-gateway" }),
    breaks: behindGatewayIn({}),
    says: "environment 'test': azure.network names no gatewaySubnet, and the outgoing calls of API Management need one; name the subnet there",
  },
  {
    rule: "missing-subnet",
    passes: keycloakIn({ postgresSubnet: "snet-postgres" }),
    breaks: keycloakIn({}),
    says: "environment 'test': azure.network names no postgresSubnet, and Keycloak and its Postgres need one; name the subnet there",
  },
  {
    rule: "telemetry-speaks-http",
    passes: { environment: { telemetry: { existingEndpoint: "https://collector.acme.example:4318" } } },
    breaks: { environment: { telemetry: { existingEndpoint: "https://collector.acme.example:otlp" } } },
    says: "environment 'test': telemetry.existingEndpoint 'https://collector.acme.example:otlp' is no http or https URL; write it as https://collector.example.com:4318",
  },
  {
    rule: "telemetry-speaks-http",
    passes: { environment: { telemetry: { existingEndpoint: "http://collector.acme.example:4318" } } },
    breaks: { environment: { telemetry: { existingEndpoint: "grpc+http://collector.acme.example:4318" } } },
    says: "environment 'test': telemetry.existingEndpoint 'grpc+http://collector.acme.example:4318' is no http or https URL; write it as https://collector.example.com:4318",
  },
  {
    rule: "environment",
    passes: { environment: { agents: { billing: { cpu: 0.5 } } } },
    breaks: { environment: { agents: { constructor: { cpu: 0.5 } } } },
    says: "environment 'test': 'agents.constructor' has a name that every object of JavaScript has already; choose another",
  },
  {
    rule: "definition",
    passes: { more: [other("pay")] },
    breaks: { more: [other("constructor")] },
    says: "agent 'constructor': 'name' 'constructor' is a name that every object of JavaScript has already; choose another",
  },

  // A customer's own image, and those of parts.
  {
    rule: "pinned-images",
    passes: { environment: { agents: { "desk-globex": { image: "2.1.0" } } } },
    breaks: { environment: { agents: { "desk-globex": { image: "latest" } } } },
    says: "agent 'desk-globex': 'acmeimages.azurecr.io/agents/desk:latest' is unpinned: 'latest' is a different image tomorrow; set agents.desk-globex.image to a version or digest",
  },
  {
    rule: "images-have-references",
    passes: { environment: { agents: { "desk-globex": { image: "2.1.0" } } } },
    breaks: { environment: { agents: { "desk-globex": { image: "agents/desk:2.1.0" } } } },
    says: "agent 'desk-globex': agents.desk-globex.image 'agents/desk:2.1.0' is no tag or digest; leave registry and repository out of it",
  },
  {
    rule: "pinned-images",
    passes: { environment: { telemetry: { collectorImage: "ghcr.io/acme/collector:0.139.0" } } },
    breaks: { environment: { telemetry: { collectorImage: "ghcr.io/acme/collector" } } },
    says: "environment 'test': 'ghcr.io/acme/collector' is unpinned: without a tag it is 'latest', a different image tomorrow; set telemetry.collectorImage to a version or digest",
  },
  {
    rule: "pinned-images",
    passes: { environment: { telemetry: { collectorImage: "ghcr.io/acme/collector:0.139.0" } } },
    breaks: { environment: { telemetry: { collectorImage: "ghcr.io/acme/collector:0.139" } } },
    says: "environment 'test': 'ghcr.io/acme/collector:0.139' is unpinned: '0.139' is a different image tomorrow; set telemetry.collectorImage to a version or digest",
  },
  // Secrets, wherever they are written.
  {
    rule: "secrets-are-references",
    passes: { billing: { description: "Says what is owed" } },
    breaks: { billing: { description: `Asks with ${slackToken}` } },
    says: "agent 'billing': 'description' holds what looks like a secret in plain text; take it out, and change the secret",
  },
  {
    rule: "secrets-are-references",
    passes: { billing: { scaling: event({ metadata: { stream: "jobs" } }) } },
    breaks: { billing: { scaling: event({ metadata: { password: "hunter2" } }) } },
    says: "agent 'billing': password in 'scaling.metadata' looks like a secret in plain text; put the value into the vault, name it in 'secrets', and give the scaler its name in 'scaling.authentication'",
  },
  {
    rule: "secrets-are-references",
    passes: { environment: { tags: { owner: "payments" } } },
    breaks: { environment: { tags: { owner: slackToken } } },
    says: "environment 'test': 'tags.owner' holds what looks like a secret in plain text; put the value into the vault, and take it out here",
  },
  {
    rule: "environment",
    passes: { environment: { modelGateway: { url: "http://litellm.models:4000" } } },
    breaks: { environment: { modelGateway: { url: "http://fleet:hunter-2@litellm.models:4000" } } },
    says: "environment 'test': 'modelGateway.url' '***:4000' holds a user or a password, which would be in the plan and in the state; take them out, and name a secret instead",
  },
];
