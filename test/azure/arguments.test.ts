import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { KubernetesCluster } from "../../src/azure/aks/kubernetes-cluster";
import { ApiManagement } from "../../src/azure/api-management/api-management";
import { AzureBootstrapStack } from "../../src/azure/azure-bootstrap-stack";
import { ContainerAppsEnvironment } from "../../src/azure/container-apps/container-apps-environment";
import { ContainerRegistry } from "../../src/azure/container-registry";
import { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import { Network } from "../../src/azure/network";
import { Observability } from "../../src/azure/observability";
import { PostgresServer } from "../../src/azure/postgres-server";
import { RedisTaskStore } from "../../src/azure/redis-task-store";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import { asYaml } from "../support/as-yaml";
import { azureStack, deployer, tenantId } from "../support/azure-parts";
import { registry } from "../support/fleet/stacks/environments/registry";
import { synthCluster } from "../support/kubernetes-fleet";
import { readCustomResources } from "../support/kubernetes-resources";
import { argumentsOf, writeArguments, writeChanges } from "../support/list-arguments";
import { billing, desk, environment } from "../support/sample-fleet";
import { FinishedStack, synthEnvironment, testApp } from "../support/synth";

// Every argument that Azure gets: whatever changes a number, a switch or a reference shows in a review as the lines that
// it is about. `npx vitest run test/azure/arguments.test.ts -u` takes what changed.

const agents: readonly AgentDefinition[] = [
  { ...desk, secrets: { CRM_TOKEN: "desk-crm-token" } },
  {
    ...billing,
    model: "large",
    egress: [{ host: "erp.acme.example" }],
    protocolVersions: ["1.0", "0.3"],
    protocolBindings: ["JSONRPC", "HTTP+JSON"],
  },
];
const paying = { id: "pay", name: "Pay", description: "Pays", tags: ["pay"], requiredRole: "billing-pay" };
/** Where somebody signs tokens, one of the skills asks for a role. */
const agentsOf = ({ identityProvider }: Environment) =>
  agents.map((agent) =>
    identityProvider === undefined || agent.name !== "billing"
      ? agent
      : { ...agent, skills: [...agent.skills, paying] },
  );
const inKebab = (name: string) => name.toLowerCase().replaceAll(/[ ,]+/g, "-");
const names = ["desk-globex", "desk", "billing"];

const soon = { until: "2999-12-31", reason: "a test" };
const azure = {
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  location: "westeurope",
  deployerObjectIds: ["33333333-3333-4333-8333-333333333333"],
};
const apps: Environment = {
  ...environment,
  modelGateway: { url: "https://litellm.acme.example" },
  exceptions: { "tokens-are-short": soon },
};
const closed: Environment = {
  ...apps,
  azure: { ...azure, network: { kind: "created" } },
  vault: { kind: "key-vault", allowedRanges: ["192.0.2.7"] },
};
const gated: Environment = {
  ...closed,
  gateway: { applications: { shop: ["billing"] } },
  identityProvider: {
    kind: "entra",
    applications: { crm: ["billing"], erp: ["billing"] },
    skillRoles: { crm: ["billing-pay"] },
  },
  budget: { monthly: 500 },
  retentionDays: 90,
};
/** The same, for agents on Cloud Run. */
const besideGoogle: Environment = {
  ...gated,
  google: {
    projectId: "acme-agents",
    projectNumber: "123456789012",
    region: "europe-west4",
    images: { kind: "google" },
  },
  cloudRun: { front: { kind: "load-balancer" }, taskStore: { kind: "memorystore" } },
};
const safe = { deletionProtection: true, highAvailability: true } as const;
const gatewayApi = { kind: "gateway-api", certificates: { kind: "issuer", name: "letsencrypt" } } as const;
const appRouting = {
  kind: "nginx",
  controller: "app-routing",
  certificates: { kind: "issuer", name: "letsencrypt" },
} as const;

const read = (given: Environment) =>
  new Map(
    [...argumentsOf([synthEnvironment(given, agentsOf(given))], names)].filter(
      ([place]) => !/\bgoogle/.test(place),
    ),
  );
const open = read(apps);
const behind = read(gated);

test("apps that callers reach at their own addresses", async () => {
  await expect(writeArguments(open)).toMatchFileSnapshot("__snapshots__/apps.txt");
});

test("people look at these charts", async () => {
  const workbook = synthEnvironment(apps, agents).at("shared/views/resource").arguments;
  await expect(asYaml(JSON.parse(workbook.data_json))).toMatchFileSnapshot("__snapshots__/workbook.yaml");
});

test("apps behind a gateway, with Entra and keys", async () => {
  await expect(writeChanges(open, behind)).toMatchFileSnapshot("__snapshots__/behind-a-gateway.txt");
});

describe("what changes with", () => {
  test.each<[string, typeof open, Environment]>([
    ["safeguards", open, { ...closed, ...safe }],
    [
      "keycloak",
      behind,
      {
        ...closed,
        gateway: {
          host: "agents.acme.example",
          sku: "PremiumV2_2",
          publisherName: "Acme",
          publisherEmail: "a@acme.example",
        },
        identityProvider: {
          kind: "keycloak",
          keyLifetimeDays: 30,
          accessTokenSeconds: 600,
          backupRetentionDays: 21,
          optimizedImage: "acmeimages.azurecr.io/keycloak:26.4.0",
        },
        taskStore: { kind: "managed-redis", sku: "Balanced_B5", persistence: "rdb-6h" },
      },
    ],
    [
      "a cluster behind a gateway",
      behind,
      { ...gated, platform: "kubernetes", kubernetes: { edge: gatewayApi } },
    ],
    [
      "a cluster on the internet",
      open,
      {
        ...closed,
        ...safe,
        platform: "kubernetes",
        kubernetes: {
          edge: appRouting,
          autoscaling: "resources",
          cluster: {
            kind: "aks",
            version: "1.36",
            apiServer: { access: "public", allowedRanges: ["192.0.2.0/24"] },
            systemNodes: { vmSize: "Standard_D4ds_v5", minNodes: 4, maxNodes: 7 },
            agentNodes: { vmSize: "Standard_D8ds_v5", minNodes: 2, maxNodes: 9 },
            maintenance: { dayOfWeek: "Saturday", startTime: "04:00" },
          },
        },
      },
    ],
    [
      "what others have made",
      behind,
      {
        ...gated,
        azure: {
          ...azure,
          resourceGroup: { existing: "rg-corporate" },
          network: {
            kind: "existing",
            name: "vnet-corporate",
            resourceGroup: "rg-network",
            containerAppsSubnet: "snet-fleet",
            privateEndpointsSubnet: "snet-endpoints",
            privateDnsResourceGroup: "rg-network",
          },
        },
        containerApps: { existing: { name: "cae-corporate", resourceGroup: "rg-apps" }, internal: true },
        vault: {
          kind: "existing-key-vault",
          name: "kv-corporate",
          resourceGroup: "rg-secrets",
          secrets: ["billing-erp-token", "desk-crm-token", "litellm-api-key"],
        },
        gateway: { existing: { name: "apim-corporate", resourceGroup: "rg-gateway" } },
        telemetry: { existingWorkspace: { name: "log-corporate", resourceGroup: "rg-logs" } },
        alerts: { actionGroup: { name: "ag-pager", resourceGroup: "rg-pagers" } },
      },
    ],
    ["agents on another cloud", behind, { ...besideGoogle, agents: { billing: { platform: "cloud-run" } } }],
    ["a caller on another cloud", behind, { ...besideGoogle, agents: { desk: { platform: "cloud-run" } } }],
    ["Dapr and mutual TLS", open, { ...apps, mesh: { kind: "dapr" }, containerApps: { mutualTls: true } }],
    [
      "the older Redis",
      open,
      { ...closed, taskStore: { kind: "redis-cache", sku: "Premium", reason: "our clients know no other" } },
    ],
    ["Postgres", open, { ...closed, ...safe, taskStore: { kind: "azure-postgres" } }],
    [
      "a small Postgres",
      open,
      { ...closed, taskStore: { kind: "azure-postgres", sku: "B_Standard_B2s", backupRetentionDays: 21 } },
    ],
  ])("%s", async (name, base, given) => {
    const file = `__snapshots__/${inKebab(name)}.txt`;
    await expect(writeChanges(base, read(given))).toMatchFileSnapshot(file);
  });
});

describe("inside of a cluster", () => {
  /** What Azure is told of, and what of the cluster's own knows something of Azure or waits for it. */
  const inside = (given: Partial<Environment>) => {
    const whole = { ...inCluster, ...given };
    const all = argumentsOf([synthCluster(whole, agentsOf(whole))], names);
    return new Map(
      [...all].map(([place, lines]) => {
        const isKubernetes = /^(?:kubernetes|helm)_/.test(place);
        const kept = [...lines].filter(
          (line) => !isKubernetes || /^depends_on|azure|cidr|\.ports?\./.test(line),
        );
        return [place, new Set(kept)];
      }),
    );
  };
  const inCluster: Environment = {
    ...gated,
    platform: "kubernetes",
    kubernetes: { edge: gatewayApi },
  };
  const first = inside({});

  test("behind a gateway, with Entra", async () => {
    await expect(writeArguments(first)).toMatchFileSnapshot("__snapshots__/inside-a-cluster.txt");
  });

  test.each<[string, Partial<Environment>]>([
    ["behind a gateway, with Entra", {}],
    ["with Keycloak", { gateway: {}, identityProvider: { kind: "keycloak" } }],
    ["with Postgres", { taskStore: { kind: "azure-postgres" } }],
  ])("of ways out of an agent there are these: %s", (_where, given) => {
    const whole = { ...inCluster, ...given };
    const policy = synthCluster(whole, agentsOf(whole)).at("billing/network-policy").arguments;
    type Way = { to?: { ip_block?: { cidr: string } }[]; ports?: { port: string }[] };
    const ways = (policy.spec.egress as Way[]).flatMap(({ to = [], ports = [] }) =>
      to.flatMap(({ ip_block: range }) =>
        range === undefined ? [] : [`${range.cidr} ${ports.map(({ port }) => port).join(", ")}`],
      ),
    );
    expect(ways.toSorted()).toMatchSnapshot();
  });

  test("of the cluster's own kinds, the gateway stands where API Management finds it, and admits nobody else", () => {
    const { json } = synthCluster(inCluster, agentsOf(inCluster));
    const found = readCustomResources(json).filter(({ kind }) => /^(?:Gateway|EnvoyProxy)$/.test(kind));
    expect(found.map(({ kind, spec }) => ({ kind, spec }))).toMatchInlineSnapshot(`
      [
        {
          "kind": "EnvoyProxy",
          "spec": {
            "provider": {
              "kubernetes": {
                "envoyDeployment": {
                  "replicas": 1,
                },
                "envoyPDB": {
                  "maxUnavailable": 1,
                },
              },
              "type": "Kubernetes",
            },
            "shutdown": {
              "drainTimeout": "190s",
            },
          },
        },
        {
          "kind": "Gateway",
          "spec": {
            "gatewayClassName": "envoy",
            "infrastructure": {
              "annotations": {
                "service.beta.kubernetes.io/azure-allowed-ip-ranges": "10.40.3.0/24",
                "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
                "service.beta.kubernetes.io/azure-load-balancer-internal-subnet": "snet-ingress",
                "service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.40.5.10",
                "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "30",
              },
            },
            "listeners": [
              {
                "allowedRoutes": {
                  "namespaces": {
                    "from": "Same",
                  },
                },
                "hostname": "agents.test.acme.example",
                "name": "https",
                "port": 443,
                "protocol": "HTTPS",
                "tls": {
                  "certificateRefs": [
                    {
                      "kind": "Secret",
                      "name": "agents-tls",
                    },
                  ],
                  "mode": "Terminate",
                },
              },
            ],
          },
        },
      ]
    `);
  });

  test("of the cluster's own kinds, whatever says somebody of Azure", async () => {
    const dnsZone = { name: "acme.example", resourceGroup: "rg-dns" };
    const certificates = { kind: "acme", email: "tls@acme.example", dnsZone } as const;
    const given: Environment = { ...inCluster, gateway: undefined };
    const { json } = synthCluster(
      { ...given, kubernetes: { edge: { kind: "gateway-api", certificates } } },
      agentsOf(given),
    );
    const told = readCustomResources(json).filter(({ spec }) => /azure|\$\{/i.test(JSON.stringify(spec)));
    expect(told.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["TriggerAuthentication", "SecretProviderClass", "ClusterIssuer"]),
    );
    const specs = told.map(({ kind, metadata, spec }) => [`${kind} ${metadata.name}`, spec] as const);
    const text = asYaml(Object.fromEntries(specs)).replaceAll(/_[0-9A-F]{8}\b/g, "");
    await expect(text).toMatchFileSnapshot("__snapshots__/inside-a-cluster-of-its-own-kinds.yaml");
  });

  test.each<[string, Partial<Environment>]>([
    ["Keycloak", { gateway: {}, identityProvider: { kind: "keycloak" } }],
    ["Postgres", { taskStore: { kind: "azure-postgres" } }],
    ["a Postgres of others", { taskStore: { kind: "existing-postgres", host: "10.8.0.7" } }],
    ["the older Redis", { taskStore: { kind: "redis-cache", reason: "our clients know no other" } }],
    [
      "Keycloak and a vault of others",
      {
        gateway: {},
        identityProvider: { kind: "keycloak" },
        vault: {
          kind: "existing-key-vault",
          name: "kv-corporate",
          resourceGroup: "rg-secrets",
          secrets: ["billing-erp-token", "desk-crm-token", "litellm-api-key"],
        },
      },
    ],
    [
      "what others have made",
      {
        azure: { ...azure, network: { kind: "created" }, resourceGroup: { existing: "rg-corporate" } },
        vault: {
          kind: "existing-key-vault",
          name: "kv-corporate",
          resourceGroup: "rg-secrets",
          secrets: ["billing-erp-token", "desk-crm-token", "litellm-api-key"],
        },
        telemetry: { existingEndpoint: "http://otel.watch:4318" },
        alerts: { actionGroup: { name: "ag-pager", resourceGroup: "rg-pagers" } },
        kubernetes: {
          edge: gatewayApi,
          autoscaling: "resources",
          cluster: {
            kind: "existing-aks",
            name: "aks-corporate",
            resourceGroup: "rg-clusters",
            login: "workloadidentity",
          },
        },
      },
    ],
    [
      "certificates of its own, and Dapr",
      {
        mesh: { kind: "dapr" },
        gateway: undefined,
        kubernetes: {
          autoscaling: "resources",
          edge: {
            kind: "gateway-api",
            certificates: {
              kind: "acme",
              email: "tls@acme.example",
              dnsZone: { name: "acme.example", resourceGroup: "rg-dns" },
            },
          },
        },
      },
    ],
  ])("with %s", async (name, given) => {
    const file = `__snapshots__/inside-a-cluster-with-${inKebab(name)}.txt`;
    await expect(writeChanges(first, inside(given))).toMatchFileSnapshot(file);
  });
});

test("what somebody gets of each part that they build with, and say nothing of it that has a default", async () => {
  const stack = azureStack((scope, resourceGroup) => {
    const subnets = ["apps", "endpoints", "postgres", "gateway", "cluster"] as const;
    const network = new Network(scope, "network", { resourceGroup, name: "vnet", subnets });
    const logs = { workspaceName: "log", applicationInsightsName: "appi" };
    const observability = new Observability(scope, "observability", { resourceGroup, ...logs });
    const { workspaceId } = observability;
    const registry = new ContainerRegistry(scope, "registry", { resourceGroup, name: "acmeimages" });
    const deployerObjectIds = [deployer];
    const own = { resourceGroup, tenantId, deployerObjectIds };
    const secrets = new KeyVaultSecrets(scope, "secrets", { ...own, name: "kv-acme", secrets: [] });
    const more = { resourceGroup, secrets, observability };
    new RedisTaskStore(scope, "redis", { ...more, name: "redis-acme" });
    const cache = { kind: "redis-cache", reason: "our clients know no other" } as const;
    new RedisTaskStore(scope, "cache", { ...more, name: "cache-acme", settings: cache });
    new PostgresServer(scope, "postgres", { ...more, name: "psql-acme", network });
    const named = { host: "agents.acme.example", publisherName: "Acme", publisherEmail: "a@acme.example" };
    new ApiManagement(scope, "gateway", { ...more, ...named, name: "apim-acme", workloads: [], network });
    new ContainerAppsEnvironment(scope, "apps", {
      resourceGroup,
      name: "cae-acme",
      workspaceId,
      infrastructureResourceGroupName: "rg-infrastructure",
    });
    new KubernetesCluster(scope, "cluster", { ...own, name: "aks-acme", network, workspaceId, registry });
  });
  const all = argumentsOf([new FinishedStack(stack)], names);
  await expect(writeArguments(all)).toMatchFileSnapshot("__snapshots__/by-default.txt");
});

test("what is there before the first environment", async () => {
  const state = { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acmestate" } as const;
  const stacks = [
    new RegistryStack(testApp(), registry),
    new AzureBootstrapStack(testApp(), { environments: [{ ...gated, state }], repository: "acme/fleet" }),
  ];
  const all = argumentsOf(
    stacks.map((stack) => new FinishedStack(stack)),
    names,
  );
  await expect(writeArguments(all)).toMatchFileSnapshot("__snapshots__/before-all.txt");
});
