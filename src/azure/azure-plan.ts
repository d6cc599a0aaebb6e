import type { AgentWorkload } from "../agent/agent-workload";
import { clusterLayout } from "../choices/clusters";
import { isInCluster, platformTraits } from "../choices/platforms";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment } from "../environment/environment";
import { isExistingPostgres } from "../environment/existing-postgres";
import { isExistingRedis } from "../environment/existing-redis";
import { fleetTags } from "../environment/fleet-tags";
import { modelKeySecret } from "../environment/model-gateway-settings";
import { isOtherRegistry } from "../environment/other-registry";
import { safeguards } from "../environment/safeguards";
import { secretsOf } from "../fleet/secrets-of";
import { tokenIssuer } from "../fleet/token-issuer";
import { gatewayHost } from "../gateway/gateway-settings";
import { callsFromNetwork } from "../gateway/gateway-tier";
import { hasKeycloakDatabase, keycloakOf } from "../identity/keycloak/keycloak-settings";
import { withNodesForAgents } from "./facts/agent-nodes";
import { azureCloud } from "./facts/azure-cloud";
import { hasNetwork, isClosed, needsPostgresSubnet, runsApps } from "./facts/azure-facts";
import { physicalNames } from "./facts/azure-names";
import { isAzureRedis } from "./facts/azure-redis";
import type { AzureSettings } from "./facts/azure-settings";
import { edgeAddress } from "./facts/edge-address";
import { DEFAULT_NETWORK_CIDR, type SubnetKind } from "./facts/network-layout";
import { resourceProvidersOf } from "./facts/resource-providers";

/** What an environment has of Azure, decided before anything is made. */
export type AzurePlan = ReturnType<typeof planAzure>;

/**
 * Decides what an environment has of Azure: what is made and what is looked up, under which name, how big. Pure.
 *
 * @param workloads all of its agents: gateway and identity provider serve those on other clouds as well
 * @throws Error when the environment has no Azure side, or its agents there cannot use what it chose.
 */
export function planAzure(environment: Environment, workloads: readonly AgentWorkload[]) {
  const azure = azureSettings(environment);
  const { tenant, mesh } = environment;
  const names = physicalNames(environment);
  const runs = platformsIn(workloads, environment);
  return {
    environment: environment.name,
    ...safeguards(environment),
    provider: {
      subscriptionId: azure.subscriptionId,
      tenantId: tenant,
      resourceProviders: resourceProvidersOf(environment),
    },
    names,
    group: planGroup(environment, azure),
    network: planNetwork(environment, azure, runs),
    observability: {
      workspaceName: names.logWorkspace,
      applicationInsightsName: names.applicationInsights,
      retentionDays: environment.retentionDays,
      existingWorkspace: environment.telemetry?.existingWorkspace,
    },
    vault: planVault(environment, azure, runs.onAzure),
    registry: planRegistry(environment, azure),
    apps: runs.apps ? planApps(environment) : undefined,
    edge: runs.cluster ? planEdge(environment, azure) : undefined,
    cluster: runs.cluster ? planCluster(environment, azure, runs.onAzure) : undefined,
    issuer: planIssuer(environment),
    taskStore: planTaskStore(environment),
    telemetry: environment.telemetry ?? {},
    modelGateway: planModelGateway(environment),
    dapr: mesh !== undefined,
    gateway: planGateway(environment, azure, runs),
  };
}

/** @throws Error when the environment has no Azure side. */
export function azureSettings({ azure, name }: Environment): AzureSettings {
  if (azure !== undefined) return azure;
  throw new Error(`environment '${name}' has no Azure side; set 'azure'`);
}

/** Where agents run, as far as Azure has to know. */
interface Runs {
  readonly onAzure: readonly AgentWorkload[];
  /** Whether something is an app: an agent, or Keycloak. */
  readonly apps: boolean;
  /** Whether some are in a cluster. */
  readonly cluster: boolean;
  /** Whether some are on another cloud. */
  readonly elsewhere: boolean;
}

function platformsIn(workloads: readonly AgentWorkload[], environment: Environment): Runs {
  const isElsewhere = ({ platform }: AgentWorkload) => {
    const cloud = platformTraits(platform).cloud(environment);
    return cloud !== null && cloud !== azureCloud;
  };
  const kinds = workloads.map(({ platform }) => platform);
  return {
    onAzure: workloads.filter((workload) => !isElsewhere(workload)),
    apps: runsApps(environment, kinds),
    cluster: kinds.some(isInCluster),
    elsewhere: workloads.some(isElsewhere),
  };
}

function planGroup(environment: Environment, { resourceGroup, location }: AzureSettings) {
  const tags = fleetTags(environment);
  if (resourceGroup !== undefined) return { kind: "existing", name: resourceGroup.existing, tags } as const;
  return { kind: "created", name: physicalNames(environment).resourceGroup, location, tags } as const;
}

function planNetwork(environment: Environment, azure: AzureSettings, runs: Runs) {
  if (!hasNetwork(environment)) return undefined;
  const settings = azure.network ?? { kind: "created" };
  const cidr = settings.cidr ?? DEFAULT_NETWORK_CIDR;
  if (settings.kind === "existing") {
    const named: Partial<Record<SubnetKind, string>> = {
      apps: settings.containerAppsSubnet,
      endpoints: settings.privateEndpointsSubnet,
      gateway: settings.gatewaySubnet,
      cluster: settings.clusterSubnet,
      postgres: settings.postgresSubnet,
      // Where the edge has its address.
      ingress: edgeAddress(environment)?.subnet,
    };
    const subnets = Object.fromEntries(Object.entries(named).filter(([, name]) => name !== undefined));
    const { name, resourceGroup: resourceGroupName, privateDnsResourceGroup } = settings;
    return { kind: "existing", name, resourceGroupName, cidr, subnets, privateDnsResourceGroup } as const;
  }
  const { gateway } = environment;
  const needed: Partial<Record<SubnetKind, boolean>> = {
    apps: runs.apps,
    endpoints: true,
    cluster: runs.cluster,
    ingress: runs.cluster && edgeAddress(environment) !== undefined,
    gateway: gateway !== undefined && callsFromNetwork(gateway),
    postgres: needsPostgresSubnet(environment),
  };
  const subnets = (Object.keys(needed) as SubnetKind[]).filter((kind) => needed[kind]);
  return { kind: "created", name: physicalNames(environment).network, cidr, subnets } as const;
}

function planVault(environment: Environment, azure: AzureSettings, workloads: readonly AgentWorkload[]) {
  const { vault } = environment;
  const names = physicalNames(environment);
  if (vault.kind === "existing-key-vault") {
    const { name, resourceGroup: resourceGroupName, secrets } = vault;
    return {
      kind: "existing",
      name,
      resourceGroupName,
      secrets,
      writtenPrefix: names.writtenSecret(""),
    } as const;
  }
  if (vault.kind !== "key-vault") {
    throw new Error(
      `environment '${environment.name}': agents on Azure read a Key Vault, and the vault is '${vault.kind}'`,
    );
  }
  return {
    kind: "created",
    name: names.keyVault,
    tenantId: environment.tenant,
    secrets: secretsOf(workloads, environment),
    deployerObjectIds: azure.deployerObjectIds,
    closed: isClosed(environment),
    allowedRanges: vault.allowedRanges,
  } as const;
}

function planRegistry({ registry, name: environment }: Environment, azure: AzureSettings) {
  if (isOtherRegistry(registry)) return registry;
  if (registry.kind === "fleet" || registry.kind === "azure") {
    const { name, resourceGroup: resourceGroupName, subscriptionId } = registry;
    const elsewhere = subscriptionId === azure.subscriptionId ? undefined : subscriptionId;
    return { kind: "existing", name, resourceGroupName, subscriptionId: elsewhere } as const;
  }
  throw new Error(
    `environment '${environment}': agents on Azure cannot pull from Google's Artifact Registry without a ` +
      "key; use registry kind 'azure' or 'fleet', or 'other' with a pull secret",
  );
}

function planApps(environment: Environment) {
  const {
    existing,
    mutualTls,
    internal = environment.gateway !== undefined,
  } = environment.containerApps ?? {};
  if (existing !== undefined) {
    const { name, resourceGroup: resourceGroupName } = existing;
    return { kind: "existing", name, resourceGroupName, internal } as const;
  }
  const { containerAppsEnvironment, containerAppsInfrastructureGroup } = physicalNames(environment);
  return {
    kind: "created",
    name: containerAppsEnvironment,
    infrastructureResourceGroupName: containerAppsInfrastructureGroup,
    internal,
    mutualTls,
  } as const;
}

/** How callers get to the edge of a cluster: by a name that leads to it within the network only, or from the internet. */
function planEdge(environment: Environment, azure: AzureSettings) {
  const address = edgeAddress(environment)?.address;
  const { edgeHost } = clusterLayout(environment);
  if (address !== undefined) return { kind: "named", host: edgeHost, address } as const;
  const ours = azure.network?.kind !== "existing";
  if (environment.kubernetes?.edge === undefined || !ours) return undefined;
  return { kind: "open", securityGroup: `nsg-${physicalNames(environment).network}-cluster` } as const;
}

function planCluster(environment: Environment, azure: AzureSettings, workloads: readonly AgentWorkload[]) {
  const { cluster, autoscaling } = clusterLayout(environment);
  if (cluster.kind !== "aks") return undefined;
  const names = physicalNames(environment);
  return {
    name: names.cluster,
    tenantId: environment.tenant,
    loadBalancerSubnets: edgeAddress(environment) === undefined ? [] : (["ingress"] as const),
    /** Workspace of managed Prometheus, where scalers read it. */
    metricsWorkspace: autoscaling === "resources" ? undefined : names.metricsWorkspace,
    deployerObjectIds: azure.deployerObjectIds,
    settings: withNodesForAgents(cluster, environment, workloads),
    keda: autoscaling === "keda",
    appRouting: appRouting(environment),
  };
}

/** Which load balancer the nginx of AKS gets, where the environment's edge is that. */
function appRouting({ kubernetes, gateway }: Environment): "none" | "internal" | "external" {
  const edge = kubernetes?.edge;
  if (edge === undefined || !("controller" in edge) || edge.controller !== "app-routing") return "none";
  return gateway === undefined ? "external" : "internal";
}

function planIssuer(environment: Environment) {
  const { customers, identityProvider, tenant } = environment;
  const callers = { customers, identityProvider };
  const keycloak = keycloakOf(environment);
  if (keycloak !== undefined) {
    const { optimizedImage, keyLifetimeDays, backupRetentionDays } = keycloak;
    const names = physicalNames(environment);
    return {
      kind: "server",
      callers,
      identityName: names.agentIdentity,
      /** Base URL that callers know. */
      publicUrl: (appsDomain: string) => tokenIssuer(environment, appsDomain)?.keycloak?.url,
      database: hasKeycloakDatabase(environment) ? { name: names.postgres, backupRetentionDays } : undefined,
      optimizedImage,
      keyLifetimeDays,
    } as const;
  }
  return identityProvider?.kind === "entra"
    ? ({ kind: "tenant", callers, tenantId: tenant } as const)
    : undefined;
}

function planTaskStore(environment: Environment) {
  const { taskStore, name, tenant: tenantId } = environment;
  if (isExistingRedis(taskStore) || isExistingPostgres(taskStore)) return taskStore;
  if (taskStore.kind === "azure-postgres") {
    const { sku, backupRetentionDays } = taskStore;
    const database = physicalNames(environment).taskDatabase;
    return { kind: "postgres", name: database, tenantId, sku, backupRetentionDays } as const;
  }
  if (isAzureRedis(taskStore)) {
    return { kind: "created", name: physicalNames(environment).managedRedis, settings: taskStore } as const;
  }
  if (!taskStoreTraits(taskStore).shared) return undefined;
  throw new Error(
    `environment '${name}': agents on Azure cannot use the task store '${taskStore.kind}'; ` +
      "use managed-redis, redis-cache, azure-postgres, existing or existing-postgres",
  );
}

/** Where the agents' model gateway is, and which secret holds their key. */
export function planModelGateway({ modelGateway }: Environment) {
  if (modelGateway === undefined) return undefined;
  const { url, cidr } = modelGateway;
  return { url, keySecret: modelKeySecret(modelGateway), cidr };
}

function planGateway(environment: Environment, azure: AzureSettings, runs: Runs) {
  const { gateway, domain, prefix, vault } = environment;
  if (gateway === undefined) return undefined;
  const { existing, applications = {} } = gateway;
  const service =
    existing !== undefined
      ? ({ kind: "existing", name: existing.name, resourceGroupName: existing.resourceGroup } as const)
      : ({
          kind: "created",
          name: physicalNames(environment).gateway,
          sku: gateway.sku,
          host: gatewayHost(environment) ?? domain,
          publisherName: gateway.publisherName ?? prefix,
          publisherEmail: gateway.publisherEmail ?? `gateway@${domain}`,
          // A vault of somebody else's has the certificate already.
          certificateIssuer: vault.kind === "key-vault" ? (gateway.certificateIssuer ?? "Self") : undefined,
          deployerObjectIds: azure.deployerObjectIds,
          inNetwork: callsFromNetwork(gateway),
          // What the load balancer in front of agents on another cloud admits.
          fixedAddress: runs.elsewhere && callsFromNetwork(gateway),
        } as const);
  return { service, applications };
}
