import { DataAzurermKubernetesCluster } from "@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster";
import { KubernetesCluster as AzurermKubernetesCluster } from "@cdktf/provider-azurerm/lib/kubernetes-cluster";
import { KubernetesClusterNodePool } from "@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool";
import { MonitorDataCollectionEndpoint } from "@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint";
import { MonitorDataCollectionRule } from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule";
import { MonitorDataCollectionRuleAssociation } from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association";
import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Construct } from "constructs";
import { waitForGrants } from "../../parts/role-grants";
import { createAzureIdentity } from "../azure-identity";
import type { IContainerRegistry } from "../container-registry";
import type { AksSettings } from "../facts/aks";
import { KUBERNETES_VERSION } from "../facts/kubernetes-versions";
import type { SubnetKind } from "../facts/network-layout";
import { type NodePoolSettings, nodePools } from "../facts/node-pools";
import type { INetwork } from "../network";
import type { IResourceGroup } from "../resource-group";

/** An AKS cluster, as what runs inside of it needs it. */
export interface IKubernetesCluster {
  readonly name: string;
  /** Resource id. */
  readonly id: string;
  /** Issuer of the service accounts' tokens: Entra trusts it for federated identities. */
  readonly oidcIssuerUrl: string;
}

export interface KubernetesClusterProps {
  readonly resourceGroup: IResourceGroup;
  readonly name: string;
  /** Entra tenant id: who may do what in the cluster is a matter of Azure roles. */
  readonly tenantId: string;
  readonly network: INetwork;
  /** Subnets in which the cluster makes load balancers. @default ["cluster"] */
  readonly loadBalancerSubnets?: readonly SubnetKind[];
  /** Log Analytics workspace (resource id) of container insights. */
  readonly workspaceId: string;
  /** Azure Monitor workspace (resource id) of managed Prometheus. @default - no managed Prometheus */
  readonly metricsWorkspaceId?: string;
  readonly registry: IContainerRegistry;
  /** Object ids of those who deploy into the cluster. */
  readonly deployerObjectIds: readonly string[];
  /** @default - everything by its default */
  readonly settings?: Omit<AksSettings, "kind">;
  /** Whether nodes survive the loss of a zone, and the control plane has an SLA. @default true */
  readonly highAvailability?: boolean;
  /** Whether the cluster has KEDA. @default true */
  readonly keda?: boolean;
  /** Whether it has the nginx controller of AKS, with which load balancer. @default "none" */
  readonly appRouting?: "none" | "internal" | "external";
  /** @default true */
  readonly deletionProtection?: boolean;
}

/**
 * An AKS cluster without local accounts: people and pipelines log in through Entra, pods get at Azure through their
 * service accounts, and network policies are enforced by Cilium.
 *
 * @example
 * new KubernetesCluster(this, "cluster", {
 *   resourceGroup, name: "aks-acme-production", tenantId, network, workspaceId, registry, deployerObjectIds,
 * });
 */
export class KubernetesCluster extends Construct implements IKubernetesCluster {
  /** A cluster that exists, by name. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: { readonly name: string; readonly resourceGroupName: string },
  ): IKubernetesCluster & ClusterLogin {
    const cluster = new DataAzurermKubernetesCluster(scope, id, props);
    const { host, clusterCaCertificate } = cluster.kubeConfig.get(0);
    return {
      name: props.name,
      id: cluster.id,
      oidcIssuerUrl: cluster.oidcIssuerUrl,
      host,
      certificateAuthority: clusterCaCertificate,
    };
  }

  readonly name: string;
  readonly id: string;
  readonly oidcIssuerUrl: string;

  constructor(scope: Construct, id: string, props: KubernetesClusterProps) {
    super(scope, id);
    const { resourceGroup } = props;
    const cluster = this.createCluster(props);
    this.name = cluster.name;
    this.id = cluster.id;
    this.oidcIssuerUrl = cluster.oidcIssuerUrl;

    this.createAgentNodes(cluster, props);
    this.admitDeployers(cluster, props.deployerObjectIds);
    this.audit(props.workspaceId);
    this.collect("container-insights", resourceGroup, cluster, {
      streams: ["Microsoft-ContainerInsights-Group-Default"],
      extensionName: "ContainerInsights",
      workspaceId: props.workspaceId,
    });
    if (props.metricsWorkspaceId !== undefined) {
      this.collectMetrics(resourceGroup, cluster, props.metricsWorkspaceId);
    }
  }

  /** Who changed what through the API server, and who was let in. Reading is left out: it is most of it. */
  private audit(workspaceId: string): void {
    new MonitorDiagnosticSetting(this, "audit", {
      name: "audit",
      targetResourceId: this.id,
      logAnalyticsWorkspaceId: workspaceId,
      logAnalyticsDestinationType: "Dedicated",
      enabledLog: [{ category: "kube-audit-admin" }, { category: "guard" }],
    });
  }

  /** What runs inside is deployed right after the cluster: by then those who deploy it are let in. */
  private admitDeployers(cluster: AzurermKubernetesCluster, objectIds: readonly string[]): void {
    const deployers = new Construct(this, "deployers");
    const grants = objectIds.map(
      (objectId) =>
        new RoleAssignment(deployers, objectId, {
          scope: cluster.id,
          roleDefinitionName: "Azure Kubernetes Service RBAC Cluster Admin",
          principalId: objectId,
        }),
    );
    waitForGrants(deployers, grants);
  }

  private createCluster(props: KubernetesClusterProps): AzurermKubernetesCluster {
    const { resourceGroup, name, network, settings = {}, highAvailability = true, keda = true } = props;
    const { version = KUBERNETES_VERSION, apiServer = { access: "private" }, maintenance } = settings;
    const { deletionProtection = true, appRouting = "none" } = props;
    const subnet = network.subnet("cluster");
    const identity = createAzureIdentity(this, "identity", { resourceGroup, name: `id-${name}` });
    const nodes = createAzureIdentity(this, "nodes", { resourceGroup, name: `id-${name}-nodes` });
    const subnets = new Set<SubnetKind>(["cluster", ...(props.loadBalancerSubnets ?? [])]);
    const joins = [...subnets].map(
      (kind) =>
        new RoleAssignment(this, `joins-${kind}`, {
          scope: network.subnet(kind).id,
          roleDefinitionName: "Network Contributor",
          principalId: identity.principalId,
          principalType: "ServicePrincipal",
        }),
    );
    // The nodes' identity exists before they do, so that they can pull from the first minute.
    const operates = new RoleAssignment(this, "operates-nodes", {
      scope: nodes.id,
      roleDefinitionName: "Managed Identity Operator",
      principalId: identity.principalId,
      principalType: "ServicePrincipal",
    });
    const pull = props.registry.pull(this, nodes);
    if (pull.kind !== "identity") {
      throw new Error(
        `cluster '${name}' pulls by its nodes' identity, and registry ${props.registry.server} wants a password; ` +
          "use an Azure registry",
      );
    }
    const window = maintenanceWindow(maintenance);
    const { systemNodes: system } = nodePools(settings, highAvailability);
    const resource = new AzurermKubernetesCluster(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      dnsPrefix: name,
      nodeResourceGroup: `rg-${name}-nodes`,
      kubernetesVersion: version,
      skuTier: highAvailability ? "Standard" : "Free",
      supportPlan: "KubernetesOfficial",

      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      localAccountDisabled: true,
      roleBasedAccessControlEnabled: true,
      azureActiveDirectoryRoleBasedAccessControl: { azureRbacEnabled: true, tenantId: props.tenantId },
      // Commands through Azure's own API would go around a private API server.
      runCommandEnabled: false,
      privateClusterEnabled: apiServer.access === "private",
      ...(apiServer.access === "private"
        ? { privateDnsZoneId: "System", privateClusterPublicFqdnEnabled: false }
        : { apiServerAccessProfile: { authorizedIpRanges: [...apiServer.allowedRanges] } }),

      identity: { type: "UserAssigned", identityIds: [identity.id] },
      kubeletIdentity: {
        userAssignedIdentityId: nodes.id,
        clientId: nodes.clientId,
        objectId: nodes.principalId,
      },
      networkProfile: {
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataPlane: "cilium",
        networkPolicy: "cilium",
        loadBalancerSku: "standard",
        outboundType: "loadBalancer",
        // Apart from the network's own ranges, and from each other.
        podCidr: "100.64.0.0/16",
        serviceCidr: "100.65.0.0/16",
        dnsServiceIp: "100.65.0.10",
      },
      defaultNodePool: {
        ...nodePool(system, highAvailability),
        name: "system",
        onlyCriticalAddonsEnabled: true,
        vnetSubnetId: subnet.id,
        temporaryNameForRotation: "systemtmp",
        upgradeSettings: upgradeSettings(),
      },

      automaticUpgradeChannel: "patch",
      nodeOsUpgradeChannel: "NodeImage",
      maintenanceWindowAutoUpgrade: window,
      maintenanceWindowNodeOs: window,
      imageCleanerEnabled: true,
      imageCleanerIntervalHours: 168,

      keyVaultSecretsProvider: { secretRotationEnabled: true, secretRotationInterval: "2m" },
      workloadAutoscalerProfile: { kedaEnabled: keda, verticalPodAutoscalerEnabled: false },
      omsAgent: { logAnalyticsWorkspaceId: props.workspaceId, msiAuthForMonitoringEnabled: true },
      ...(props.metricsWorkspaceId === undefined ? {} : { monitorMetrics: {} }),
      ...(appRouting === "none"
        ? {}
        : {
            webAppRouting: {
              dnsZoneIds: [],
              defaultNginxController: appRouting === "internal" ? "Internal" : "External",
            },
          }),
      tags: { ...resourceGroup.tags },
      lifecycle: { preventDestroy: deletionProtection },
      dependsOn: [...waitForGrants(this, [...joins, operates, ...pull.grants]), ...subnet.readyAfter],
    });
    this.node.defaultChild = resource;
    return resource;
  }

  private createAgentNodes(cluster: AzurermKubernetesCluster, props: KubernetesClusterProps): void {
    const { network, resourceGroup, settings = {}, highAvailability = true } = props;
    const { agentNodes: nodes } = nodePools(settings, highAvailability);
    new KubernetesClusterNodePool(this, "agent-nodes", {
      ...nodePool(nodes, highAvailability),
      name: "agents",
      mode: "User",
      kubernetesClusterId: cluster.id,
      vnetSubnetId: network.subnet("cluster").id,
      temporaryNameForRotation: "agentstmp",
      upgradeSettings: upgradeSettings(),
      tags: { ...resourceGroup.tags },
    });
  }

  /** With managed identities the agents on the nodes send nothing until a rule tells them what, and where to. */
  private collect(
    id: string,
    resourceGroup: IResourceGroup,
    cluster: AzurermKubernetesCluster,
    source: { readonly streams: string[]; readonly extensionName: string; readonly workspaceId: string },
  ): void {
    const { streams, extensionName, workspaceId } = source;
    const rule = new MonitorDataCollectionRule(this, id, {
      name: `dcr-${cluster.nameInput}-insights`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      kind: "Linux",
      dataSources: {
        extension: [{ name: extensionName, extensionName, streams }],
      },
      destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: workspaceId }] },
      dataFlow: [{ streams, destinations: ["workspace"] }],
      tags: { ...resourceGroup.tags },
    });
    new MonitorDataCollectionRuleAssociation(this, `${id}-association`, {
      name: extensionName,
      targetResourceId: cluster.id,
      dataCollectionRuleId: rule.id,
    });
  }

  private collectMetrics(
    resourceGroup: IResourceGroup,
    cluster: AzurermKubernetesCluster,
    workspaceId: string,
  ): void {
    const streams = ["Microsoft-PrometheusMetrics"];
    const endpoint = new MonitorDataCollectionEndpoint(this, "metrics-endpoint", {
      name: `dce-${cluster.nameInput}-metrics`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      kind: "Linux",
      tags: { ...resourceGroup.tags },
    });
    const rule = new MonitorDataCollectionRule(this, "metrics", {
      name: `dcr-${cluster.nameInput}-metrics`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      kind: "Linux",
      dataCollectionEndpointId: endpoint.id,
      dataSources: { prometheusForwarder: [{ name: "prometheus", streams }] },
      destinations: { monitorAccount: [{ name: "prometheus", monitorAccountId: workspaceId }] },
      dataFlow: [{ streams, destinations: ["prometheus"] }],
      tags: { ...resourceGroup.tags },
    });
    new MonitorDataCollectionRuleAssociation(this, "metrics-association", {
      name: "prometheus",
      targetResourceId: cluster.id,
      dataCollectionRuleId: rule.id,
    });
  }
}

/** How providers reach a cluster's API server: who logs in is decided at every run, and nothing of it is kept. */
export interface ClusterLogin {
  readonly host: string;
  /** Certificate of the API server's authority, PEM in base64. */
  readonly certificateAuthority: string;
}

function nodePool({ vmSize, minNodes, maxNodes }: Required<NodePoolSettings>, zones: boolean) {
  return {
    vmSize,
    autoScalingEnabled: true,
    minCount: minNodes,
    maxCount: maxNodes,
    osSku: "AzureLinux",
    ...(zones ? { zones: ["1", "2", "3"] } : {}),
  };
}

/** Azure fills these in where they are left out, and the next plan would take them away again. */
function upgradeSettings() {
  return { maxSurge: "33%", drainTimeoutInMinutes: 30, nodeSoakDurationInMinutes: 0 };
}

/** A weekly window of four hours, the shortest that AKS takes. */
function maintenanceWindow(maintenance: AksSettings["maintenance"]) {
  const { dayOfWeek = "Sunday", startTime = "02:00" } = maintenance ?? {};
  return { frequency: "Weekly", interval: 1, duration: 4, dayOfWeek, startTime, utcOffset: "+00:00" };
}
