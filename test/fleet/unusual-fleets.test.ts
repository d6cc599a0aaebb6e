import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { asYaml } from "../support/as-yaml";
import { findRefusalFaults } from "../support/refusal-words";
import { billing, environment } from "../support/sample-fleet";
import { changedFleet, type FleetChange } from "./broken-fleets";

const digest = `sha256:${"a1".repeat(32)}`;
const entra = { kind: "entra" };
const acme = { kind: "acme", email: "tls@acme.example" };
const edge = { kind: "gateway-api", certificates: acme };
const azure = { ...environment.azure };
const skill = { id: "balance", name: "Balance", description: "Says what is owed", tags: ["invoice"] };

type Settings = Readonly<Record<string, unknown>>;

/** Changes of billing, of the environment, and of the environment on AKS, in a cluster of somebody's own, and on Cloud Run. */
const agent = (change: Settings): FleetChange => ({ billing: change });
const around = (change: Settings): FleetChange => ({ environment: change });
const onAks = (kubernetes: object = {}, change: object = {}): FleetChange =>
  around({ platform: "kubernetes", kubernetes: { edge, ...kubernetes }, ...change });
const inCluster = (kubernetes: object = {}, change: object = {}): FleetChange =>
  around({
    azure: undefined,
    alerts: undefined,
    platform: "kubernetes",
    kubernetes: { cluster: { kind: "existing", context: "there" }, edge, ...kubernetes },
    registry: { kind: "other", server: "ghcr.io/acme", username: "puller", passwordSecret: "registry-login" },
    vault: { kind: "kubernetes", secrets: ["registry-login", "billing-erp-token"] },
    taskStore: { kind: "cluster-redis" },
    ...change,
  });
const onCloudRun = (cloudRun: object = {}, change: object = {}): FleetChange =>
  around({
    azure: undefined,
    platform: "cloud-run",
    google: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
    registry: { kind: "google" },
    vault: { kind: "secret-manager" },
    taskStore: { kind: "memorystore" },
    cloudRun,
    ...change,
  });
const backedUp = (backups: object, change: object = {}) =>
  inCluster(
    {
      backups: {
        storage: { kind: "google-storage", bucket: "acme-backups" },
        credentialsSecret: "backup-storage",
        ...backups,
      },
    },
    change,
  );
const existingRedis = { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" };
const existingPostgres = { kind: "existing-postgres", host: "postgres.acme.example" };
const keycloak = (change: object = {}) => ({ kind: "keycloak", mode: "development", ...change });
const database = {
  url: "jdbc:postgresql://postgres.acme.example/keycloak?sslmode=verify-full",
  credentialsSecret: "keycloak",
};
const gateway = (change: object = {}): FleetChange => around({ gateway: change, identityProvider: entra });
const production = (change: object = {}): FleetChange =>
  around({
    stage: "production",
    identityProvider: entra,
    agents: { billing: { image: digest }, desk: { image: digest } },
    exceptions: { "tokens-are-short": { reason: "Entra's", until: "2027-03-31" } },
    azure: { ...azure, network: { kind: "created" } },
    ...change,
  });
const outside = (url: string) => agent({ externalAgents: [{ name: "weather", url, scope: null }] });
const label = "a".repeat(64);
const manyTags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, "x"]));

/** What somebody wrote by mistake, and a word of it that the refusal has to have. */
const mistakes: readonly (readonly [what: string, fleet: FleetChange, names: string])[] = [
  ["cores that no node has", onAks({}, { agents: { billing: { cpu: 64 } } }), "64"],
  ["cores that no machine has", agent({ cpu: 1000 }), "cpu"],
  ["hardly any cores", agent({ cpu: 0.0001 }), "cpu"],
  ["cores that Container Apps has not", agent({ cpu: 0.3, memoryMiB: 1024 }), "0.3"],
  ["memory that doesn't go with the cores", agent({ cpu: 0.5, memoryMiB: 4096 }), "4096"],
  [
    "callers that are agents alone, of an agent for customers",
    onCloudRun({ invokers: { kind: "callers" } }),
    "no customer gets through",
  ],
  [
    "callers of an agent that is not there",
    onCloudRun({
      invokers: {
        kind: "callers",
        members: ["domain:acme.test"],
        membersOf: { biling: ["user:a@acme.test"] },
      },
    }),
    "names biling",
  ],
  ["cores that Cloud Run has not", onCloudRun({}, { agents: { billing: { cpu: 3 } } }), "3"],
  ["hardly any memory", agent({ memoryMiB: 1 }), "memoryMiB"],
  ["memory in another unit", agent({ memoryMiB: 0.5 }), "memoryMiB"],
  ["more replicas than an app can have", agent({ maxReplicas: 500 }), "500"],
  [
    "a smallest pool above its largest",
    onAks({ cluster: { kind: "aks", agentNodes: { minNodes: 9, maxNodes: 3 } } }),
    "minNodes",
  ],
  ["a pool of no nodes", onAks({ cluster: { kind: "aks", systemNodes: { minNodes: 0 } } }), "minNodes"],
  ["a machine that is none", onAks({ cluster: { kind: "aks", agentNodes: { vmSize: "large" } } }), "vmSize"],
  ["a version of Kubernetes that is none", onAks({ cluster: { kind: "aks", version: "latest" } }), "version"],
  ["a version of Kubernetes that has ended", onAks({ cluster: { kind: "aks", version: "1.20" } }), "1.20"],
  [
    "a time of day that is none",
    onAks({ cluster: { kind: "aks", maintenance: { dayOfWeek: "Monday", startTime: "25:00" } } }),
    "startTime",
  ],
  [
    "an API server that is open to nobody",
    onAks({ cluster: { kind: "aks", apiServer: { access: "public", allowedRanges: [] } } }),
    "allowedRanges",
  ],
  ["a tier of the gateway that doesn't exist", gateway({ sku: "StandardV3_1" }), "StandardV3_1"],
  ["a tier without units", gateway({ sku: "Premium" }), "sku"],
  ["a tier with more units than it has", gateway({ sku: "BasicV2_11" }), "BasicV2_11"],
  ["a tier in other letters", gateway({ sku: "standardv2_1" }), "standardv2_1"],
  ["a gateway's host with an empty label", gateway({ host: "api..acme.example" }), "host"],
  ["a gateway's host with a label that is too long", gateway({ host: `${label}.acme.example` }), "host"],
  ["a gateway's host with a path", gateway({ host: "api.acme.example/agents" }), "host"],
  ["a publisher without a mailbox", gateway({ publisherEmail: "operations" }), "publisherEmail"],
  [
    "an issuer of certificates with a blank",
    gateway({ certificateIssuer: "Digi Cert" }),
    "certificateIssuer",
  ],
  ["a domain that is an address", around({ domain: "10.0.0.1" }), "domain"],
  ["a domain with a scheme", around({ domain: "https://acme.example" }), "domain"],
  [
    "a host of the load balancer that is none",
    onCloudRun({ front: { kind: "load-balancer", host: "run" } }),
    "host",
  ],
  ["a certificate by HTTP on a closed edge", onAks({}, { gateway: {}, identityProvider: entra }), "HTTP-01"],
  [
    "an ACME server that is no URL",
    onAks({ edge: { kind: "gateway-api", certificates: { ...acme, server: "letsencrypt" } } }),
    "server",
  ],
  [
    "an ACME server without TLS",
    onAks({ edge: { kind: "gateway-api", certificates: { ...acme, server: "http://acme.example" } } }),
    "server",
  ],
  [
    "an ACME account of nobody",
    onAks({ edge: { kind: "gateway-api", certificates: { kind: "acme", email: "me" } } }),
    "email",
  ],
  ...["kube-system", "default", "cert-manager", "Agents", "a_b", "-a", label].map(
    (namespace) => [`the namespace ${namespace.slice(0, 14)}`, onAks({ namespace }), "namespace"] as const,
  ),
  ...["10.0.0.300/33", "10.0.0.0/33", "10.0.0.0", "office", "https://erp.acme.example"].map(
    (cidr) => [`a way out to ${cidr}`, agent({ egress: [{ cidr, port: 443 }] }), "cidr"] as const,
  ),
  ["a way out to a port that is none", agent({ egress: [{ cidr: "10.0.0.0/8", port: 70_000 }] }), "port"],
  ["a way out to a host that is none", agent({ egress: [{ host: "https://erp.acme.example" }] }), "host"],
  [
    "a way out to the cloud's metadata",
    agent({ egress: [{ cidr: "169.254.169.254/32", port: 80 }] }),
    "169.254",
  ],
  ["an external agent without a host", outside("https:///card"), "url"],
  ["an external agent with a password", outside("https://fleet:word-1@weather.acme.example"), "url"],
  ["an external agent without TLS", outside("http://weather.acme.example"), "url"],
  [
    "an issuer with a query",
    around({
      identityProvider: {
        kind: "existing",
        issuer: "https://id.acme.example?a=b",
        jwksUrl: "https://id.acme.example/keys",
      },
    }),
    "issuer",
  ],
  [
    "an issuer without TLS",
    around({
      identityProvider: {
        kind: "existing",
        issuer: "http://id.acme.example",
        jwksUrl: "https://id.acme.example/keys",
      },
    }),
    "issuer",
  ],
  [
    "an issuer that only this machine reaches",
    around({ identityProvider: { kind: "local-issuer" } }),
    "local-issuer",
  ],
  ["an issuer that nothing runs", onCloudRun({}, { identityProvider: { kind: "keycloak" } }), "keycloak"],
  [
    "a database without TLS",
    inCluster(
      {},
      {
        identityProvider: {
          kind: "keycloak",
          database: { ...database, url: "jdbc:postgresql://postgres.acme.example/keycloak?sslmode=disable" },
        },
      },
    ),
    "url",
  ],
  [
    "a database with a password",
    inCluster(
      {},
      {
        identityProvider: {
          kind: "keycloak",
          database: {
            ...database,
            url: "jdbc:postgresql://postgres.acme.example/keycloak?user=a&password=word-1",
          },
        },
      },
    ),
    "url",
  ],
  [
    "tokens that live an hour",
    around({ stage: "development", identityProvider: keycloak({ accessTokenSeconds: 3600 }) }),
    "accessTokenSeconds",
  ],
  [
    "a realm with a slash",
    around({ stage: "development", identityProvider: keycloak({ realm: "a/b" }) }),
    "realm",
  ],
  [
    "a model gateway that is no URL",
    { billing: { model: "large" }, environment: { modelGateway: { url: "litellm:4000" } } },
    "url",
  ],
  [
    "a production without a store",
    production({ taskStore: { kind: "memory" }, replicaLimit: 1, highAvailability: false }),
    "memory",
  ],
  [
    "a size of the store that doesn't exist",
    around({ taskStore: { kind: "managed-redis", sku: "Balanced_B2" } }),
    "sku",
  ],
  [
    "a capacity that the tier has not",
    around({ taskStore: { kind: "redis-cache", sku: "Premium", capacity: 0, reason: "it is there" } }),
    "capacity",
  ],
  [
    "a store's host with a scheme",
    inCluster({}, { taskStore: { ...existingRedis, host: "rediss://redis.acme.example" } }),
    "host",
  ],
  ["a store's port that is none", inCluster({}, { taskStore: { ...existingRedis, port: 0 } }), "port"],
  [
    "a store's mode without TLS",
    inCluster({}, { taskStore: { ...existingPostgres, sslMode: "disable" } }),
    "sslMode",
  ],
  [
    "a server's host with a path",
    inCluster({}, { taskStore: { ...existingPostgres, host: "postgres.acme.example/tasks" } }),
    "host",
  ],
  [
    "a size of the server that doesn't exist",
    around({ taskStore: { kind: "azure-postgres", sku: "GP_Standard_D3ds_v5" } }),
    "sku",
  ],
  [
    "a secret that no Key Vault holds",
    around({
      vault: {
        kind: "existing-key-vault",
        name: "kv-acme",
        resourceGroup: "rg-acme",
        secrets: ["billing_erp"],
      },
    }),
    "secrets",
  ],
  [
    "an action group with a slash",
    around({ alerts: { actionGroup: { name: "ag/on-call", resourceGroup: "rg-acme" } } }),
    "actionGroup",
  ],
  [
    "a subnet with a blank",
    onAks({
      edge: {
        ...edge,
        internalAddress: { subnet: "the edge", address: "10.40.9.10", allowedRanges: ["10.40.7.0/24"] },
      },
    }),
    "subnet",
  ],
  [
    "backups of a database beyond what Azure keeps",
    around({ taskStore: { kind: "azure-postgres", backupRetentionDays: 90 } }),
    "backupRetentionDays",
  ],
  ["a schedule that never comes", backedUp({ schedule: "0 0 31 2 *" }), "schedule"],
  ["a schedule of a minute that is none", backedUp({ schedule: "61 2 * * *" }), "schedule"],
  ["a schedule in words", backedUp({ schedule: "daily" }), "schedule"],
  ["a bucket with capitals", backedUp({ storage: { kind: "google-storage", bucket: "Backups" } }), "bucket"],
  ["a Secret with an underscore", backedUp({ credentialsSecret: "Backup_Storage" }), "credentialsSecret"],
  [
    "a sidecar that asks for more than its limit",
    onAks({}, { mesh: { kind: "dapr", sidecar: { cpu: 1 } } }),
    "cpuLimit",
  ],
  [
    "a sidecar with more memory than its limit",
    onAks({}, { mesh: { kind: "dapr", sidecar: { memoryMiB: 512 } } }),
    "memoryLimitMiB",
  ],
  [
    "a sidecar on the agents' metrics port",
    onAks({}, { mesh: { kind: "dapr", sidecar: { metricsPort: 9090 } } }),
    "9090",
  ],
  ["a tag with a slash", around({ tags: { "cost/center": "7" } }), "tags"],
  ["a tag that is too long", around({ tags: { note: "x".repeat(300) } }), "tags"],
  ["more tags than Azure keeps", around({ tags: manyTags(46) }), "tags"],
  ["a path with a blank", agent({ healthPath: "/is well" }), "healthPath"],
  ["a path without a slash", agent({ readyPath: "ready" }), "readyPath"],
  ["a path that Terraform would read", agent({ healthPath: "/${x}" }), "healthPath"],
  [
    "a resource group with a slash",
    around({ azure: { ...azure, resourceGroup: { existing: "rg/agents" } } }),
    "resourceGroup",
  ],
  [
    "a resource group that ends with a dot",
    around({ azure: { ...azure, resourceGroup: { existing: "rg-agents." } } }),
    "resourceGroup",
  ],
  [
    "a container of the state with capitals",
    around({
      state: {
        kind: "azure-storage",
        resourceGroup: "rg-state",
        storageAccount: "acmestate",
        container: "State",
      },
    }),
    "container",
  ],
  [
    "an account of the state with hyphens",
    around({
      state: {
        kind: "azure-storage",
        resourceGroup: "rg-state",
        storageAccount: "acme-state",
        container: "state",
      },
    }),
    "storageAccount",
  ],
  [
    "a skill's role with a blank",
    {
      billing: { skills: [{ ...skill, requiredRole: "read all" }] },
      environment: { identityProvider: entra },
    },
    "requiredRole",
  ],
  [
    "a skill's role that begins with a dot",
    { billing: { skills: [{ ...skill, requiredRole: ".read" }] }, environment: { identityProvider: entra } },
    "requiredRole",
  ],
  ["a description that nothing holds", agent({ description: "x".repeat(100_000) }), "description"],
  ["a variable that nothing starts with", agent({ variables: { RULES: "x".repeat(1_200_000) } }), "RULES"],
  [
    "everybody let in beside the gateway",
    onCloudRun(
      { front: { kind: "load-balancer", admits: ["0.0.0.0/0"] } },
      { gateway: {}, azure, identityProvider: entra, alerts: undefined },
    ),
    "admits",
  ],
  [
    "a collector by a moving tag, in production",
    production({ telemetry: { collectorImage: "otel/opentelemetry-collector-contrib:latest" } }),
    "collectorImage",
  ],
  [
    "a customer's own image by a tag, in production",
    production({
      agents: { billing: { image: digest }, desk: { image: digest }, "desk-globex": { image: "2.1.0" } },
    }),
    "desk-globex",
  ],
  [
    "a key in a description",
    agent({ description: `Call it with ${["AK", "IA", "Q3EGTKZ7ABCDEFGH"].join("")}` }),
    "description",
  ],
  [
    "a password in a scaler",
    agent({ scaling: { kind: "event", scaler: "redis", metadata: { password: "pa55word-1" } } }),
    "password",
  ],
  ["DB_PASS among plain variables", agent({ variables: { DB_PASS: "pa55word-1" } }), "DB_PASS"],
  ["APIKEY among plain variables", agent({ variables: { APIKEY: "0a1b2c3d4e5f" } }), "APIKEY"],
  [
    "a proxy with a password",
    agent({ variables: { http_proxy: "http://fleet:pa55word-1@proxy:3128" } }),
    "http_proxy",
  ],
  [
    "an agent called as the gateway's backend",
    {
      more: [{ ...billing, name: "backend" }],
      environment: { gateway: {}, identityProvider: entra, agents: { backend: { cpu: 99 } } },
    },
    "backend",
  ],
  ["a name that all objects have", { more: [{ ...billing, name: "constructor" }] }, "constructor"],
  [
    "a secret called as all objects' own properties are",
    { more: [{ ...billing, secrets: { KEY: "constructor" } }] },
    "constructor",
  ],
  ["days of logs that Azure has not", around({ retentionDays: 7 }), "retentionDays"],
  ["a region with a typing mistake", around({ azure: { ...azure, location: "west europe 1!" } }), "location"],
  ["an id that is none", around({ azure: { ...azure, subscriptionId: "production" } }), "subscriptionId"],
  [
    "a deployer twice",
    around({
      azure: { ...azure, deployerObjectIds: [azure.deployerObjectIds?.[0], azure.deployerObjectIds?.[0]] },
    }),
    "deployerObjectIds",
  ],
  ["settings of a platform where nothing runs", around({ kubernetes: { runAsUser: 2000 } }), "kubernetes"],
];

/** Fleets that look like mistakes and are none. */
const right: readonly (readonly [what: string, fleet: FleetChange])[] = [
  [
    "company-internal, without API Management",
    around({
      azure: { ...azure, network: { kind: "created" } },
      containerApps: { internal: true },
      agents: { desk: { reach: "vnet" } },
    }),
  ],
  ["with build metadata in a version", agent({ version: "1.0.0+build.7" })],
  ["with a version before the first", agent({ version: "0.0.1-alpha.1" })],
  ["with a double underscore in a repository", agent({ imageRepository: "team__a/billing" })],
  ["with a deep repository", agent({ imageRepository: "a/b/c/d/billing.agent-1" })],
  ["with a customer of one letter", around({ customers: ["a"] })],
  ["with a customer of digits and letters", around({ customers: ["x5"] })],
  ["without customers", { desk: { perCustomer: false }, environment: { customers: [] } }],
  [
    "with a proxy",
    agent({ variables: { http_proxy: "http://proxy.acme.example:3128", NO_PROXY: "localhost,10.0.0.0/8" } }),
  ],
  [
    "with a key that sorts",
    agent({ variables: { PARTITION_KEY: "customer-17-eu", SORT_KEY: "date-2026-11" } }),
  ],
  ["with a token that stops", agent({ variables: { STOP_TOKEN: "<|endoftext|>", MAX_TOKEN: "4096" } })],
  ["with a public key", agent({ variables: { JWT_PUBLIC_KEY: "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7" } })],
  ["with a language that begins as keys do", agent({ variables: { LOCALE: "sk-SK" } })],
  [
    "with a path to a password",
    agent({ variables: { DB_PASSWORD_FILE: "/run/secrets/db", TLS_KEY: "/etc/tls/key.pem" } }),
  ],
  ["with a switch", agent({ variables: { USE_TOKEN: "true", TOKEN_LIMIT: "100000" } })],
  ["with a variable of one letter", agent({ variables: { X: "1" } })],
  ["with a variable that begins with an underscore", agent({ variables: { _DEBUG: "0" } })],
  ["with a variable of many lines", agent({ variables: { PROMPT: "One.\nTwo.\n" } })],
  [
    "with a variable that looks like Terraform",
    agent({ variables: { TEMPLATE: "Dear ${name}, %{ if x }" } }),
  ],
  ["with a long variable", agent({ variables: { RULES: "x".repeat(100_000) } })],
  [
    "with a title in other letters",
    agent({ title: "Söldner & Co. – 請求", description: "Sagt, was fällig ist" }),
  ],
  ["with a long description", agent({ description: `Says ${"what is owed, ".repeat(50)}and to whom` })],
  [
    "with a skill's example that has quotes",
    agent({ skills: [{ ...skill, examples: ['What do "I" owe?', "50 % of $5?"] }] }),
  ],
  [
    "with a role of several parts",
    {
      billing: { skills: [{ ...skill, requiredRole: "billing.read:all" }] },
      environment: { identityProvider: entra },
    },
  ],
  [
    "with an issuer that ends with a slash",
    around({
      identityProvider: {
        kind: "existing",
        issuer: "https://acme.eu.auth0.com/",
        jwksUrl: "https://acme.eu.auth0.com/.well-known/jwks.json",
      },
    }),
  ],
  [
    "with an issuer on a port and a path",
    around({
      identityProvider: {
        kind: "existing",
        issuer: "https://id.acme.example:8443/realms/a2a",
        jwksUrl: "https://id.acme.example:8443/keys",
      },
    }),
  ],
  ["with an external agent on a port", outside("https://weather.acme.example:8443/a2a")],
  ["with an external agent at an address", outside("https://192.0.2.10/")],
  [
    "with an external agent that takes a token",
    agent({
      externalAgents: [
        { name: "weather", url: "https://weather.acme.example", scope: "api://weather/.default" },
      ],
    }),
  ],
  ["that gets out to one address", agent({ egress: [{ cidr: "198.51.100.7/32", port: 8443 }] })],
  ["that gets out to a host on another port", agent({ egress: [{ host: "erp.acme.example", port: 8443 }] })],
  ["with tags in other letters", around({ tags: { Kostenstelle: "Zürich 7", "cost-center": "R&D dept" } })],
  ["with as many tags as Azure keeps", around({ tags: manyTags(45) })],
  ["with the longest tag", around({ tags: { note: "x".repeat(256) } })],
  [
    "with a resource group with brackets",
    around({ azure: { ...azure, resourceGroup: { existing: "RG_Agents-(west).1" } } }),
  ],
  ["in a region with digits", around({ azure: { ...azure, location: "germanywestcentral" } })],
  [
    "with two deployers",
    around({
      azure: {
        ...azure,
        deployerObjectIds: [...(azure.deployerObjectIds ?? []), "44444444-4444-4444-8444-444444444444"],
      },
    }),
  ],
  ["with the smallest of sizes", agent({ cpu: 0.25, memoryMiB: 512 })],
  ["with the largest of sizes", agent({ cpu: 2, memoryMiB: 4096 })],
  ["with one replica for ever", agent({ minReplicas: 1, maxReplicas: 1 })],
  ["that keeps tasks itself, at one replica", agent({ taskStore: "memory", minReplicas: 1, maxReplicas: 1 })],
  ["without metrics", agent({ metricsPort: null })],
  ["on a low port", agent({ port: 80 })],
  ["with one path for both probes", agent({ healthPath: "/healthz", readyPath: "/healthz" })],
  ["with a path of many parts", agent({ healthPath: "/api/v1/health.json" })],
  ["with the shortest of deadlines", agent({ taskDeadlineSeconds: 1 })],
  ["that speaks the old version alone", agent({ protocolVersions: ["0.3"] })],
  ["that speaks both bindings", agent({ protocolBindings: ["HTTP+JSON", "JSONRPC"] })],
  ["that doesn't stream", agent({ streaming: false })],
  ["that is not everywhere", agent({ stages: ["development", "staging"] })],
  ["without a store, at one replica each", around({ taskStore: { kind: "memory" }, replicaLimit: 1 })],
  [
    "with a store of a retired tier",
    around({ taskStore: { kind: "redis-cache", sku: "Basic", capacity: 0, reason: "it is there" } }),
  ],
  [
    "on AKS with large nodes for a large agent",
    onAks(
      { cluster: { kind: "aks", agentNodes: { vmSize: "Standard_D96ds_v5" } } },
      { agents: { billing: { cpu: 64, memoryMiB: 262_144 } } },
    ),
  ],
  [
    "on AKS with an hour of its own",
    onAks({ cluster: { kind: "aks", maintenance: { dayOfWeek: "Saturday", startTime: "23:59" } } }),
  ],
  [
    "on AKS with a certificate of the company's",
    onAks({ edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "corporate-ca.v2" } } }),
  ],
  [
    "on AKS behind the gateway, with a certificate by DNS",
    onAks(
      {
        edge: {
          kind: "gateway-api",
          certificates: { ...acme, dnsZone: { name: "acme.example", resourceGroup: "rg-dns" } },
        },
      },
      { gateway: {}, identityProvider: entra },
    ),
  ],
  ["in a namespace with digits", onAks({ namespace: "agents-2" })],
  ["in a cluster of somebody's own", inCluster()],
  [
    "in a cluster, with a store at an address",
    inCluster(
      {},
      {
        taskStore: { ...existingRedis, host: "192.168.10.5", cidr: "192.168.10.5/32" },
        vault: { kind: "kubernetes", secrets: ["registry-login", "billing-erp-token", "redis-url"] },
      },
    ),
  ],
  ["in a cluster, with backups on two days", backedUp({ schedule: "0 3 * * 1,4" })],
  ["in a cluster, with backups on the last of February", backedUp({ schedule: "0 0 29 2 *" })],
  [
    "in a cluster, with a registry on a port",
    inCluster(
      {},
      {
        registry: {
          kind: "other",
          server: "registry.acme.example:5000/fleet",
          username: "robot$fleet",
          passwordSecret: "registry-login",
        },
      },
    ),
  ],
  ["on Cloud Run alone", onCloudRun()],
  [
    "on Cloud Run behind a load balancer that admits an office",
    onCloudRun({ front: { kind: "load-balancer", admits: ["198.51.100.0/24"] } }),
  ],
  ["behind the gateway of the smallest tier that streams", gateway({ sku: "StandardV2_1" })],
  [
    "behind a gateway that exists",
    gateway({ existing: { name: "apim-company", resourceGroup: "rg-company" } }),
  ],
  ["in production, with an exception that ends", production()],
  [
    "that is told of by two mailboxes",
    around({ alerts: { email: ["a+b@acme.example", "on-call@ops.acme.example"] } }),
  ],
];

function refusalsOf(change: FleetChange): string[] {
  const { definitions, environment: changed } = changedFleet(change);
  return resolveFleet(definitions, changed).problems.map(({ message }) => message);
}

describe("a mistake is refused in words", () => {
  test("of which there are a hundred", () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(100);
  });

  test.each(mistakes)("%s", (_what, change, names) => {
    const refusals = refusalsOf(change);
    expect(refusals.join("\n")).toContain(names);
    expect(findRefusalFaults(refusals)).toEqual([]);
    expect(refusals.join("\n")).not.toMatch(/word-1/);
  });
});

test("what is said of each mistake is what was agreed", async () => {
  const said = mistakes.map(([what, change]) => [what, refusalsOf(change)]);
  await expect(asYaml(Object.fromEntries(said))).toMatchFileSnapshot(
    join(__dirname, "__snapshots__/mistakes.yaml"),
  );
});

describe("a fleet is accepted", () => {
  test("of those that look like mistakes, more than sixty", () => {
    expect(right.length).toBeGreaterThan(60);
  });

  test.each(right)("%s", (_what, change) => {
    expect(refusalsOf(change)).toEqual([]);
  });
});
