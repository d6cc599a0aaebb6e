import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { Construct } from "constructs";
import type { AgentWorkload } from "../src/agent/agent-workload";
import type { Environment } from "../src/environment/environment";
import { keycloakInCluster } from "../src/environment/runs-kubernetes";
import { safeguards } from "../src/environment/safeguards";
import type { ClusterRedis } from "../src/environment/task-store-settings";
import { keycloakBelow } from "../src/environment/token-issuer";
import type { PrometheusSource } from "../src/platforms/kubernetes/agent-scaler";
import { clusterLayout } from "../src/platforms/kubernetes/cluster-layout";
import type { IPodIdentities } from "../src/platforms/kubernetes/pod-identity";
import {
  type ServiceAccountIdentity,
  serviceAccountIdentities,
} from "../src/platforms/kubernetes/service-account-identities";
import type { IAgentDependency } from "../src/shared/agent-dependency";
import { ClusterBackups } from "../src/shared/cluster-backups";
import { ClusterKeycloak } from "../src/shared/cluster-keycloak";
import { ClusterRedisTaskStore } from "../src/shared/cluster-redis-task-store";
import { clusterSecrets } from "../src/shared/cluster-secrets";
import { existingIdentityProvider } from "../src/shared/identity-provider";
import { contextProviders } from "./cluster-providers";
import type { ClusterPlace, IClusterSurroundings } from "./cluster-surroundings";
import { timeProvider } from "./providers";

export interface PlainClusterProps {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
}

/** A cluster without a cloud around it: kind, bare metal, or a cloud that the fleet knows nothing of. */
export class PlainCluster extends Construct implements IClusterSurroundings<ServiceAccountIdentity> {
  readonly pullSecrets: readonly string[];
  private readonly environment: Environment;
  private readonly workloads: readonly AgentWorkload[];

  constructor(scope: Construct, id: string, { environment, workloads }: PlainClusterProps) {
    super(scope, id);
    this.environment = environment;
    this.workloads = workloads;
    const { cluster } = clusterLayout(environment);
    if (cluster.kind !== "existing") {
      throw new Error(
        `environment '${environment.name}' has a cluster of kind '${cluster.kind}', which is not a plain one`,
      );
    }
    contextProviders(this, cluster.context);
    new RandomProvider(this, "random");
    if (keycloakInCluster(environment)) timeProvider(this);
    const { registry } = environment;
    this.pullSecrets = registry.kind === "other" ? [registry.passwordSecret] : [];
  }

  identities({ namespace }: ClusterPlace): IPodIdentities<ServiceAccountIdentity> {
    return serviceAccountIdentities(namespace);
  }

  dependencies(place: ClusterPlace): readonly IAgentDependency<ServiceAccountIdentity>[] {
    const { vault, taskStore } = this.environment;
    return [
      ...(vault.kind === "kubernetes" ? [clusterSecrets(vault.secrets)] : []),
      ...(taskStore.kind === "cluster-redis" ? [this.taskStore(place, taskStore)] : []),
      ...this.identityProvider(place),
    ];
  }

  /** Who signs callers' tokens. */
  private identityProvider({
    namespace,
    readyAfter,
    edgeAfter,
  }: ClusterPlace): IAgentDependency<ServiceAccountIdentity>[] {
    const { environment, workloads } = this;
    const { identityProvider } = environment;
    const { deletionProtection } = safeguards(environment);
    if (identityProvider?.kind === "existing") return [existingIdentityProvider];
    if (identityProvider?.kind !== "keycloak" || !keycloakInCluster(environment)) return [];
    const { mode, database, optimizedImage, keyLifetimeDays } = identityProvider;
    const { edgeHost, edgeNamespace, scraperNamespace, autoscaling } = clusterLayout(environment);
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
          // Its kind is where a source of metrics was chosen, as for the agents.
          podMonitorApiVersion: autoscaling === "resources" ? undefined : "monitoring.coreos.com/v1",
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
