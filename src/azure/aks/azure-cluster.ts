import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { DataAzurermContainerAppEnvironment } from "@cdktf/provider-azurerm/lib/data-azurerm-container-app-environment";
import { DataAzurermMonitorWorkspace } from "@cdktf/provider-azurerm/lib/data-azurerm-monitor-workspace";
import { FederatedIdentityCredential } from "@cdktf/provider-azurerm/lib/federated-identity-credential";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import { clusterLayout } from "../../choices/clusters";
import { isInCluster } from "../../choices/platforms";
import type { PrometheusSource } from "../../cluster/agent/agent-scaler";
import type { IPodIdentities } from "../../cluster/agent/pod-identity";
import { CLUSTER_COLLECTOR, ClusterCollector } from "../../cluster/cluster-collector";
import type { DnsIdentity } from "../../cluster/cluster-edge";
import type {
  ClusterPlace,
  IClusterSurroundings,
  Surround,
  SurroundingsProps,
} from "../../cluster/cluster-surroundings";
import type { InternalAddressSettings } from "../../cluster/facts/edge-traits";
import { KubernetesResources } from "../../cluster/kubernetes-resources";
import { hasAlerts } from "../../environment/alert-settings";
import type { Environment } from "../../environment/environment";
import type { EnvironmentFacts } from "../../environment/environment-facts";
import { isExistingPostgres } from "../../environment/existing-postgres";
import { isExistingRedis } from "../../environment/existing-redis";
import { fleetTags } from "../../environment/fleet-tags";
import { clientSecretName, ownSecrets } from "../../environment/own-secrets";
import { safeguards } from "../../environment/safeguards";
import { secretsOf } from "../../fleet/secrets-of";
import { tokenIssuer } from "../../fleet/token-issuer";
import { fleetCallers } from "../../identity/fleet-callers";
import { trustedIssuer } from "../../identity/identity-provider";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";
import type { EgressDestination, IAgentDependency } from "../../parts/agent-dependency";
import type { AgentWatch } from "../../parts/agent-host";
import { timeProvider } from "../../parts/keep-state";
import type { PlaceholderGuard } from "../../parts/placeholder-guard";
import { waitForGrants } from "../../parts/role-grants";
import { traceSampling } from "../../parts/trace-sampling";
import type { PartKind } from "../../signals/part-signals";
import { type AzureIdentity, createAzureIdentity } from "../azure-identity";
import { azureMonitorExporter } from "../azure-monitor-exporter";
import { azureSettings, planModelGateway } from "../azure-plan";
import { azureProvider } from "../azure-provider";
import { TelemetryCollector } from "../container-apps/telemetry-collector";
import { runsApps } from "../facts/azure-facts";
import { physicalNames } from "../facts/azure-names";
import { isAzureRedis } from "../facts/azure-redis";
import { edgeAddress } from "../facts/edge-address";
import { appsRange, endpointRange, networkRange } from "../facts/network-layout";
import { EntraIdentityProvider } from "../identity-provider/entra-identity-provider";
import { KeycloakIdentityProvider } from "../identity-provider/keycloak-identity-provider";
import { keycloakUrl } from "../identity-provider/keycloak-server";
import { grantSecret, type IKeyVaultSecrets, KeyVaultSecrets, secretReference } from "../key-vault-secrets";
import { provideModelGateway } from "../model-gateway";
import { PostgresTaskStore } from "../postgres-task-store";
import { RedisTaskStore } from "../redis-task-store";
import { type IResourceGroup, ResourceGroup } from "../resource-group";
import { aksProviders } from "./aks-providers";
import { azureWorkloadIdentities } from "./azure-workload-identities";
import { type IKubernetesCluster, KubernetesCluster } from "./kubernetes-cluster";
import { ruleGroups } from "./rule-groups";

/**
 * The Azure side of what runs inside an AKS cluster: all of it is found by name, so that no stack refers to another one.
 */
export class AzureCluster extends Construct implements IClusterSurroundings<AzureIdentity> {
  /** The nodes pull by their own identity. */
  readonly pullSecrets = [];
  readonly edgeAddress: InternalAddressSettings | undefined;
  private readonly cluster: IKubernetesCluster;
  private readonly environment: Environment;
  private readonly resourceGroup: IResourceGroup;
  private readonly secrets: IKeyVaultSecrets;
  private readonly workloads: readonly AgentWorkload[];
  private readonly guard: PlaceholderGuard;
  private foundDomain: string | undefined;
  private metrics: DataAzurermMonitorWorkspace | undefined;

  constructor(scope: Construct, id: string, { environment, workloads, guard }: SurroundingsProps) {
    super(scope, id);
    this.environment = environment;
    this.workloads = workloads;
    this.guard = guard;
    this.edgeAddress = edgeAddress(environment);
    azureProvider(this, {
      subscriptionId: guard.pass(this.azure.subscriptionId),
      tenantId: environment.tenant,
      resourceProviders: ["Microsoft.ManagedIdentity"],
      deletionProtection: safeguards(environment).deletionProtection,
    });
    timeProvider(this);
    const names = physicalNames(environment);
    const settings = clusterLayout(environment).cluster;
    const groupName = this.azure.resourceGroup?.existing ?? names.resourceGroup;
    this.resourceGroup = ResourceGroup.fromExisting(this, "group", {
      name: groupName,
      tags: fleetTags(environment),
    });
    const cluster = KubernetesCluster.fromExisting(this, "cluster", {
      name: settings.kind === "existing-aks" ? settings.name : names.cluster,
      resourceGroupName: settings.kind === "existing-aks" ? settings.resourceGroup : groupName,
    });
    this.cluster = cluster;
    aksProviders(this, cluster, ("login" in settings ? settings.login : undefined) ?? "azurecli");
    this.secrets = this.findSecrets(workloads, groupName);
  }

  /** Identities of pods in a namespace of the cluster. */
  identities({ namespace, readyAfter }: ClusterPlace): IPodIdentities<AzureIdentity> {
    const { cluster, resourceGroup, environment } = this;
    return azureWorkloadIdentities({
      cluster,
      namespace,
      resourceGroup,
      tenantId: environment.tenant,
      identityName: physicalNames(environment).agentIdentity,
      readyAfter,
    });
  }

  /** What the agents lean on: made by the environment's stack, found here by name. */
  dependencies(place: ClusterPlace): IAgentDependency<AzureIdentity>[] {
    const { environment, secrets } = this;
    return [
      secrets,
      ...this.issuer(),
      ...this.taskStore(),
      this.telemetry(place),
      ...provideModelGateway(planModelGateway(environment), secrets),
    ];
  }

  /** Lets KEDA read the agents' metrics from managed Prometheus. */
  prometheus({ namespace, readyAfter }: ClusterPlace): PrometheusSource | undefined {
    const { environment } = this;
    const { autoscaling, cluster } = clusterLayout(environment);
    const url = environment.kubernetes?.prometheusUrl;
    if (autoscaling !== "keda") return undefined;
    if (url !== undefined) return { url, authentication: null };
    if (cluster.kind !== "aks") return undefined;
    const workspace = this.findMetrics();
    const { identity, ready } = this.systemIdentity(
      "keda",
      "system:serviceaccount:kube-system:keda-operator",
      {
        scope: workspace.id,
        roleDefinitionName: "Monitoring Data Reader",
      },
    );
    const authentication = "prometheus";
    new KubernetesResources(this, "prometheus-login", {
      name: "fleet--prometheus",
      namespace,
      resources: [
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "TriggerAuthentication",
          metadata: { name: authentication },
          spec: { podIdentity: { provider: "azure-workload", identityId: identity.clientId } },
        },
      ],
      dependsOn: [...readyAfter, ...ready],
    });
    return { url: workspace.queryEndpoint, authentication };
  }

  /** Alerts of managed Prometheus, where the fleet made one. */
  watch(_place: ClusterPlace, parts: readonly PartKind[]): AgentWatch | undefined {
    const { environment, resourceGroup, cluster } = this;
    const { autoscaling, cluster: settings, namespace } = clusterLayout(environment);
    if (!hasAlerts(environment) || settings.kind !== "aks" || autoscaling === "resources") return undefined;
    return ruleGroups(this, "alerts", {
      environment,
      resourceGroup,
      clusterName: cluster.name,
      workspaceId: this.findMetrics().id,
      namespace,
      parts,
    });
  }

  /** The workspace of managed Prometheus. */
  private findMetrics(): DataAzurermMonitorWorkspace {
    this.metrics ??= new DataAzurermMonitorWorkspace(this, "metrics", {
      name: physicalNames(this.environment).metricsWorkspace,
      resourceGroupName: this.resourceGroup.name,
    });
    return this.metrics;
  }

  /** Who answers the certificate authority in the environment's DNS zone. */
  dnsIdentity(): DnsIdentity | undefined {
    const certificates = this.environment.kubernetes?.edge?.certificates;
    if (certificates?.kind !== "acme" || certificates.dnsZone === undefined) return undefined;
    const { name, resourceGroup } = certificates.dnsZone;
    const { subscriptionId } = this.azure;
    const zoneId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/dnsZones/${name}`;
    const { identity } = this.systemIdentity(
      "cert-manager",
      "system:serviceaccount:cert-manager:cert-manager",
      { scope: zoneId, roleDefinitionName: "DNS Zone Contributor" },
    );
    return {
      clientId: identity.clientId,
      subscriptionId,
      zone: certificates.dnsZone,
    };
  }

  /** Where some agents are apps, or Keycloak is one. */
  facts(): EnvironmentFacts {
    const { environment, workloads } = this;
    const runs = runsApps(
      environment,
      workloads.map(({ platform }) => platform),
    );
    return runs ? { containerAppsDomain: this.containerAppsDomain() } : {};
  }

  /** Default domain of the environment's Container Apps. */
  private containerAppsDomain(): string {
    const names = physicalNames(this.environment);
    const existing = this.environment.containerApps?.existing;
    this.foundDomain ??= new DataAzurermContainerAppEnvironment(this, "apps", {
      name: existing?.name ?? names.containerAppsEnvironment,
      resourceGroupName: existing?.resourceGroup ?? this.resourceGroup.name,
    }).defaultDomain;
    return this.foundDomain;
  }

  private get azure() {
    return azureSettings(this.environment);
  }

  private findSecrets(workloads: readonly AgentWorkload[], resourceGroupName: string): IKeyVaultSecrets {
    const { environment } = this;
    const { vault } = environment;
    // Of these it asks for those that the environment's stack has written.
    const written = [
      ...Object.values(ownSecrets),
      ...fleetCallers(workloads, environment).map(({ name }) => clientSecretName(name)),
    ].map((name) => this.writtenSecret(name));
    if (vault.kind === "existing-key-vault") {
      return KeyVaultSecrets.fromExisting(this, "secrets", {
        name: vault.name,
        resourceGroupName: vault.resourceGroup,
        secrets: [...vault.secrets, ...written],
        writtenPrefix: this.writtenSecret(""),
      });
    }
    return KeyVaultSecrets.fromExisting(this, "secrets", {
      name: physicalNames(environment).keyVault,
      resourceGroupName,
      secrets: [...secretsOf(workloads, environment), ...written],
    });
  }

  /** Who signs callers' tokens: registrations and clients are made by the environment's stack. */
  private issuer(): IAgentDependency<AzureIdentity>[] {
    const { environment, workloads, secrets, guard } = this;
    const { identityProvider, tenant } = environment;
    const trusted = trustedIssuer(environment);
    if (trusted !== undefined) return [trusted];
    if (identityProvider?.kind === "entra") {
      new AzureadProvider(this, "azuread", { tenantId: guard.pass(tenant) });
      const props = { workloads, settings: environment, tenantId: tenant };
      return [EntraIdentityProvider.fromExisting(this, "issuer", props)];
    }
    if (keycloakOf(environment) === undefined) return [];
    const domain = this.containerAppsDomain();
    const known = tokenIssuer(environment, domain)?.keycloak;
    if (known === null || known === undefined) return [];
    const issuer = { realm: known.realm, publicUrl: known.url, internalUrl: keycloakUrl(domain) };
    const keycloak = KeycloakIdentityProvider.fromExisting({
      issuer,
      workloads,
      settings: environment,
      secrets,
    });
    return [withEgress(keycloak, { cidr: appsRange(environment) ?? "0.0.0.0/0", port: 443 })];
  }

  /** A collector beside the agents, by an identity that reads the one secret that it needs. */
  private telemetry(place: ClusterPlace): IAgentDependency<unknown> {
    const { environment, secrets } = this;
    const { existingEndpoint, endpointCidr: cidr, sampleRatio, collectorImage } = environment.telemetry ?? {};
    if (existingEndpoint !== undefined) {
      return TelemetryCollector.fromExisting({ endpoint: existingEndpoint, sampleRatio, cidr });
    }
    const scope = new Construct(this, "telemetry");
    const identities = this.identities(place);
    const identity = identities.create(scope, CLUSTER_COLLECTOR);
    const connection = secrets.secret(this.writtenSecret(ownSecrets.applicationInsights));
    const grant = grantSecret(scope, connection, identity);
    const pod = identities.bind(scope, CLUSTER_COLLECTOR, identity, [
      secretReference(secrets, connection, "APPLICATIONINSIGHTS_CONNECTION_STRING"),
    ]);
    return new ClusterCollector(scope, "collector", {
      namespace: place.namespace,
      pod,
      exporter: azureMonitorExporter,
      // Application Insights, wherever its addresses are: policies know no names.
      egress: [{ cidr: "0.0.0.0/0", port: 443 }],
      temporality: "delta",
      dependsOn: [...place.readyAfter, ...waitForGrants(scope, [grant, ...pod.settling])],
      image: collectorImage,
      sampling: traceSampling(
        this.workloads.filter(({ platform }) => isInCluster(platform)),
        sampleRatio,
      ),
      highAvailability: safeguards(environment).highAvailability,
    });
  }

  /** Name of a secret that the environment's stack wrote. */
  private writtenSecret(name: string): string {
    const shared = this.environment.vault.kind === "existing-key-vault";
    return shared ? physicalNames(this.environment).writtenSecret(name) : name;
  }

  private taskStore(): IAgentDependency<AzureIdentity>[] {
    const { environment, secrets, azure } = this;
    const settings = environment.taskStore;
    const name = physicalNames(environment).managedRedis;
    if (isExistingRedis(settings)) return [RedisTaskStore.fromExisting({ ...settings, secrets })];
    if (isExistingPostgres(settings)) return [PostgresTaskStore.fromExisting(settings, secrets)];
    if (settings.kind === "azure-postgres") return [this.taskDatabase()];
    if (!isAzureRedis(settings)) return [];
    // From its name, not looked up: a data source would read the store's keys into this stack's state.
    const { host, port } =
      settings.kind === "managed-redis"
        ? { host: `${name}.${azure.location}.redis.azure.net`, port: 10000 }
        : { host: `${name}.redis.cache.windows.net`, port: 6380 };
    return [
      RedisTaskStore.fromExisting({
        host,
        port,
        secrets,
        urlSecret: this.writtenSecret(ownSecrets.taskStoreUrl),
        passwordSecret: this.writtenSecret(ownSecrets.taskStoreKey),
        cidr: endpointRange(environment),
      }),
    ];
  }

  /** The server that the environment's stack made, by its name; databases and logins are the agents' own. */
  private taskDatabase(): IAgentDependency<AzureIdentity> {
    const { environment, resourceGroup, azure } = this;
    const name = physicalNames(environment).taskDatabase;
    return PostgresTaskStore.fromServer({
      name,
      id:
        `/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup.name}` +
        `/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`,
      resourceGroupName: resourceGroup.name,
      tenantId: environment.tenant,
      egress: [{ cidr: networkRange(environment, "postgres"), port: 5432 }],
    });
  }

  /** A managed identity for something of the cluster's own, by the service account that it runs under. */
  private systemIdentity(
    name: string,
    subject: string,
    grant: { readonly scope: string; readonly roleDefinitionName: string },
  ): { readonly identity: AzureIdentity; readonly ready: readonly ITerraformDependable[] } {
    const { resourceGroup, cluster, environment } = this;
    const place = new Construct(this, name);
    const identity = createAzureIdentity(place, "identity", {
      resourceGroup,
      name: physicalNames(environment).agentIdentity(name),
    });
    const federation = new FederatedIdentityCredential(place, "federation", {
      name,
      resourceGroupName: resourceGroup.name,
      parentId: identity.id,
      issuer: cluster.oidcIssuerUrl,
      subject,
      audience: ["api://AzureADTokenExchange"],
    });
    const role = new RoleAssignment(place, "role", {
      ...grant,
      principalId: identity.principalId,
      principalType: "ServicePrincipal",
    });
    return { identity, ready: waitForGrants(place, [role, federation]) };
  }
}

/** A dependency that pods have to be let out to, at an address that only the network's layout knows. */
function withEgress<I>(dependency: IAgentDependency<I>, place: EgressDestination): IAgentDependency<I> {
  return {
    dependencyName: dependency.dependencyName,
    bind: (scope, workload, identity) => {
      const binding = dependency.bind(scope, workload, identity);
      return { ...binding, egress: [...(binding.egress ?? []), place] };
    },
  };
}

/** What is around an AKS cluster. */
export const surroundAks: Surround = (scope, props, use) => use(new AzureCluster(scope, "azure", props));
