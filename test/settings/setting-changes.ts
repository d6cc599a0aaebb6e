import type { AgentDefinition } from "../../src/agent/agent-definition";

/** A part of a fleet's files, to be laid over what is there. */
export interface Patch {
  readonly definition?: Partial<AgentDefinition>;
  // biome-ignore lint/suspicious/noExplicitAny: parts of parts, which are checked as all settings are once they are laid over
  readonly environment?: any;
}

/** Some settings that stand side by side, and another right value of each. */
export interface Changes {
  /** Where they stand, as `settingPlaces` names it. */
  readonly at: string;
  /** What stands there before. Without it: what the fleet has there. */
  readonly is?: unknown;
  /** What has to be around for the settings to mean something. */
  readonly with?: Patch;
  /** Fleets that it is tried in. @default - all */
  readonly only?: readonly string[];
  /** Other values, by setting. One that is tried with several values, or around several others, has to be seen once. */
  readonly to: Readonly<Record<string, unknown>>;
}

const uuid = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;
const digest = (pair: string) => `sha256:${pair.repeat(32)}`;
const range = "192.168.77.0/24";

const azure = {
  subscriptionId: uuid("2"),
  location: "westeurope",
  deployerObjectIds: [uuid("3")],
};
const entra: Patch = { environment: { identityProvider: { kind: "entra" } } };
const model: Patch = {
  definition: { model: "large" },
  environment: { modelGateway: { url: "http://litellm.models:4000" } },
};
const gateway: Patch = {
  environment: {
    azure: { ...azure, network: { kind: "created" } },
    gateway: {},
    identityProvider: { kind: "entra" },
  },
};
const fleetRegistry = {
  kind: "fleet",
  name: "acmefleetimages",
  resourceGroup: "rg-images",
  subscriptionId: uuid("2"),
  location: "westeurope",
  tenant: uuid("1"),
  state: { kind: "local" },
};
const googleFleetRegistry = {
  kind: "google-fleet",
  projectId: "acme-images",
  projectNumber: "123456789012",
  region: "europe-west4",
  state: { kind: "local" },
};
const toGoogleFleet = {
  projectId: "acme-pictures",
  projectNumber: "210987654321",
  region: "us-east1",
  repository: "pictures",
  upstream: { server: "ghcr.io/acme", username: "puller" },
  state: { kind: "google-storage", bucket: "acme-state" },
};
const upstream = { server: "ghcr.io/acme", username: "puller" };
const toUpstream = { server: "quay.io/acme", username: "fetcher", passwordSecret: "other-password" };
const azureState = {
  kind: "azure-storage",
  resourceGroup: "rg-state",
  storageAccount: "acmestate",
  container: "state",
};
const toAzureState = { resourceGroup: "rg-other", storageAccount: "acmeother", container: "other" };
const googleState = { kind: "google-storage", bucket: "acme-state" };
const existingRedis = {
  kind: "existing",
  host: "redis.acme.example",
  port: 6380,
  urlSecret: "billing-erp-token",
};
const toExistingRedis = { host: "cache.acme.example", port: 6390, urlSecret: "redis-url", cidr: range };
const existingPostgres = { kind: "existing-postgres", host: "postgres.acme.example" };
const toExistingPostgres = {
  host: "tasks.acme.example",
  port: 5433,
  cidr: range,
  sslMode: "require",
  passwordSecret: "tasks-password",
};
const acme = { kind: "acme", email: "tls@acme.example" };
const toAcme = { email: "other@acme.example", server: "https://acme.acme.example/directory" };
const dnsZone = { name: "acme.example", resourceGroup: "rg-dns" };
const corporate = { kind: "issuer", name: "corporate" };
const applications = { portal: ["billing"] };
const existingInGroup = { name: "there-already", resourceGroup: "rg-there" };
const toExistingInGroup = { name: "other-one", resourceGroup: "rg-other" };
const address = { cidr: range, port: 8443 };

/** Behind a gateway, an edge in a network that is somebody else's has an address of that. */
const internalAddress = { subnet: "edge", address: "10.40.9.10", allowedRanges: ["10.40.7.0/24"] };

function ofStates(at: string): Changes[] {
  return [
    { at: `${at}(azure-storage)`, is: azureState, to: toAzureState },
    { at: `${at}(google-storage)`, is: googleState, to: { bucket: "acme-other" } },
    { at: `${at}(local)`, is: { kind: "local" }, to: {} },
  ];
}

function ofGoogleFleetRegistry(at: string): Changes[] {
  return [
    { at, is: googleFleetRegistry, to: toGoogleFleet },
    { at: `${at}.upstream`, is: upstream, to: toUpstream },
    ...ofStates(`${at}.state`),
  ].map((changes) => ({ ...changes, with: wrapped(at, googleFleetRegistry) }));
}

/** What stands at a place of an environment, as a patch. */
function wrapped(at: string, value: unknown): Patch {
  const steps = at.replaceAll(/\([^)]*\)/g, "").split(".");
  const whole = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
  return whole as Patch;
}

function ofEdge(at: string, edge: object): Changes[] {
  const around = wrapped(at, edge);
  return [
    { at: `${at}.certificates(acme)`, is: acme, to: { ...toAcme, dnsZone }, with: around },
    {
      at: `${at}.certificates(acme).dnsZone`,
      is: dnsZone,
      to: { name: "other.example", resourceGroup: "rg-other" },
      with: wrapped(at, { ...edge, certificates: acme }),
    },
    {
      at: `${at}.certificates(issuer)`,
      is: { kind: "issuer", name: "corporate" },
      to: { name: "other" },
      with: around,
    },
    {
      at: `${at}.internalAddress`,
      is: internalAddress,
      to: { subnet: "other", address: "10.40.9.11", allowedRanges: ["10.40.8.0/24"] },
      with: laidOver(laidOver(gateway, around), wrapped(`${at}.certificates`, corporate)) as Patch,
    },
  ];
}

/** KEDA is in a cluster by the fleet's doing on AKS alone. */
function withKeda(list: readonly Changes[]): Changes[] {
  const keda = {
    autoscaling: "keda",
    prometheusUrl: "http://prometheus.monitoring:9090",
    prometheusOperator: true,
  };
  return [
    ...list.map((changes) => ({
      ...changes,
      only: ["cluster"],
      with: { environment: { kubernetes: keda } },
    })),
    ...list.map((changes) => ({ ...changes, only: ["container-apps", "aks", "cloud-run", "local"] })),
  ];
}

/** Backups are of what a cluster keeps itself. */
function ofBackups(list: readonly Changes[]): Changes[] {
  const store = { environment: { taskStore: { kind: "cluster-redis" } } };
  return [
    ...list.map((changes) => ({
      ...changes,
      only: ["cluster"],
      with: laidOver(store, changes.with) as Patch,
    })),
    ...list.map((changes) => ({ ...changes, only: ["container-apps", "aks", "cloud-run", "local"] })),
  ];
}

/** Another right value of every setting. */
export const settingChanges: readonly Changes[] = [
  {
    at: "definition",
    to: {
      name: "invoices",
      title: "Bills",
      description: "Says what is owed to whom",
      version: "1.0.1",
      imageRepository: "agents/invoices",
      audience: "customer-facing",
      stages: ["production"],
      perCustomer: true,
      port: 8123,
      metricsPort: 9191,
      cpu: 2,
      memoryMiB: 4096,
      workers: 2,
      minReplicas: 2,
      maxReplicas: 7,
      scaling: { kind: "resources", cpuPercent: 66 },
      taskDeadlineSeconds: 77,
      objectives: { successShare: 0.77 },
      heartbeatSeconds: 17,
      resubscribe: true,
      resumesTasks: true,
      requestTimeoutSeconds: 277,
      gracefulTimeoutSeconds: 207,
      terminationGraceSeconds: 277,
      healthPath: "/healthy",
      readyPath: "/prepared",
      startupSeconds: 177,
      skills: [{ id: "other", name: "Other", description: "Does something else", tags: ["else"] }],
      streaming: false,
      pushNotifications: true,
      inputModes: ["application/json"],
      outputModes: ["application/json"],
      protocolVersions: ["1.0"],
      protocolBindings: ["HTTP+JSON"],
      calls: ["desk-globex"],
      externalAgents: [{ name: "weather", url: "https://weather.acme.example", scope: null }],
      egress: [{ host: "erp.acme.example" }],
      variables: { CURRENCY: "EUR" },
      secrets: {},
    },
  },
  { at: "definition", with: { definition: { minReplicas: 1, maxReplicas: 1 } }, to: { taskStore: "memory" } },
  { at: "definition", with: { environment: model.environment }, to: { model: "large" } },
  {
    at: "definition",
    to: { attested: { by: "ops@acme.example", on: "2026-11-01", version: "1.0.0", claims: ["signs-cards"] } },
  },
  {
    at: "definition.attested",
    is: { by: "ops@acme.example", on: "2026-11-01", version: "1.0.0", claims: ["signs-cards"] },
    to: { by: "dev@acme.example", on: "2024-11-01", version: "0.9.0", claims: ["verifies-tokens"] },
  },
  {
    at: "definition.scaling(http)",
    is: { kind: "http", concurrentRequests: 20 },
    to: { concurrentRequests: 77 },
  },
  ...withKeda([
    {
      at: "definition.scaling(active-tasks)",
      is: { kind: "active-tasks", tasksPerReplica: 5 },
      to: { tasksPerReplica: 7 },
    },
    {
      at: "definition.scaling(event)",
      is: {
        kind: "event",
        scaler: "redis-streams",
        metadata: { stream: "orders", pendingEntriesCount: "5" },
      },
      to: {
        scaler: "cron",
        metadata: { stream: "returns", pendingEntriesCount: "5" },
        authentication: { password: "billing-erp-token" },
      },
    },
  ]),
  {
    at: "definition.scaling(resources)",
    is: { kind: "resources", cpuPercent: 60 },
    to: { cpuPercent: 77, memoryPercent: 78 },
  },
  { at: "definition.objectives", is: {}, to: { successShare: 0.77, latencySeconds: 77 } },
  {
    at: "definition.skills[]",
    to: {
      id: "other",
      name: "Other",
      description: "Does something else",
      tags: ["else"],
      examples: ["What do I owe?"],
    },
  },
  { at: "definition.skills[]", with: entra, to: { requiredRole: "auditor" } },
  {
    at: "definition.externalAgents[]",
    is: { name: "weather", url: "https://weather.acme.example", scope: null },
    to: { name: "rain", url: "https://rain.acme.example", scope: "api://weather/.default" },
  },
  {
    at: "definition.egress[](host)",
    is: { host: "erp.acme.example" },
    to: { host: "hr.acme.example", port: 8443 },
  },
  {
    at: "definition.egress[](cidr)",
    is: { cidr: range, port: 443 },
    to: { cidr: "192.168.78.0/24", port: 8443 },
  },

  {
    at: "environment",
    to: {
      fleet: [
        {
          name: "alone",
          description: "Works alone",
          version: "1.0.0",
          skills: [{ id: "work", name: "Work", description: "Works", tags: ["work"] }],
        },
      ],
      platform: "local",
      name: "other",
      stage: "development",
      prefix: "other",
      domain: "other.acme.example",
      tenant: uuid("9"),
      customers: ["initech"],
      deletionProtection: true,
      highAvailability: true,
      retentionDays: 77,
      logLevel: "debug",
      corsOrigins: ["https://portal.acme.example"],
      rateLimitPerMinute: 77,
      replicaLimit: 3,
      scaleToZero: false,
      tags: { team: "walkers" },
    },
  },
  { at: "environment", with: { definition: { minReplicas: undefined } }, to: { scaleToZero: false } },
  { at: "environment", to: { scaleToZero: true } },
  {
    at: "environment",
    only: ["local"],
    to: {
      platform: "container-apps",
      stage: "production",
      fleet: [
        {
          name: "alone",
          description: "Works alone",
          version: "1.0.0",
          audience: "customer-facing",
          skills: [{ id: "work", name: "Work", description: "Works", tags: ["work"] }],
        },
      ],
    },
  },
  { at: "environment.agents.<name>", only: ["local"], to: { platform: "container-apps" } },
  // Without gateway and edge, Container Apps gives all names.
  {
    at: "environment",
    only: ["container-apps", "aks", "cluster", "cloud-run"],
    with: gateway,
    to: { domain: "other.acme.example" },
  },
  // Beyond what an ingress, or a load balancer, lets a silent stream live.
  ...[
    { only: ["container-apps"], taskDeadlineSeconds: 300 },
    { only: ["aks"], taskDeadlineSeconds: 2000 },
  ].map(({ only, taskDeadlineSeconds }) => ({
    at: "definition",
    only,
    with: {
      definition: { taskDeadlineSeconds, heartbeatSeconds: 20, resubscribe: true },
      environment: { agents: { billing: { reach: "internet" } } },
    },
    to: { resubscribe: false },
  })),
  {
    at: "environment",
    only: ["cloud-run"],
    with: { environment: { cloudRun: { front: { kind: "load-balancer" } } } },
    to: { domain: "other.acme.example" },
  },
  {
    at: "environment.google.network(created)",
    is: { kind: "created" },
    only: ["cloud-run"],
    with: {
      environment: { google: { network: { kind: "existing", network: "there", subnetwork: "there-too" } } },
    },
    to: {},
  },
  {
    at: "environment.google.images(google)",
    is: { kind: "google" },
    only: ["cloud-run"],
    with: { environment: { google: { images: googleFleetRegistry } } },
    to: {},
  },
  ...["environment.registry(google-fleet)", "environment.google.images(google-fleet)"].map((at) => ({
    at,
    is: { ...googleFleetRegistry, upstream },
    with: wrapped(at, googleFleetRegistry),
    to: { projectNumber: "210987654321" },
  })),
  {
    at: "environment.vault(key-vault)",
    is: { kind: "key-vault" },
    only: ["cloud-run"],
    to: { access: "public", allowedRanges: ["198.51.100.0/24"] },
  },
  {
    at: "environment.cloudRun.invokers(everyone)",
    is: { kind: "everyone" },
    only: ["cloud-run"],
    with: {
      environment: { cloudRun: { invokers: { kind: "callers", members: ["group:ops@acme.example"] } } },
    },
    to: {},
  },
  {
    at: "environment.cloudRun.taskStore(memorystore)",
    is: { kind: "memorystore" },
    only: ["cloud-run"],
    with: { environment: { replicaLimit: 1, cloudRun: { taskStore: { kind: "memory" } } } },
    to: {},
  },
  ...ofStates("environment.state"),
  {
    at: "environment.agents.<name>",
    is: {},
    to: {
      enabled: false,
      platform: "local",
      image: digest("b2"),
      cpu: 2,
      memoryMiB: 4096,
      workers: 2,
      minReplicas: 2,
      maxReplicas: 7,
      taskDeadlineSeconds: 77,
      reach: "internet",
      variables: { CURRENCY: "EUR" },
      traffic: [
        { revision: "v1", percent: 50 },
        { revision: "latest", percent: 50 },
      ],
    },
  },
  {
    at: "environment.agents.<name>",
    is: {
      traffic: [
        { revision: "v1", percent: 50, tag: "old" },
        { revision: "latest", percent: 50 },
      ],
    },
    to: {},
  },
  {
    at: "environment.agents.<name>.traffic[]",
    is: { revision: "v1", percent: 100 },
    to: { revision: "v2", tag: "trial" },
  },
  {
    at: "environment.agents.<name>.traffic[]",
    is: { revision: "v1", percent: 100 },
    to: { percent: 0 },
    with: {
      environment: {
        agents: {
          billing: {
            traffic: [
              { revision: "v1", percent: 100 },
              { revision: "latest", percent: 0 },
            ],
          },
        },
      },
    },
  },
  {
    at: "environment.registry(fleet)",
    is: fleetRegistry,
    to: {
      name: "acmeotherimages",
      resourceGroup: "rg-pictures",
      subscriptionId: uuid("4"),
      location: "northeurope",
      tenant: uuid("5"),
    },
  },
  ...ofStates("environment.registry(fleet).state").map((changes) => ({
    ...changes,
    with: { environment: { registry: fleetRegistry } },
  })),
  {
    at: "environment.registry(azure)",
    is: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
    to: { name: "acmepictures", resourceGroup: "rg-pictures", subscriptionId: uuid("4") },
  },
  ...ofGoogleFleetRegistry("environment.registry(google-fleet)"),
  {
    at: "environment.registry(google)",
    is: { kind: "google" },
    to: { projectId: "acme-pictures", region: "us-east1", repository: "pictures" },
  },
  {
    at: "environment.registry(other)",
    is: { kind: "other", server: "ghcr.io/acme", username: "puller", passwordSecret: "billing-erp-token" },
    to: { server: "quay.io/acme", username: "fetcher", passwordSecret: "pull-password" },
  },
  { at: "environment.registry(local-images)", is: { kind: "local-images" }, to: {} },
  {
    at: "environment.vault(key-vault)",
    is: { kind: "key-vault" },
    to: { access: "public" },
    with: { environment: { azure: { ...azure, network: { kind: "created" } } } },
  },
  {
    at: "environment.vault(key-vault)",
    is: { kind: "key-vault", access: "private" },
    with: { environment: { azure: { ...azure, network: { kind: "created" } } } },
    to: { allowedRanges: ["198.51.100.0/24"] },
  },
  {
    at: "environment.vault(existing-key-vault)",
    is: { kind: "existing-key-vault", ...existingInGroup, secrets: ["billing-erp-token"] },
    to: { ...toExistingInGroup, secrets: [] },
  },
  { at: "environment.vault(secret-manager)", is: { kind: "secret-manager" }, to: {} },
  {
    at: "environment.vault(kubernetes)",
    is: { kind: "kubernetes", secrets: ["billing-erp-token", "registry-login"] },
    to: { secrets: ["registry-login"] },
  },
  { at: "environment.vault(local-files)", is: { kind: "local-files" }, to: {} },
  {
    at: "environment.taskStore(managed-redis)",
    is: { kind: "managed-redis" },
    to: { sku: "Balanced_B3", persistence: "rdb-6h" },
  },
  {
    at: "environment.taskStore(redis-cache)",
    is: { kind: "redis-cache", reason: "it is there" },
    to: { sku: "Premium", capacity: 3, reason: "it is there still" },
  },
  {
    at: "environment.taskStore(azure-postgres)",
    is: { kind: "azure-postgres" },
    to: { sku: "GP_Standard_D4ds_v5", backupRetentionDays: 27 },
  },
  { at: "environment.taskStore(existing)", is: existingRedis, to: toExistingRedis },
  { at: "environment.taskStore(existing-postgres)", is: existingPostgres, to: toExistingPostgres },
  { at: "environment.taskStore(memorystore)", is: { kind: "memorystore" }, to: { memorySizeGiB: 7 } },
  {
    at: "environment.taskStore(cloud-sql)",
    is: { kind: "cloud-sql" },
    to: { tier: "db-custom-4-15360", backupRetentionDays: 27 },
  },
  { at: "environment.taskStore(cluster-redis)", is: { kind: "cluster-redis" }, to: { storageGiB: 77 } },
  { at: "environment.taskStore(local-redis)", is: { kind: "local-redis" }, to: {} },
  { at: "environment.taskStore(local-postgres)", is: { kind: "local-postgres" }, to: {} },
  { at: "environment.taskStore(memory)", is: { kind: "memory" }, to: {} },
  {
    at: "environment.identityProvider(entra)",
    is: { kind: "entra" },
    with: {
      definition: {
        skills: [
          { id: "balance", name: "Balance", description: "Says it", tags: ["a"], requiredRole: "auditor" },
        ],
      },
    },
    to: { applications, skillRoles: { "desk-globex": ["auditor"] } },
  },
  {
    at: "environment.identityProvider(keycloak)",
    is: { kind: "keycloak", mode: "development" },
    with: {
      definition: {
        skills: [
          { id: "balance", name: "Balance", description: "Says it", tags: ["a"], requiredRole: "auditor" },
        ],
      },
      environment: { stage: "development" },
    },
    to: {
      realm: "agents",
      mode: "production",
      accessTokenSeconds: 77,
      keyLifetimeDays: 77,
      optimizedImage: "registry.acme.example/keycloak:26.4.5",
      applications,
      skillRoles: { "desk-globex": ["auditor"] },
    },
  },
  {
    at: "environment.identityProvider(keycloak)",
    is: { kind: "keycloak" },
    to: {
      database: {
        url: "jdbc:postgresql://postgres.acme.example:5432/keycloak?sslmode=verify-full",
        credentialsSecret: "keycloak-database",
      },
      backupRetentionDays: 27,
    },
  },
  {
    at: "environment.identityProvider(keycloak).database",
    is: {
      url: "jdbc:postgresql://postgres.acme.example:5432/keycloak?sslmode=verify-full",
      credentialsSecret: "keycloak-database",
    },
    with: { environment: { identityProvider: { kind: "keycloak" } } },
    to: {
      url: "jdbc:postgresql://other.acme.example:5433/keycloak?sslmode=verify-full",
      credentialsSecret: "other-database",
    },
  },
  {
    at: "environment.identityProvider(keycloak).database.address",
    is: { cidr: range, port: 5432 },
    with: {
      environment: {
        identityProvider: {
          kind: "keycloak",
          database: {
            url: "jdbc:postgresql://postgres.acme.example:5432/keycloak?sslmode=verify-full",
            credentialsSecret: "keycloak-database",
          },
        },
      },
    },
    to: { cidr: "192.168.78.0/24", port: 5433 },
  },
  {
    at: "environment.identityProvider(existing)",
    is: {
      kind: "existing",
      issuer: "https://login.acme.example",
      jwksUrl: "https://login.acme.example/keys",
    },
    to: { issuer: "https://sso.acme.example", jwksUrl: "https://login.acme.example/jwks" },
  },
  {
    at: "environment.identityProvider(local-issuer)",
    is: { kind: "local-issuer" },
    with: {
      definition: {
        skills: [
          { id: "balance", name: "Balance", description: "Says it", tags: ["a"], requiredRole: "auditor" },
        ],
      },
    },
    to: { applications, skillRoles: { "desk-globex": ["auditor"] } },
  },
  {
    at: "environment.telemetry",
    is: {},
    to: {
      existingEndpoint: "http://collector.acme.example:4318",
      existingWorkspace: existingInGroup,
      sampleRatio: 0.77,
      collectorImage: "registry.acme.example/collector:0.140.0",
      forwardTo: { endpoint: "https://otlp.acme.example" },
    },
  },
  {
    at: "environment.telemetry.forwardTo",
    is: { endpoint: "https://otlp.acme.example" },
    to: {
      endpoint: "https://traces.acme.example:4318",
      cidr: range,
      headers: { "x-api-key": "telemetry-login" },
      metrics: false,
    },
  },
  {
    at: "environment.telemetry",
    is: { existingEndpoint: "http://collector.acme.example:4318" },
    to: { endpointCidr: range, sampleRatio: 0.77 },
  },
  { at: "environment.telemetry.existingWorkspace", is: existingInGroup, to: toExistingInGroup },
  {
    at: "environment.alerts",
    is: { email: ["on-call@acme.example"] },
    to: {
      email: ["others@acme.example"],
      actionGroup: existingInGroup,
      notificationChannels: ["projects/acme-agents/notificationChannels/123"],
      runbookUrl: "https://acme.example/runbook",
    },
  },
  { at: "environment.alerts.actionGroup", is: existingInGroup, to: toExistingInGroup },
  {
    at: "environment.budget",
    is: { monthly: 100 },
    to: { monthly: 177, billingAccount: "AAAAAA-BBBBBB-CCCCCC" },
  },
  {
    at: "environment.modelGateway",
    with: model,
    to: { url: "http://models.acme.example:4000", cidr: range },
  },
  { at: "environment.modelGateway", with: model, to: { keySecret: "billing-erp-token" } },
  {
    at: "environment.exceptions.<name>",
    is: { reason: "until it is migrated", until: "2027-03-31" },
    to: { reason: "until it is moved", until: "2020-01-01", owner: "ops@acme.example", agents: ["desk"] },
  },
  {
    at: "environment.azure",
    is: azure,
    to: {
      subscriptionId: uuid("4"),
      location: "northeurope",
      resourceGroup: { existing: "rg-there" },
      deployerObjectIds: [uuid("6")],
    },
  },
  {
    at: "environment.azure.resourceGroup",
    is: { existing: "rg-there" },
    with: { environment: { azure } },
    to: { existing: "rg-other" },
  },
  {
    at: "environment.azure.network(created)",
    is: { kind: "created" },
    with: { environment: { azure } },
    to: { cidr: "10.77.0.0/16" },
  },
  // These kinds are the usual ones: seen where another stood.
  {
    at: "environment.azure.network(created)",
    is: { kind: "created" },
    only: ["aks"],
    with: {
      environment: {
        azure: {
          network: {
            kind: "existing",
            ...existingInGroup,
            privateEndpointsSubnet: "endpoints",
            clusterSubnet: "nodes",
          },
        },
      },
    },
    to: {},
  },
  {
    at: "environment.kubernetes.cluster(aks)",
    is: { kind: "aks" },
    only: ["aks"],
    with: {
      environment: {
        kubernetes: {
          cluster: { kind: "existing-aks", ...existingInGroup },
          autoscaling: "resources",
        },
      },
    },
    to: {},
  },
  {
    at: "environment.kubernetes.cluster(aks).apiServer(private)",
    is: { access: "private" },
    only: ["aks"],
    with: {
      environment: {
        kubernetes: {
          cluster: { kind: "aks", apiServer: { access: "public", allowedRanges: ["198.51.100.0/24"] } },
        },
      },
    },
    to: {},
  },
  {
    at: "environment.mesh.controlPlane(release)",
    is: { kind: "release" },
    with: { environment: { mesh: { kind: "dapr", controlPlane: { kind: "existing", version: "1.18.0" } } } },
    to: {},
  },
  {
    at: "environment.azure.network(existing)",
    is: {
      kind: "existing",
      ...existingInGroup,
      containerAppsSubnet: "apps",
      privateEndpointsSubnet: "endpoints",
      clusterSubnet: "nodes",
    },
    with: { environment: { azure } },
    to: {
      name: "other-one",
      resourceGroup: "rg-other",
      containerAppsSubnet: "other",
      privateEndpointsSubnet: "other",
      clusterSubnet: "other",
      cidr: "10.77.0.0/16",
      privateDnsResourceGroup: "rg-dns",
    },
  },
  {
    at: "environment.azure.network(existing)",
    is: {
      kind: "existing",
      ...existingInGroup,
      containerAppsSubnet: "apps",
      privateEndpointsSubnet: "endpoints",
      clusterSubnet: "nodes",
      gatewaySubnet: "gateway",
      postgresSubnet: "postgres",
    },
    with: {
      environment: {
        azure,
        gateway: {},
        taskStore: { kind: "azure-postgres" },
        identityProvider: { kind: "entra" },
      },
    },
    only: ["container-apps", "cluster", "cloud-run", "local"],
    to: { gatewaySubnet: "other", postgresSubnet: "other" },
  },
  {
    at: "environment.azure.network(existing)",
    is: {
      kind: "existing",
      ...existingInGroup,
      privateEndpointsSubnet: "endpoints",
      clusterSubnet: "nodes",
      gatewaySubnet: "gateway",
      postgresSubnet: "postgres",
    },
    with: {
      environment: {
        azure,
        gateway: {},
        taskStore: { kind: "azure-postgres" },
        kubernetes: { edge: { internalAddress, certificates: corporate } },
        identityProvider: { kind: "entra" },
      },
    },
    only: ["aks"],
    to: { gatewaySubnet: "other", postgresSubnet: "other" },
  },
  {
    at: "environment.containerApps",
    is: {},
    to: { internal: true, existing: existingInGroup, mutualTls: true },
    with: { environment: { azure: { ...azure, network: { kind: "created" } } } },
  },
  { at: "environment.containerApps", is: {}, to: { existing: existingInGroup } },
  {
    at: "environment.containerApps",
    is: {},
    only: ["cluster", "cloud-run", "local"],
    to: { internal: true, mutualTls: true },
  },
  {
    at: "definition.skills[]",
    only: ["cluster", "cloud-run", "local"],
    with: {
      environment: {
        identityProvider: {
          kind: "existing",
          issuer: "https://login.acme.example",
          jwksUrl: "https://login.acme.example/keys",
        },
      },
    },
    to: { requiredRole: "auditor" },
  },
  { at: "environment.containerApps.existing", is: existingInGroup, to: toExistingInGroup },
  {
    at: "environment.google",
    is: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
    to: {
      projectId: "acme-others",
      projectNumber: "210987654321",
      region: "us-east1",
      images: { kind: "google", projectId: "acme-pictures" },
    },
  },
  ...[
    {
      at: "environment.google.network(created)",
      is: { kind: "created" },
      to: { cidr: "10.77.0.0/16" },
    },
    {
      at: "environment.google.network(existing)",
      is: { kind: "existing", network: "there", subnetwork: "there-too" },
      to: { network: "other", subnetwork: "other-too" },
    },
    {
      at: "environment.google.images(google)",
      is: { kind: "google" },
      to: { projectId: "acme-pictures", region: "us-east1", repository: "pictures" },
    },
  ].map((changes) => ({
    ...changes,
    with: {
      environment: {
        google: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
      },
    },
  })),
  ...ofGoogleFleetRegistry("environment.google.images(google-fleet)").map((changes) => ({
    ...changes,
    with: laidOver(
      {
        environment: {
          google: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
        },
      },
      changes.with,
    ) as Patch,
  })),
  {
    at: "environment.cloudRun",
    is: {},
    to: { timeoutSeconds: 777 },
  },
  {
    at: "environment.cloudRun.front(domain-mapping)",
    is: { kind: "domain-mapping" },
    to: { hosts: { "desk-globex": "help.acme.example" } },
  },
  {
    at: "environment.cloudRun.front(load-balancer)",
    is: { kind: "load-balancer" },
    to: { host: "run.acme.example", admits: ["198.51.100.0/24"] },
  },
  { at: "environment.cloudRun.invokers(everyone)", is: { kind: "everyone" }, to: {} },
  {
    at: "environment.cloudRun.invokers(callers)",
    is: { kind: "callers", members: ["group:ops@acme.example"] },
    to: {
      members: ["group:dev@acme.example"],
      membersOf: { "desk-globex": ["group:globex@acme.example"] },
    },
  },
  { at: "environment.cloudRun.taskStore(existing)", is: existingRedis, to: toExistingRedis },
  { at: "environment.cloudRun.taskStore(existing-postgres)", is: existingPostgres, to: toExistingPostgres },
  {
    at: "environment.cloudRun.taskStore(memorystore)",
    is: { kind: "memorystore" },
    to: { memorySizeGiB: 7 },
  },
  {
    at: "environment.cloudRun.taskStore(cloud-sql)",
    is: { kind: "cloud-sql" },
    to: { tier: "db-custom-4-15360", backupRetentionDays: 27 },
  },
  { at: "environment.cloudRun.taskStore(memory)", is: { kind: "memory" }, to: {} },
  {
    at: "environment.kubernetes",
    is: undefined,
    to: {
      namespace: "fleet",
      autoscaling: "resources",
      runAsUser: 7777,
      apiServer: address,
      prometheusUrl: "http://prometheus.acme.example:9090",
      prometheusOperator: true,
    },
  },
  {
    at: "environment.kubernetes",
    with: {
      environment: {
        kubernetes: {
          autoscaling: "keda",
          prometheusOperator: true,
          prometheusUrl: "http://prometheus.acme.example:9090",
        },
      },
    },
    to: {
      autoscaling: "metrics-adapter",
      prometheusUrl: "http://metrics.acme.example:9090",
      prometheusOperator: false,
    },
  },
  {
    at: "environment.kubernetes.apiServer",
    is: address,
    with: { definition: { calls: "every-internal-agent" } },
    to: { cidr: "192.168.78.0/24", port: 6444 },
  },
  {
    at: "environment.kubernetes.cluster(aks)",
    is: { kind: "aks" },
    to: {
      version: "1.34",
      apiServer: { access: "public", allowedRanges: ["198.51.100.0/24"] },
      systemNodes: { vmSize: "Standard_D4ds_v5" },
      agentNodes: { vmSize: "Standard_D8ds_v5" },
      maintenance: { dayOfWeek: "Tuesday", startTime: "03:00" },
      login: "msi",
    },
  },
  ...[
    {
      at: "environment.kubernetes.cluster(aks).apiServer(private)",
      is: { access: "private" },
      to: {},
    },
    {
      at: "environment.kubernetes.cluster(aks).apiServer(public)",
      is: { access: "public", allowedRanges: ["198.51.100.0/24"] },
      to: { allowedRanges: ["198.51.101.0/24"] },
    },
    ...["systemNodes", "agentNodes"].map((pool) => ({
      at: `environment.kubernetes.cluster(aks).${pool}`,
      is: { maxNodes: 9 },
      to: { vmSize: "Standard_D8ds_v5", minNodes: 3, maxNodes: 7 },
    })),
    {
      at: "environment.kubernetes.cluster(aks).maintenance",
      is: { dayOfWeek: "Tuesday", startTime: "03:00" },
      to: { dayOfWeek: "Monday", startTime: "04:00" },
    },
  ].map((changes) => ({ ...changes, with: { environment: { kubernetes: { cluster: { kind: "aks" } } } } })),
  {
    at: "environment.kubernetes.cluster(existing-aks)",
    is: { kind: "existing-aks", ...existingInGroup },
    with: {
      environment: {
        kubernetes: { prometheusUrl: "http://prometheus.monitoring:9090", prometheusOperator: true },
      },
    },
    to: { ...toExistingInGroup, login: "msi" },
  },
  {
    at: "environment.kubernetes.cluster(existing)",
    is: { kind: "existing", context: "there" },
    to: { context: "other" },
  },
  {
    at: "environment.kubernetes.edge(gateway-api)",
    is: { kind: "gateway-api", certificates: acme },
    to: {
      gatewayClass: "corporate",
      namespace: "edge",
      certificates: { kind: "issuer", name: "corporate" },
    },
  },
  ...ofEdge("environment.kubernetes.edge(gateway-api)", { kind: "gateway-api", certificates: acme }),
  {
    at: "environment.kubernetes.edge(nginx)",
    is: { kind: "nginx", controller: "ingress-nginx", certificates: acme },
    to: {
      controller: "app-routing",
      namespace: "edge",
      certificates: { kind: "issuer", name: "corporate" },
      buffering: true,
    },
  },
  ...ofEdge("environment.kubernetes.edge(nginx)", {
    kind: "nginx",
    controller: "ingress-nginx",
    certificates: acme,
  }),
  {
    at: "environment.kubernetes.edge(nginx).internalAddress",
    is: internalAddress,
    only: ["aks"],
    with: {
      environment: {
        ...gateway.environment,
        azure: {
          network: {
            kind: "existing",
            ...existingInGroup,
            privateEndpointsSubnet: "endpoints",
            clusterSubnet: "nodes",
            gatewaySubnet: "gateway",
          },
        },
        kubernetes: {
          edge: {
            kind: "nginx",
            controller: "app-routing",
            certificates: { kind: "issuer", name: "corporate" },
          },
        },
      },
    },
    to: { subnet: "other" },
  },
  {
    at: "environment.kubernetes.edge(nginx).exception",
    is: { reason: "until it is migrated", until: "2027-03-31" },
    with: {
      environment: {
        stage: "production",
        identityProvider: {
          kind: "existing",
          issuer: "https://login.acme.example",
          jwksUrl: "https://login.acme.example/keys",
        },
        agents: { desk: { image: digest("a1") }, billing: { image: digest("a1") } },

        kubernetes: { edge: { kind: "nginx", controller: "ingress-nginx", certificates: acme } },
      },
    },
    to: { reason: "until it is moved", until: "2020-01-01" },
  },
  ...ofBackups([
    {
      at: "environment.kubernetes.backups",
      is: {
        storage: { kind: "google-storage", bucket: "acme-backups" },
        credentialsSecret: "backup-storage",
      },
      to: {
        credentialsSecret: "other-storage",
        schedule: "27 3 * * *",
        retentionDays: 77,
        scratchGiB: 77,
        transferImage: "registry.acme.example/rclone:1.71.2",
      },
    },
    ...[
      {
        at: "environment.kubernetes.backups.storage(s3)",
        is: { kind: "s3", bucket: "acme-backups", region: "eu-central-1" },
        to: { bucket: "acme-others", region: "eu-west-1", endpoint: "https://minio.acme.example:9000" },
      },
      {
        at: "environment.kubernetes.backups.storage(s3)",
        is: {
          kind: "s3",
          bucket: "acme-backups",
          region: "eu-central-1",
          endpoint: "https://minio.acme.example:9000",
        },
        to: { address },
      },
      {
        at: "environment.kubernetes.backups.storage(azure-blob)",
        is: { kind: "azure-blob", account: "acmebackups", container: "backups" },
        to: { account: "acmeothers", container: "others" },
      },
      {
        at: "environment.kubernetes.backups.storage(google-storage)",
        is: { kind: "google-storage", bucket: "acme-backups" },
        to: { bucket: "acme-others" },
      },
    ].map((changes) => ({
      ...changes,
      with: {
        environment: {
          kubernetes: { backups: { credentialsSecret: "backup-storage" } },
        },
      },
    })),
    {
      at: "environment.kubernetes.backups.storage(s3).address",
      is: address,
      with: {
        environment: {
          kubernetes: {
            backups: {
              storage: {
                kind: "s3",
                bucket: "acme-backups",
                region: "eu-central-1",
                endpoint: "https://minio.acme.example:9000",
              },
              credentialsSecret: "backup-storage",
            },
          },
        },
      },
      to: { cidr: "192.168.78.0/24", port: 9001 },
    },
  ]),
  {
    at: "environment.mesh",
    is: { kind: "dapr" },
    to: { trustDomain: "other.acme.example", accessControl: false },
  },
  { at: "environment.mesh", is: { kind: "dapr" }, to: { accessControl: true } },
  ...[
    { at: "environment.mesh.controlPlane(release)", is: { kind: "release" }, to: { version: "1.17.5" } },
    {
      at: "environment.mesh.controlPlane(existing)",
      is: { kind: "existing", version: "1.18.0" },
      to: { version: "1.17.5", namespace: "dapr" },
    },
    {
      at: "environment.mesh.sidecar",
      is: {},
      to: {
        metricsPort: 9797,
        cpu: 0.2,
        cpuLimit: 0.7,
        memoryMiB: 177,
        memoryLimitMiB: 277,
        maxBodyMiB: 7,
        readBufferKiB: 77,
        apiLogging: true,
      },
    },
  ].map((changes) => ({ ...changes, with: { environment: { mesh: { kind: "dapr" } } } })),
  {
    at: "environment.gateway",
    is: {},
    with: gateway,
    to: {
      host: "agents.acme.example",
      sku: "StandardV2_2",
      publisherName: "Acme",
      publisherEmail: "other@acme.example",
      certificateIssuer: "DigiCert",
      applications,
      existing: existingInGroup,
    },
  },
  { at: "environment.gateway.existing", is: existingInGroup, with: gateway, to: toExistingInGroup },
  { at: "environment.local", is: {}, to: { port: 8181, parts: ["prometheus"], runsAs: "containers" } },
  {
    at: "environment.local.edge",
    is: { program: "nginx" },
    to: { program: "caddy", port: 8484 },
  },
];

/** One thing over another: objects are merged, unless they are of different kinds; everything else is replaced. */
export function laidOver(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isObject(below) || !isObject(above)) return above;
  if ("kind" in above && "kind" in below && above.kind !== below.kind) return above;
  return Object.fromEntries(
    [...new Set([...Object.keys(below), ...Object.keys(above)])].map((key) => [
      key,
      key in above && above[key] === undefined ? undefined : laidOver(below[key], above[key]),
    ]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
