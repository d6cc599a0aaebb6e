import { Construct } from "constructs";
import type { Environment } from "../src/environment/environment";
import type { PrometheusSource } from "../src/platforms/kubernetes/agent-scaler";
import { clusterLayout } from "../src/platforms/kubernetes/cluster-layout";
import type { IPodIdentities } from "../src/platforms/kubernetes/pod-identity";
import {
  type ServiceAccountIdentity,
  serviceAccountIdentities,
} from "../src/platforms/kubernetes/service-account-identities";
import type { IAgentDependency } from "../src/shared/agent-dependency";
import { clusterSecrets } from "../src/shared/cluster-secrets";
import { contextProviders } from "./cluster-providers";
import type { ClusterPlace, IClusterSurroundings } from "./cluster-surroundings";

/** A cluster without a cloud around it: kind, bare metal, or a cloud that the fleet knows nothing of. */
export class PlainCluster extends Construct implements IClusterSurroundings<ServiceAccountIdentity> {
  readonly pullSecrets: readonly string[];
  private readonly environment: Environment;

  constructor(scope: Construct, id: string, { environment }: { readonly environment: Environment }) {
    super(scope, id);
    this.environment = environment;
    const { cluster } = clusterLayout(environment);
    if (cluster.kind !== "existing") {
      throw new Error(
        `environment '${environment.name}' has a cluster of kind '${cluster.kind}', which is not a plain one`,
      );
    }
    contextProviders(this, cluster.context);
    const { registry } = environment;
    this.pullSecrets = registry.kind === "other" ? [registry.passwordSecret] : [];
  }

  identities({ namespace }: ClusterPlace): IPodIdentities<ServiceAccountIdentity> {
    return serviceAccountIdentities(namespace);
  }

  dependencies(): readonly IAgentDependency<unknown>[] {
    const { vault } = this.environment;
    return vault.kind === "kubernetes" ? [clusterSecrets(vault.secrets)] : [];
  }

  prometheus(): PrometheusSource | undefined {
    const url = this.environment.kubernetes?.prometheusUrl;
    return url === undefined ? undefined : { url, authentication: null };
  }

  dnsIdentity(): undefined {
    return undefined;
  }
}
