// Measured: the same resources in plain cdktf, as somebody writes them who knows the outcome and wants nothing else.
// Arguments: number of agents, output folder.
import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { ApplicationInsightsWorkbook } from "@cdktf/provider-azurerm/lib/application-insights-workbook";
import { ContainerApp } from "@cdktf/provider-azurerm/lib/container-app";
import { ContainerAppEnvironment } from "@cdktf/provider-azurerm/lib/container-app-environment";
import { DataAzurermContainerRegistry } from "@cdktf/provider-azurerm/lib/data-azurerm-container-registry";
import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault";
import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import { LogAnalyticsQueryPack } from "@cdktf/provider-azurerm/lib/log-analytics-query-pack";
import { LogAnalyticsQueryPackQuery } from "@cdktf/provider-azurerm/lib/log-analytics-query-pack-query";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { ManagedRedis } from "@cdktf/provider-azurerm/lib/managed-redis";
import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { Sleep } from "@cdktf/provider-time/lib/sleep";
import { App, Fn, TerraformOutput, TerraformStack } from "cdktf";
import { nameOf } from "./bench-fleet";
import { reportAtExit } from "./measured";

const location = "westeurope";
const tags = { environment: "bench", "managed-by": "a2a-fleet" };

const LINES = `union isfuzzy=true
  (ContainerAppConsoleLogs_CL | project TimeGenerated, Line = parse_json(Log_s)),
  (ContainerLogV2 | project TimeGenerated, Line = parse_json(tostring(LogMessage)))
`;

class RawStack extends TerraformStack {
  constructor(app: App, count: number) {
    super(app, "bench");
    new AzurermProvider(this, "azurerm", {
      features: [{}],
      subscriptionId: "22222222-2222-4222-8222-222222222222",
    });
    new TimeProvider(this, "time");
    const group = new ResourceGroup(this, "group", { name: "rg-acme-bench", location, tags });
    const workspace = new LogAnalyticsWorkspace(this, "workspace", {
      name: "log-acme-bench",
      resourceGroupName: group.name,
      location,
      sku: "PerGB2018",
      retentionInDays: 30,
      tags,
    });
    const insights = new ApplicationInsights(this, "insights", {
      name: "appi-acme-bench",
      resourceGroupName: group.name,
      location,
      applicationType: "web",
      workspaceId: workspace.id,
      tags,
    });
    const vault = new KeyVault(this, "vault", {
      name: "kv-acme-bench",
      resourceGroupName: group.name,
      location,
      tenantId: "11111111-1111-4111-8111-111111111111",
      skuName: "standard",
      rbacAuthorizationEnabled: true,
      tags,
    });
    const deployer = new RoleAssignment(this, "deployer", {
      scope: vault.id,
      principalId: "33333333-3333-4333-8333-333333333333",
      roleDefinitionName: "Key Vault Secrets Officer",
    });
    const admitted = new Sleep(this, "admitted", {
      createDuration: "60s",
      triggers: { deployer: deployer.id },
    });
    new MonitorDiagnosticSetting(this, "audit", {
      name: "audit",
      targetResourceId: vault.id,
      logAnalyticsWorkspaceId: workspace.id,
      enabledLog: [{ categoryGroup: "audit" }],
    });
    const registry = new DataAzurermContainerRegistry(this, "registry", {
      name: "acmeimages",
      resourceGroupName: "rg-images",
    });
    const environment = new ContainerAppEnvironment(this, "environment", {
      name: "cae-acme-bench",
      resourceGroupName: group.name,
      location,
      logAnalyticsWorkspaceId: workspace.id,
      logsDestination: "log-analytics",
      workloadProfile: [{ name: "Consumption", workloadProfileType: "Consumption" }],
      tags,
    });
    const redis = new ManagedRedis(this, "redis", {
      name: "redis-acme-bench",
      resourceGroupName: group.name,
      location,
      skuName: "Balanced_B0",
      defaultDatabase: { accessKeysAuthenticationEnabled: true, clientProtocol: "Encrypted" },
      tags,
    });
    new MonitorDiagnosticSetting(this, "connections", {
      name: "audit",
      targetResourceId: redis.defaultDatabase.id,
      logAnalyticsWorkspaceId: workspace.id,
      enabledLog: [{ category: "ConnectionEvents" }],
    });
    const secret = (name: string, value: string) =>
      new KeyVaultSecret(this, `secret-${name}`, {
        name,
        keyVaultId: vault.id,
        value,
        dependsOn: [admitted],
      });
    const key = redis.defaultDatabase.primaryAccessKey;
    const port = Fn.tostring(redis.defaultDatabase.port);
    const storeUrl = secret("task-store-url", `rediss://:${Fn.urlencode(key)}@${redis.hostname}:${port}`);
    const storeKey = secret("task-store-key", key);
    const connection = secret("application-insights-connection-string", insights.connectionString);
    const identityOf = (name: string) =>
      new UserAssignedIdentity(this, `${name}-identity`, {
        name: `id-acme-bench-${name}`,
        resourceGroupName: group.name,
        location,
        tags,
      });
    const grantRead = (name: string, identity: UserAssignedIdentity, read: KeyVaultSecret, id: string) =>
      new RoleAssignment(this, `${name}-read-${id}`, {
        scope: read.resourceVersionlessId,
        principalId: identity.principalId,
        principalType: "ServicePrincipal",
        roleDefinitionName: "Key Vault Secrets User",
      });

    const collectorIdentity = identityOf("otel-collector");
    const collectorGrant = grantRead("otel-collector", collectorIdentity, connection, "connection");
    const collectorSleep = new Sleep(this, "otel-collector-grants", {
      createDuration: "60s",
      triggers: { connection: collectorGrant.id },
    });
    const collector = new ContainerApp(this, "otel-collector", {
      name: "otel-collector",
      resourceGroupName: group.name,
      containerAppEnvironmentId: environment.id,
      workloadProfileName: "Consumption",
      revisionMode: "Single",
      identity: { type: "UserAssigned", identityIds: [collectorIdentity.id] },
      secret: [
        { name: "connection", keyVaultSecretId: connection.versionlessId, identity: collectorIdentity.id },
      ],
      ingress: { targetPort: 4318, trafficWeight: [{ latestRevision: true, percentage: 100 }] },
      template: {
        container: [
          {
            name: "otel-collector",
            image: "docker.io/otel/opentelemetry-collector-contrib:0.139.0",
            cpu: 0.5,
            memory: "1Gi",
          },
        ],
      },
      dependsOn: [collectorSleep],
      tags,
    });

    const metricAlert = (id: string, target: string, namespace: string, metric: string) =>
      new MonitorMetricAlert(this, id, {
        name: `ma-acme-bench-${id}`,
        resourceGroupName: group.name,
        scopes: [target],
        severity: 3,
        frequency: "PT5M",
        windowSize: "PT15M",
        criteria: [
          {
            metricNamespace: namespace,
            metricName: metric,
            aggregation: "Maximum",
            operator: "GreaterThan",
            threshold: 90,
          },
        ],
        tags,
      });
    for (const metric of ["usedmemorypercentage", "connectedclients", "evictedkeys"]) {
      metricAlert(`store-${metric}`, redis.id, "Microsoft.Cache/redisEnterprise", metric);
    }
    for (const metric of ["ServiceApiResult", "SaturationShoebox"]) {
      metricAlert(`vault-${metric}`, vault.id, "Microsoft.KeyVault/vaults", metric);
    }
    const pack = new LogAnalyticsQueryPack(this, "queries", {
      name: "qp-acme-bench",
      resourceGroupName: group.name,
      location,
      tags,
    });
    for (let index = 0; index < 12; index += 1) {
      new LogAnalyticsQueryPackQuery(this, `query-${index}`, {
        queryPackId: pack.id,
        name: `5088e417-af14-522f-8289-6f1bc70a7f${index + 10}`,
        displayName: `Query ${index}`,
        body: `${LINES}| where tostring(Line.taskId) == "${index}"`,
        categories: ["applications"],
      });
    }
    new ApplicationInsightsWorkbook(this, "workbook", {
      name: "9c1d5d0e-6a7e-4c0f-8b35-0d1f3c0a7f01",
      displayName: "Fleet",
      resourceGroupName: group.name,
      location,
      dataJson: JSON.stringify({
        version: "Notebook/1.0",
        items: Array.from({ length: 16 }, (_, index) => ({
          type: 3,
          name: `chart-${index}`,
          content: { version: "KqlItem/1.0", title: `Chart ${index}`, query: LINES.repeat(2) },
        })),
      }),
      tags,
    });

    const domain = environment.defaultDomain;
    const urls: Record<string, string> = {};
    for (let index = 0; index < count; index += 1) {
      const name = nameOf(index);
      const own = secret(`${name}-token`, "placeholder");
      const identity = identityOf(name);
      const grants = {
        pull: new RoleAssignment(this, `${name}-pull`, {
          scope: registry.id,
          principalId: identity.principalId,
          principalType: "ServicePrincipal",
          roleDefinitionName: "AcrPull",
        }),
        url: grantRead(name, identity, storeUrl, "url"),
        key: grantRead(name, identity, storeKey, "key"),
        token: grantRead(name, identity, own, "token"),
      };
      const sleep = new Sleep(this, `${name}-grants`, {
        createDuration: "60s",
        triggers: Object.fromEntries(Object.entries(grants).map(([id, grant]) => [id, grant.id])),
      });
      const url = `https://${name}.internal.${domain}`;
      urls[name] = url;
      const peers = [...new Set([1, 2].map((step) => nameOf((index + step) % count)))].filter(
        (peer) => peer !== name,
      );
      const peerUrls = peers.map((peer) => `https://${peer}.internal.${domain}`);
      const skills = [{ id: "work", name: "Work", description: "Does what it is asked", tags: ["work"] }];
      const about = { name, description: `Agent number ${index}`, version: "1.0.0", skills };
      const variables: Record<string, string> = {
        A2A_CONTRACT_VERSION: "1.0",
        A2A_CORS_ENABLED: "false",
        A2A_HOST: "0.0.0.0",
        A2A_PORT: "8000",
        AGENT_AUDIENCE: `api://11111111-1111-4111-8111-111111111111/bench-${name}`,
        AGENT_CARD: JSON.stringify({
          ...about,
          supportedInterfaces: ["1.0", "0.3"].map((protocolVersion) => ({
            url,
            protocolBinding: "JSONRPC",
            protocolVersion,
          })),
          capabilities: { streaming: true, pushNotifications: false },
          defaultInputModes: ["text/plain"],
          defaultOutputModes: ["text/plain"],
        }),
        AGENT_CARD_V03: JSON.stringify({
          ...about,
          protocolVersion: "0.3.0",
          url,
          preferredTransport: "JSONRPC",
          additionalInterfaces: [],
          capabilities: { streaming: true, pushNotifications: false },
          defaultInputModes: ["text/plain"],
          defaultOutputModes: ["text/plain"],
        }),
        AGENT_DESCRIPTION: about.description,
        AGENT_NAME: name,
        AGENT_REGISTRY: JSON.stringify(Object.fromEntries(peers.map((peer, at) => [peer, peerUrls[at]]))),
        AGENT_SCOPES: JSON.stringify(
          Object.fromEntries(
            peers.map((peer, at) => [
              peerUrls[at],
              `api://11111111-1111-4111-8111-111111111111/bench-${peer}/.default`,
            ]),
          ),
        ),
        AGENT_SKILLS: JSON.stringify(skills),
        AGENT_URL: url,
        AGENT_VERSION: "1.0.0",
        AZURE_CLIENT_ID: identity.clientId,
        AZURE_KEYVAULT_URL: vault.vaultUri,
        ENABLE_METRICS: "true",
        GRACEFUL_TIMEOUT_SECONDS: "30",
        LOG_FORMAT: "json",
        LOG_LEVEL: "info",
        MEMORY_PROVIDER: "redis",
        METRICS_PORT: "9090",
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://otel-collector.internal.${domain}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        OTEL_PROPAGATORS: "tracecontext,baggage",
        OTEL_RESOURCE_ATTRIBUTES: `service.version=1.0.0,service.namespace=${name},deployment.environment.name=bench`,
        OTEL_SERVICE_NAME: name,
        OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "1",
        PORT: "8000",
        RATE_LIMIT_ENABLED: "true",
        RATE_LIMIT_REQUESTS: "100",
        RATE_LIMIT_WINDOW: "60",
        REDIS_EVENTS_CHANNEL: "a2a:events",
        REDIS_HOST: redis.hostname,
        REDIS_KEY_PREFIX: "a2a:task:",
        REDIS_MAX_CONNECTIONS: "20",
        REDIS_PORT: port,
        REDIS_TASK_TTL_SECONDS: "86400",
        REDIS_TLS: "true",
        REQUEST_TIMEOUT_SECONDS: "120",
        RESPONSE_CACHE: "redis",
        RESPONSE_CACHE_TTL_SECONDS: "300",
        SERVICE_NAME: name,
        SERVICE_VERSION: "1.0.0",
        SQL_POOL_SIZE: "20",
        SSE_HEARTBEAT_SECONDS: "15",
        TASK_STORE: "redis",
        TASK_TIMEOUT_MS: "300000",
        TRACE_ENABLED: "true",
        WORKERS: "1",
      };
      const probe = { transport: "HTTP", path: "/.well-known/agent-card.json", port: 8000, timeout: 5 };
      const service = new ContainerApp(this, name, {
        name,
        resourceGroupName: group.name,
        containerAppEnvironmentId: environment.id,
        workloadProfileName: "Consumption",
        revisionMode: "Single",
        identity: { type: "UserAssigned", identityIds: [identity.id] },
        registry: [{ server: "acmeimages.azurecr.io", identity: identity.id }],
        secret: [own, storeUrl, storeKey].map((each) => ({
          name: each.nameInput as string,
          keyVaultSecretId: each.versionlessId,
          identity: identity.id,
        })),
        ingress: {
          externalEnabled: false,
          targetPort: 8000,
          transport: "http",
          trafficWeight: [{ latestRevision: true, percentage: 100 }],
        },
        template: {
          minReplicas: 1,
          maxReplicas: 5,
          terminationGracePeriodSeconds: 310,
          container: [
            {
              name,
              image: `acmeimages.azurecr.io/agents/${name}:1.0.0`,
              cpu: 0.5,
              memory: "1Gi",
              env: [
                ...Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
                { name: "API_TOKEN", secretName: `${name}-token` },
                { name: "REDIS_URL", secretName: "task-store-url" },
                { name: "REDIS_PASSWORD", secretName: "task-store-key" },
              ],
              startupProbe: [{ ...probe, intervalSeconds: 2, timeout: 2, failureCountThreshold: 30 }],
              livenessProbe: [{ ...probe, initialDelay: 10, intervalSeconds: 30, failureCountThreshold: 3 }],
              readinessProbe: [
                {
                  ...probe,
                  initialDelay: 5,
                  intervalSeconds: 10,
                  failureCountThreshold: 3,
                  successCountThreshold: 1,
                },
              ],
            },
          ],
          httpScaleRule: [{ name: "requests", concurrentRequests: "50" }],
        },
        tags,
        dependsOn: [sleep, collector],
      });
      for (const metric of ["MemoryPercentage", "RestartCount", "Replicas"]) {
        metricAlert(`${name}-${metric}`, service.id, "Microsoft.App/containerApps", metric);
      }
      for (const severity of [1, 3]) {
        new MonitorScheduledQueryRulesAlertV2(this, `${name}-severity-${severity}`, {
          name: `sqr-acme-bench-${name}-${severity}`,
          resourceGroupName: group.name,
          location,
          scopes: [workspace.id],
          severity,
          evaluationFrequency: "PT5M",
          windowDuration: "PT6H",
          criteria: [
            {
              query: `${LINES}| where tostring(Line.service) == "${name}"\n`.repeat(10),
              timeAggregationMethod: "Count",
              operator: "GreaterThan",
              threshold: 0,
              dimension: [{ name: "Signal", operator: "Include", values: ["*"] }],
              failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
            },
          ],
          tags,
        });
      }
    }
    new TerraformOutput(this, "agents", { value: urls });
  }
}

reportAtExit();
const [count, outdir] = process.argv.slice(2);
const app = new App({ outdir });
new RawStack(app, Number(count));
app.synth();
