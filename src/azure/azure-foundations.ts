import { MonitorWorkspace } from "@cdktf/provider-azurerm/lib/monitor-workspace";
import { NetworkSecurityRule } from "@cdktf/provider-azurerm/lib/network-security-rule";
import { PrivateDnsARecord } from "@cdktf/provider-azurerm/lib/private-dns-a-record";
import { PrivateDnsZone } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import { PrivateDnsZoneVirtualNetworkLink } from "@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import { clusterLayout } from "../choices/clusters";
import type { Environment, PlatformKind } from "../environment/environment";
import { ownSecrets } from "../environment/own-secrets";
import { safeguards } from "../environment/safeguards";
import { secretsOf } from "../fleet/secrets-of";
import { existingIdentityProvider, type IIdentityProvider } from "../identity/identity-provider";
import { hasKeycloakDatabase } from "../identity/keycloak/keycloak-settings";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { AgentHost } from "../parts/agent-host";
import { agentHost } from "../parts/agent-host";
import type { PlaceholderGuard } from "../parts/placeholder-guard";
import { type Clouds, loaded } from "../stacks/clouds";
import type { IKubernetesCluster } from "./aks/kubernetes-cluster";
import type { AzureIdentity } from "./azure-identity";
import { azureModelGateway } from "./azure-model-gateway";
import { azureProvider } from "./azure-provider";
import {
  ContainerAppsEnvironment,
  type IContainerAppsEnvironment,
} from "./container-apps/container-apps-environment";
import { containerAppsPlatform } from "./container-apps/container-apps-platform";
import { TelemetryCollector } from "./container-apps/telemetry-collector";
import { ContainerRegistry, type IContainerRegistry } from "./container-registry";
import { hasNetwork, isClosed } from "./facts/azure-facts";
import { physicalNames } from "./facts/azure-names";
import { edgeAddress } from "./facts/edge-address";
import { DEFAULT_NETWORK_CIDR, type SubnetKind } from "./facts/network-layout";
import { resourceProvidersOf } from "./facts/resource-providers";
import { type IKeyVaultSecrets, KeyVaultSecrets, writeSecret } from "./key-vault-secrets";
import { type INetwork, Network } from "./network";
import { Observability } from "./observability";
import { OtherContainerRegistry } from "./other-container-registry";
import { RedisTaskStore } from "./redis-task-store";
import { type IResourceGroup, ResourceGroup } from "./resource-group";

export interface AzureFoundationsProps {
  readonly environment: Environment;
  /** All of the environment's agents: its gateway and identity provider serve those on other clouds as well. */
  readonly workloads: readonly AgentWorkload[];
  readonly guard: PlaceholderGuard;
  /** Gateway, identity provider and cluster, where the environment has them. */
  readonly clouds: Clouds;
}

/** The Azure side of an environment: what its agents there lean on, and where they run. */
export class AzureFoundations extends Construct {
  readonly resourceGroup: IResourceGroup;
  readonly network: INetwork | undefined;
  readonly observability: Observability;
  readonly secrets: IKeyVaultSecrets;
  readonly registry: IContainerRegistry;
  readonly containerApps: IContainerAppsEnvironment | undefined;
  readonly cluster: IKubernetesCluster | undefined;
  readonly identityProvider: IIdentityProvider<AzureIdentity> | undefined;
  private readonly dependencies: readonly IAgentDependency<AzureIdentity>[];

  private readonly environment: Environment;
  private readonly deletionProtection: boolean;
  private readonly highAvailability: boolean;
  private readonly clouds: Clouds;

  constructor(
    scope: Construct,
    id: string,
    { environment, workloads, guard, clouds }: AzureFoundationsProps,
  ) {
    super(scope, id);
    this.environment = environment;
    const { deletionProtection, highAvailability } = safeguards(environment);
    this.deletionProtection = deletionProtection;
    this.highAvailability = highAvailability;
    this.clouds = clouds;
    azureProvider(this, {
      subscriptionId: guard.pass(this.azure.subscriptionId),
      tenantId: environment.tenant,
      resourceProviders: resourceProvidersOf(environment),
      deletionProtection,
    });
    this.resourceGroup = this.createGroup();
    this.network = this.createNetwork(workloads);
    this.observability = this.createObservability();
    this.secrets = this.createSecrets(workloads.filter(({ platform }) => platform !== "cloud-run"));
    this.registry = this.findRegistry();
    this.containerApps = this.createContainerApps(workloads);
    this.cluster = this.createCluster(workloads);
    this.identityProvider = this.createIdentityProvider(workloads, guard);
    this.dependencies = this.createDependencies();
  }

  /** Where the agents of Container Apps run. */
  containerAppsHost(): AgentHost {
    const { resourceGroup, containerApps, registry, dependencies, environment } = this;
    if (containerApps === undefined) {
      throw new Error(
        `environment '${environment.name}' has no agent on Container Apps, and something asks for their host`,
      );
    }
    const platform = containerAppsPlatform({
      resourceGroup,
      environment: containerApps,
      registry,
      identityName: physicalNames(environment).agentIdentity,
      dapr: environment.mesh !== undefined,
    });
    return agentHost({ platform, dependencies });
  }

  /** An API for each agent, at the addresses that callers know. */
  createGateway(workloads: readonly AgentWorkload[]): void {
    const { environment, clouds } = this;
    if (environment.gateway === undefined) return;
    const Gateway = loaded(clouds, "AzureGateway", environment);
    new Gateway(this, "gateway", { environment, workloads, azure: this });
  }

  private get azure() {
    const { azure, name } = this.environment;
    if (azure === undefined) throw new Error(`environment '${name}' has no Azure side; set 'azure'`);
    return azure;
  }

  private createGroup(): IResourceGroup {
    const { environment, azure } = this;
    const tags = { environment: environment.name, "managed-by": "a2a-fleet", ...environment.tags };
    if (azure.resourceGroup !== undefined) {
      return ResourceGroup.fromExisting(this, "group", { name: azure.resourceGroup.existing, tags });
    }
    const { resourceGroup } = physicalNames(environment);
    return new ResourceGroup(this, "group", { name: resourceGroup, location: azure.location, tags });
  }

  private createNetwork(workloads: readonly AgentWorkload[]): INetwork | undefined {
    const { environment, azure, resourceGroup } = this;
    if (!hasNetwork(environment)) return undefined;
    const settings = azure.network ?? { kind: "created" };
    const cidr = settings.cidr ?? DEFAULT_NETWORK_CIDR;
    if (settings.kind === "existing") {
      const { containerAppsSubnet, privateEndpointsSubnet, gatewaySubnet, clusterSubnet, postgresSubnet } =
        settings;
      const subnets = {
        ...(containerAppsSubnet === undefined ? {} : { apps: containerAppsSubnet }),
        ...(privateEndpointsSubnet === undefined ? {} : { endpoints: privateEndpointsSubnet }),
        ...(gatewaySubnet === undefined ? {} : { gateway: gatewaySubnet }),
        ...(clusterSubnet === undefined ? {} : { cluster: clusterSubnet }),
        ...(postgresSubnet === undefined ? {} : { postgres: postgresSubnet }),
      };
      const { name, resourceGroup: resourceGroupName, privateDnsResourceGroup } = settings;
      return Network.fromExisting(this, "network", {
        name,
        resourceGroupName,
        cidr,
        subnets,
        privateDnsResourceGroup,
      });
    }
    const runs = (kind: PlatformKind) => workloads.some(({ platform }) => platform === kind);
    const subnets: SubnetKind[] = [
      ...(usesContainerApps(workloads, environment) ? (["apps"] as const) : []),
      "endpoints",
      ...(runs("kubernetes") ? (["cluster"] as const) : []),
      ...(runs("kubernetes") && edgeAddress(environment) !== undefined ? (["ingress"] as const) : []),
      ...(environment.gateway !== undefined && environment.gateway.existing === undefined
        ? (["gateway"] as const)
        : []),
      ...(hasKeycloakDatabase(environment) ? (["postgres"] as const) : []),
    ];
    return new Network(this, "network", {
      resourceGroup,
      name: physicalNames(environment).network,
      cidr,
      subnets,
    });
  }

  private createObservability(): Observability {
    const { environment, resourceGroup, deletionProtection } = this;
    const { logWorkspace, applicationInsights } = physicalNames(environment);
    return new Observability(this, "observability", {
      resourceGroup,
      workspaceName: logWorkspace,
      applicationInsightsName: applicationInsights,
      retentionDays: environment.retentionDays,
      existingWorkspace: environment.telemetry?.existingWorkspace,
      deletionProtection,
    });
  }

  private createSecrets(workloads: readonly AgentWorkload[]): IKeyVaultSecrets {
    const { environment, azure, resourceGroup, network, observability, deletionProtection } = this;
    const { vault } = environment;
    if (vault.kind === "existing-key-vault") {
      const { name, resourceGroup: resourceGroupName, secrets } = vault;
      const writtenPrefix = physicalNames(environment).writtenSecret("");
      return KeyVaultSecrets.fromExisting(this, "secrets", {
        name,
        resourceGroupName,
        secrets,
        writtenPrefix,
      });
    }
    if (vault.kind !== "key-vault") {
      throw new Error(
        `environment '${environment.name}': agents on Azure read a Key Vault, and the vault is '${vault.kind}'`,
      );
    }
    return new KeyVaultSecrets(this, "secrets", {
      resourceGroup,
      name: physicalNames(environment).keyVault,
      tenantId: environment.tenant,
      secrets: secretsOf(workloads, environment),
      deployerObjectIds: azure.deployerObjectIds,
      network: isClosed(environment) ? network : undefined,
      allowedRanges: vault.allowedRanges,
      workspaceId: observability.workspaceId,
      deletionProtection,
    });
  }

  private findRegistry(): IContainerRegistry {
    const { environment, azure, secrets } = this;
    const { registry } = environment;
    switch (registry.kind) {
      case "fleet":
      case "azure": {
        const { name, resourceGroup: resourceGroupName } = registry;
        const subscriptionId =
          registry.subscriptionId === azure.subscriptionId ? undefined : registry.subscriptionId;
        return ContainerRegistry.fromExisting(this, "registry", { name, resourceGroupName, subscriptionId });
      }
      case "other":
        return new OtherContainerRegistry({ ...registry, secrets });
      case "google":
      case "google-fleet":
        throw new Error(
          `environment '${environment.name}': agents on Azure cannot pull from Google's Artifact Registry without a ` +
            "key; use registry kind 'azure' or 'fleet', or 'other' with a pull secret",
        );
    }
  }

  private createContainerApps(workloads: readonly AgentWorkload[]): IContainerAppsEnvironment | undefined {
    const { environment, resourceGroup, network, observability, highAvailability } = this;
    if (!usesContainerApps(workloads, environment)) return undefined;
    const {
      existing,
      mutualTls,
      internal = environment.gateway !== undefined,
    } = environment.containerApps ?? {};
    if (existing !== undefined) {
      const { name, resourceGroup: resourceGroupName } = existing;
      return ContainerAppsEnvironment.fromExisting(this, "apps", { name, resourceGroupName, internal });
    }
    const { containerAppsEnvironment, containerAppsInfrastructureGroup } = physicalNames(environment);
    return new ContainerAppsEnvironment(this, "apps", {
      resourceGroup,
      name: containerAppsEnvironment,
      workspaceId: observability.workspaceId,
      infrastructureResourceGroupName: containerAppsInfrastructureGroup,
      network,
      internal,
      zoneRedundant: highAvailability,
      mutualTls,
    });
  }

  /** The cluster itself; what runs inside of it is in a stack of its own. */
  private createCluster(workloads: readonly AgentWorkload[]): IKubernetesCluster | undefined {
    const { environment, azure, resourceGroup, network, observability, registry, highAvailability } = this;
    const { cluster, autoscaling } = clusterLayout(environment);
    if (!workloads.some(({ platform }) => platform === "kubernetes")) return undefined;
    const address = edgeAddress(environment);
    if (address !== undefined) this.createEdgeName(address.address);
    else if (environment.kubernetes?.edge !== undefined) this.openEdge();
    if (cluster.kind !== "aks" || network === undefined) return undefined;
    const names = physicalNames(environment);
    const metricsWorkspace =
      autoscaling === "resources"
        ? undefined
        : new MonitorWorkspace(this, "metrics", {
            name: names.metricsWorkspace,
            resourceGroupName: resourceGroup.name,
            location: resourceGroup.location,
            tags: { ...resourceGroup.tags },
          });
    const Cluster = loaded(this.clouds, "KubernetesCluster", environment);
    return new Cluster(this, "cluster", {
      resourceGroup,
      name: names.cluster,
      tenantId: environment.tenant,
      network,
      loadBalancerSubnets: address === undefined ? [] : ["ingress"],
      workspaceId: observability.workspaceId,
      metricsWorkspaceId: metricsWorkspace?.id,
      registry,
      deployerObjectIds: azure.deployerObjectIds,
      settings: cluster,
      highAvailability,
      keda: autoscaling === "keda",
      appRouting: appRouting(environment),
      deletionProtection: this.deletionProtection,
    });
  }

  /** Load balancers of a cluster open the security group of its nodes, and not the one of their subnet. */
  private openEdge(): void {
    const { environment, resourceGroup, network, azure } = this;
    if (network === undefined || azure.network?.kind === "existing") return;
    new NetworkSecurityRule(this, "edge-rule", {
      name: "edge-from-internet",
      resourceGroupName: resourceGroup.name,
      networkSecurityGroupName: `nsg-${physicalNames(environment).network}-cluster`,
      priority: 100,
      direction: "Inbound",
      access: "Allow",
      protocol: "Tcp",
      sourceAddressPrefix: "Internet",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRanges: ["80", "443"],
      dependsOn: [...network.subnet("cluster").readyAfter],
    });
  }

  /** The edge's name leads to its address within the network only: for the gateway, and for nobody outside. */
  private createEdgeName(address: string): void {
    const { environment, resourceGroup, network } = this;
    if (network === undefined) return;
    const { edgeHost } = clusterLayout(environment);
    const tags = { ...resourceGroup.tags };
    const zone = new PrivateDnsZone(this, "edge-zone", {
      name: edgeHost,
      resourceGroupName: resourceGroup.name,
      tags,
    });
    new PrivateDnsZoneVirtualNetworkLink(this, "edge-zone-link", {
      name: "edge",
      resourceGroupName: resourceGroup.name,
      privateDnsZoneName: zone.name,
      virtualNetworkId: network.id,
      tags,
    });
    new PrivateDnsARecord(this, "edge-address", {
      name: "@",
      zoneName: zone.name,
      resourceGroupName: resourceGroup.name,
      ttl: 300,
      records: [address],
      tags,
    });
  }

  private createIdentityProvider(
    workloads: readonly AgentWorkload[],
    guard: PlaceholderGuard,
  ): IIdentityProvider<AzureIdentity> | undefined {
    const { environment, clouds, highAvailability, deletionProtection } = this;
    const settings = environment.identityProvider;
    if (settings === undefined) return undefined;
    if (settings.kind === "existing") return existingIdentityProvider;
    const createIdentityProvider = loaded(clouds, "createIdentityProvider", environment);
    return createIdentityProvider(this, "identity-provider", {
      ...this,
      environment,
      settings,
      workloads,
      tenantId: guard.pass(environment.tenant),
      highAvailability,
      deletionProtection,
    });
  }

  private createDependencies(): readonly IAgentDependency<AzureIdentity>[] {
    const { environment, secrets, identityProvider } = this;
    return [
      secrets,
      ...(identityProvider === undefined ? [] : [identityProvider]),
      ...this.createTaskStore(),
      ...this.createTelemetry(),
      ...azureModelGateway(environment, secrets),
    ];
  }

  private createTaskStore(): IAgentDependency<AzureIdentity>[] {
    const { environment, resourceGroup, secrets, network, highAvailability, deletionProtection } = this;
    const settings = environment.taskStore;
    switch (settings.kind) {
      case "memory":
        return [];
      case "existing":
        return [RedisTaskStore.fromExisting({ ...settings, secrets })];
      case "managed-redis":
      case "redis-cache":
        return [
          new RedisTaskStore(this, "task-store", {
            resourceGroup,
            name: physicalNames(environment).managedRedis,
            secrets,
            settings,
            highAvailability,
            network,
            deletionProtection,
          }),
        ];
      default:
        throw new Error(
          `environment '${environment.name}': agents on Azure cannot use the task store '${settings.kind}'; ` +
            "use managed-redis, redis-cache or existing",
        );
    }
  }

  private createTelemetry(): IAgentDependency<unknown>[] {
    const { environment, resourceGroup, containerApps, observability, secrets } = this;
    const { existingEndpoint, sampleRatio, collectorImage } = environment.telemetry ?? {};
    if (existingEndpoint !== undefined) {
      return [TelemetryCollector.fromExisting({ endpoint: existingEndpoint, sampleRatio })];
    }
    if (this.cluster !== undefined) {
      // For the collector in the cluster, which is in another stack.
      writeSecret(this, "telemetry-connection", {
        vault: secrets,
        name: ownSecrets.applicationInsights,
        value: observability.connectionString,
        contentType: "text/plain",
      });
    }
    if (containerApps === undefined) return [];
    return [
      new TelemetryCollector(this, "telemetry", {
        resourceGroup,
        environment: containerApps,
        observability,
        secrets,
        identityName: physicalNames(environment).agentIdentity("otel-collector"),
        image: collectorImage,
        sampleRatio,
      }),
    ];
  }
}

/** Which load balancer the nginx of AKS gets, where the environment's edge is that. */
function appRouting(environment: Environment): "none" | "internal" | "external" {
  const edge = environment.kubernetes?.edge;
  if (edge?.kind !== "nginx" || edge.controller !== "app-routing") return "none";
  return environment.gateway === undefined ? "external" : "internal";
}

/** Whether something in the environment is an app: agents, or Keycloak. */
function usesContainerApps(workloads: readonly AgentWorkload[], { identityProvider }: Environment): boolean {
  return (
    identityProvider?.kind === "keycloak" || workloads.some(({ platform }) => platform === "container-apps")
  );
}
