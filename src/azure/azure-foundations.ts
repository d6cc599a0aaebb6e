import { MonitorWorkspace } from "@cdktf/provider-azurerm/lib/monitor-workspace";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import { hasAlerts } from "../environment/alert-settings";
import type { Environment } from "../environment/environment";
import { type IIdentityProvider, trustedIssuer } from "../identity/identity-provider";
import type { IAgentDependency } from "../parts/agent-dependency";
import { type AgentHost, agentHost } from "../parts/agent-host";
import { type ICloudFoundations, loaded } from "../parts/cloud-half";
import type { PlaceholderGuard } from "../parts/placeholder-guard";
import { provideEdge } from "./aks/provide-edge";
import type { AzureParts } from "./azure-half";
import type { AzureIdentity } from "./azure-identity";
import { type AzurePlan, planAzure } from "./azure-plan";
import { azureProvider } from "./azure-provider";
import { type IContainerAppsEnvironment, provideApps } from "./container-apps/container-apps-environment";
import { containerAppsPlatform } from "./container-apps/container-apps-platform";
import { provideTelemetry, writeConnection } from "./container-apps/telemetry-collector";
import type { IContainerRegistry } from "./container-registry";
import { FleetAlerts } from "./fleet-alerts";
import { FleetViews } from "./fleet-views";
import { groupBudget } from "./group-budget";
import { type IKeyVaultSecrets, provideVault } from "./key-vault-secrets";
import { provideModelGateway } from "./model-gateway";
import { type INetwork, provideNetwork } from "./network";
import { Observability } from "./observability";
import { PostgresTaskStore } from "./postgres-task-store";
import { provideRegistry } from "./provide-registry";
import { provideTaskStore, RedisTaskStore } from "./redis-task-store";
import { type IResourceGroup, provideGroup } from "./resource-group";

export interface AzureFoundationsProps {
  readonly environment: Environment;
  /** All of the environment's agents: its gateway and identity provider serve those on other clouds as well. */
  readonly workloads: readonly AgentWorkload[];
  readonly guard: PlaceholderGuard;
  /** Gateway, identity provider and cluster, where the environment has them. */
  readonly parts: AzureParts;
}

/** The Azure side of an environment: what its agents there lean on, and where they run. */
export class AzureFoundations extends Construct implements ICloudFoundations {
  readonly identityProvider: IIdentityProvider<AzureIdentity> | undefined;
  private readonly plan: AzurePlan;
  private readonly parts: AzureParts;
  private readonly resourceGroup: IResourceGroup;
  private readonly network: INetwork | undefined;
  private readonly observability: Observability;
  private readonly secrets: IKeyVaultSecrets;
  private readonly registry: IContainerRegistry;
  private readonly containerApps: IContainerAppsEnvironment | undefined;
  private readonly dependencies: readonly IAgentDependency<AzureIdentity>[];
  private readonly alerts: FleetAlerts | undefined;

  constructor(scope: Construct, id: string, { environment, workloads, guard, parts }: AzureFoundationsProps) {
    super(scope, id);
    const plan = planAzure(environment, workloads);
    const { deletionProtection, highAvailability } = plan;
    this.plan = plan;
    this.parts = parts;
    azureProvider(this, {
      ...plan.provider,
      subscriptionId: guard.pass(plan.provider.subscriptionId),
      deletionProtection,
    });
    const resourceGroup = provideGroup(this, "group", plan.group);
    const network = provideNetwork(this, "network", plan.network, resourceGroup);
    const shared = { resourceGroup, network, deletionProtection };
    const observability = new Observability(this, "observability", { ...shared, ...plan.observability });
    const { workspaceId } = observability;
    const secrets = provideVault(this, "secrets", plan.vault, { ...shared, workspaceId });
    this.resourceGroup = resourceGroup;
    this.network = network;
    this.observability = observability;
    this.secrets = secrets;
    this.registry = provideRegistry(this, "registry", plan.registry, secrets);
    this.containerApps = provideApps(this, "apps", plan.apps, {
      ...shared,
      workspaceId,
      zoneRedundant: highAvailability,
    });
    provideEdge(this, plan.edge, shared);
    this.createCluster();
    this.identityProvider = this.createIssuer(workloads, guard) ?? trustedIssuer(environment);
    const taskStore = provideTaskStore(this, "task-store", plan.taskStore, {
      ...shared,
      secrets,
      highAvailability,
      workspaceId,
    });
    this.dependencies = [
      secrets,
      ...(this.identityProvider === undefined ? [] : [this.identityProvider]),
      ...taskStore,
      ...this.provideTelemetry(workloads),
      ...provideModelGateway(plan.modelGateway, secrets),
    ];
    groupBudget(this, "budget", { environment, resourceGroup });
    new FleetViews(this, "views", { environment, resourceGroup, observability });
    this.alerts = hasAlerts(environment)
      ? new FleetAlerts(this, "alerts", { environment, resourceGroup, observability })
      : undefined;
    this.watchParts(environment, taskStore);
  }

  /** Alerts about the parts that the environment itself made: somebody else's are somebody else's. */
  private watchParts({ taskStore: settings }: Environment, stores: readonly unknown[]): void {
    const { alerts, plan, secrets } = this;
    if (plan.vault.kind === "created") alerts?.watchPart("key-vault", "vault", secrets.id);
    for (const store of stores) {
      if (store instanceof RedisTaskStore) {
        const kind = settings.kind === "redis-cache" ? "redis-cache" : "managed-redis";
        alerts?.watchPart(kind, "task-store", store.resourceId);
      }
      if (store instanceof PostgresTaskStore) {
        alerts?.watchPart("azure-postgres", "task-store", store.resourceId);
      }
    }
    if (plan.issuer?.kind === "server") {
      alerts?.watchPart("keycloak-app", "keycloak", this.observability.workspaceId);
      const issuer = this.identityProvider ?? {};
      if ("databaseServerId" in issuer && typeof issuer.databaseServerId === "string") {
        alerts?.watchPart("azure-postgres", "keycloak-database", issuer.databaseServerId);
      }
    }
  }

  /** The default domain of the Container Apps environment, which Azure makes up. */
  get facts() {
    return { containerAppsDomain: this.containerApps?.defaultDomain };
  }

  /** Where the agents of Container Apps run. */
  hosts(): AgentHost[] {
    const { plan, resourceGroup, containerApps, registry, dependencies } = this;
    if (containerApps === undefined) return [];
    const platform = containerAppsPlatform({
      resourceGroup,
      environment: containerApps,
      registry,
      identityName: plan.names.agentIdentity,
      dapr: plan.dapr,
    });
    const { alerts } = this;
    const watch = alerts === undefined ? undefined : alerts.watchApp.bind(alerts);
    return [agentHost({ platform, dependencies, watch })];
  }

  /** The gateway, with an API for each agent at the address that callers know. */
  createFront(workloads: readonly AgentWorkload[]): string | undefined {
    const { plan, parts, identityProvider } = this;
    if (plan.gateway === undefined) return undefined;
    if (identityProvider === undefined) {
      throw new Error(
        `environment '${plan.environment}' has a gateway and no identity provider whose tokens it lets in`,
      );
    }
    const Gateway = loaded(parts, "AzureGateway", plan.environment);
    const { resourceGroup, network, observability, secrets, containerApps } = this;
    const gateway = new Gateway(this, "gateway", {
      plan: plan.gateway,
      workloads,
      identityProvider,
      resourceGroup,
      network,
      observability,
      deletionProtection: this.plan.deletionProtection,
      secrets,
      containerApps,
    });
    if (gateway.madeId !== undefined) this.alerts?.watchPart("api-management", "gateway", gateway.madeId);
    return gateway.calledFrom;
  }

  /** The secrets that hold a placeholder. */
  tell(outputs: Construct): void {
    const { vault } = this.plan;
    if (vault.kind !== "created" || vault.secrets.length === 0) return;
    new TerraformOutput(outputs, "secrets_to_set", {
      staticId: true,
      description: "Secrets that hold a placeholder until somebody sets them, and how",
      value: Object.fromEntries(
        vault.secrets.map((name) => [
          name,
          `az keyvault secret set --vault-name ${this.secrets.name} --name ${name} --file <file with the value>`,
        ]),
      ),
    });
  }

  /** The cluster itself; what runs inside of it is in a stack of its own. */
  private createCluster(): void {
    const { plan, parts, resourceGroup, network, observability, registry } = this;
    if (plan.cluster === undefined || network === undefined) return;
    const { metricsWorkspace } = plan.cluster;
    const metrics =
      metricsWorkspace === undefined
        ? undefined
        : new MonitorWorkspace(this, "metrics", {
            name: metricsWorkspace,
            resourceGroupName: resourceGroup.name,
            location: resourceGroup.location,
            tags: { ...resourceGroup.tags },
          });
    const Cluster = loaded(parts, "KubernetesCluster", plan.environment);
    new Cluster(this, "cluster", {
      ...plan.cluster,
      resourceGroup,
      network,
      registry,
      workspaceId: observability.workspaceId,
      metricsWorkspaceId: metrics?.id,
      highAvailability: plan.highAvailability,
      deletionProtection: plan.deletionProtection,
    });
  }

  private createIssuer(
    workloads: readonly AgentWorkload[],
    guard: PlaceholderGuard,
  ): IIdentityProvider<AzureIdentity> | undefined {
    const { plan, parts, resourceGroup, network, containerApps, secrets } = this;
    if (plan.issuer === undefined) return undefined;
    const createIdentityProvider = loaded(parts, "createIdentityProvider", plan.environment);
    return createIdentityProvider(this, "identity-provider", plan.issuer, {
      ...plan,
      workloads,
      resourceGroup,
      network,
      containerApps,
      secrets,
      tenantId: guard.pass(plan.provider.tenantId),
    });
  }

  private provideTelemetry(workloads: readonly AgentWorkload[]): IAgentDependency<unknown>[] {
    const { plan, resourceGroup, containerApps, observability, secrets } = this;
    const collects = plan.telemetry.existingEndpoint === undefined;
    // For the collector in the cluster, which is in another stack, under the name that it has there.
    const inCluster =
      collects && plan.cluster !== undefined
        ? writeConnection(this, "telemetry-connection", secrets, observability)
        : undefined;
    return provideTelemetry(this, "telemetry", plan.telemetry, {
      apps: containerApps,
      workloads: workloads.filter(({ platform }) => platform === "container-apps"),
      resourceGroup,
      observability,
      secrets,
      identityName: plan.names.agentIdentity(
        inCluster === undefined ? "otel-collector" : "otel-collector-apps",
      ),
      connection: inCluster,
    });
  }
}
