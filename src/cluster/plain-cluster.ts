import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import { clusterLayout } from "../choices/clusters";
import { isInCluster } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import { isExistingPostgres } from "../environment/existing-postgres";
import { isExistingRedis } from "../environment/existing-redis";
import { isOtherRegistry } from "../environment/other-registry";
import { safeguards } from "../environment/safeguards";
import type { TelemetrySettings } from "../environment/telemetry-settings";
import { trustedIssuer } from "../identity/identity-provider";
import { keycloakBelow } from "../identity/keycloak/keycloak-issuer";
import { keycloakOf } from "../identity/keycloak/keycloak-settings";
import type { IAgentDependency } from "../parts/agent-dependency";
import { existingCollector } from "../parts/existing-collector";
import { timeProvider } from "../parts/keep-state";
import { traceSampling } from "../parts/trace-sampling";
import { wayTo } from "../parts/way-to";
import type { PrometheusSource } from "./agent/agent-scaler";
import type { IPodIdentities } from "./agent/pod-identity";
import { type ServiceAccountIdentity, serviceAccountIdentities } from "./agent/service-account-identities";
import { ClusterBackups } from "./backups/cluster-backups";
import { CLUSTER_COLLECTOR, ClusterCollector } from "./cluster-collector";
import { clusterExistingPostgres } from "./cluster-existing-postgres";
import { ClusterKeycloak } from "./cluster-keycloak";
import { clusterModelGateway } from "./cluster-model-gateway";
import { ClusterRedisTaskStore } from "./cluster-redis-task-store";
import { clusterSecrets } from "./cluster-secrets";
import type { ClusterPlace, IClusterSurroundings, Surround, SurroundingsProps } from "./cluster-surroundings";
import { contextProviders } from "./context-providers";
import { existingRedisStore } from "./existing-redis-store";
import type { ClusterRedis } from "./facts/cluster-redis";
import type { InternalAddressSettings } from "./facts/edge-traits";
import { plainClusterOf } from "./facts/existing-cluster";
import { keycloakInCluster } from "./facts/runs-kubernetes";
import { otlpExporter } from "./otlp-exporter";

/** A cluster without a cloud around it: kind, bare metal, or a cloud that the fleet knows nothing of. */
export class PlainCluster extends Construct implements IClusterSurroundings<ServiceAccountIdentity> {
  readonly pullSecrets: readonly string[];
  readonly edgeAddress: InternalAddressSettings | undefined;
  private readonly environment: Environment;
  private readonly workloads: readonly AgentWorkload[];

  constructor(scope: Construct, id: string, { environment, workloads }: SurroundingsProps) {
    super(scope, id);
    this.environment = environment;
    this.workloads = workloads;
    const cluster = plainClusterOf(environment.name, clusterLayout(environment).cluster);
    contextProviders(this, cluster.context);
    new RandomProvider(this, "random");
    if (keycloakInCluster(environment)) timeProvider(this);
    const { registry } = environment;
    this.pullSecrets = isOtherRegistry(registry) ? [registry.passwordSecret] : [];
    this.edgeAddress = environment.kubernetes?.edge?.internalAddress;
  }

  facts(): EnvironmentFacts {
    return {};
  }

  identities({ namespace }: ClusterPlace): IPodIdentities<ServiceAccountIdentity> {
    return serviceAccountIdentities(namespace);
  }

  dependencies(place: ClusterPlace): readonly IAgentDependency<ServiceAccountIdentity>[] {
    const { vault, taskStore, telemetry, modelGateway } = this.environment;
    return [
      ...(vault.kind === "kubernetes" ? [clusterSecrets(vault.secrets)] : []),
      ...(taskStore.kind === "cluster-redis" ? [this.taskStore(place, taskStore)] : []),
      ...(isExistingRedis(taskStore) ? [existingRedisStore(taskStore)] : []),
      ...(isExistingPostgres(taskStore) ? [clusterExistingPostgres(taskStore)] : []),
      ...(telemetry === undefined ? [] : this.telemetry(place, telemetry)),
      ...(modelGateway === undefined ? [] : [clusterModelGateway(modelGateway)]),
      ...this.identityProvider(place),
    ];
  }

  /** Where agents send their traces: a collector that exists, or one beside them that hands on. */
  private telemetry(
    { namespace, readyAfter }: ClusterPlace,
    { existingEndpoint: endpoint, endpointCidr, sampleRatio, forwardTo, collectorImage }: TelemetrySettings,
  ): IAgentDependency<ServiceAccountIdentity>[] {
    const { environment, workloads } = this;
    if (endpoint !== undefined) return [existingCollector({ endpoint, sampleRatio, cidr: endpointCidr })];
    if (forwardTo === undefined) return [];
    const scope = new Construct(this, "telemetry");
    const identities = serviceAccountIdentities(namespace);
    const { exporter, secrets } = otlpExporter(forwardTo);
    const identity = identities.create(scope, CLUSTER_COLLECTOR);
    return [
      new ClusterCollector(scope, "collector", {
        namespace,
        pod: identities.bind(scope, CLUSTER_COLLECTOR, identity, secrets),
        exporter,
        egress: wayTo(forwardTo.endpoint, forwardTo.cidr),
        takesMetrics: forwardTo.metrics,
        image: collectorImage,
        sampling: traceSampling(
          workloads.filter(({ platform }) => isInCluster(platform)),
          sampleRatio,
        ),
        highAvailability: safeguards(environment).highAvailability,
        dependsOn: readyAfter,
      }),
    ];
  }

  /** Who signs callers' tokens. */
  private identityProvider({
    namespace,
    readyAfter,
    edgeAfter,
  }: ClusterPlace): IAgentDependency<ServiceAccountIdentity>[] {
    const { environment, workloads } = this;
    const { deletionProtection } = safeguards(environment);
    const trusted = trustedIssuer(environment);
    const settings = keycloakOf(environment);
    if (trusted !== undefined) return [trusted];
    if (settings === undefined || !keycloakInCluster(environment)) return [];
    const { mode, database, optimizedImage, keyLifetimeDays } = settings;
    const { edgeHost, edgeNamespace, scraperNamespace, podMonitors, podMonitorApiVersion } =
      clusterLayout(environment);
    if (mode !== "development" && database === undefined) {
      throw new Error(
        `environment '${environment.name}': Keycloak keeps its data in a Postgres, and identityProvider.database names none`,
      );
    }
    return [
      new ClusterKeycloak(this, "keycloak", {
        namespace,
        workloads,
        settings: environment,
        publicUrl: keycloakBelow(edgeHost),
        edgeNamespace,
        scraper: {
          namespace: scraperNamespace,
          podMonitorApiVersion: podMonitors ? podMonitorApiVersion : undefined,
        },
        database: mode === "development" || database === undefined ? "development" : database,
        optimizedImage,
        keyLifetimeDays,
        deletionProtection,
        dependsOn: readyAfter,
        edgeAfter,
      }),
    ];
  }

  /** Redis in the cluster, with its backups. */
  private taskStore(
    { namespace, readyAfter, certificatesAfter }: ClusterPlace,
    { storageGiB }: ClusterRedis,
  ): ClusterRedisTaskStore {
    const { kubernetes } = this.environment;
    const store = new ClusterRedisTaskStore(this, "task-store", {
      namespace,
      agents: this.workloads.filter(({ platform }) => platform === "kubernetes"),
      storageGiB,
      deletionProtection: safeguards(this.environment).deletionProtection,
      dependsOn: [...readyAfter, ...certificatesAfter],
    });
    if (kubernetes?.backups !== undefined) {
      new ClusterBackups(this, "backups", {
        namespace,
        name: store.name,
        source: { kind: "redis", store },
        settings: kubernetes.backups,
        configuration: { "fleet.json": this.fleetInWords() },
        dependsOn: readyAfter,
      });
    }
    return store;
  }

  /** What runs, for whoever restores: which versions a backup belongs to. */
  private fleetInWords(): string {
    const agents = this.workloads.map(({ name, version, image, route }) => ({
      name,
      version,
      image,
      url: route.publicUrl,
    }));
    return JSON.stringify({ environment: this.environment.name, agents }, null, 2);
  }

  prometheus(): PrometheusSource | undefined {
    const url = this.environment.kubernetes?.prometheusUrl;
    return url === undefined ? undefined : { url, authentication: null };
  }

  dnsIdentity(): undefined {
    return undefined;
  }
}

/** What is around a cluster without a cloud. */
export const surroundPlainCluster: Surround = (scope, props, use) =>
  use(new PlainCluster(scope, "plain", props));
