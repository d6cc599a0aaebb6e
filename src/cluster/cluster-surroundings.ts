import type { ITerraformDependable } from "cdktf";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { PrometheusSource } from "./agent/agent-scaler";
import type { IPodIdentities } from "./agent/pod-identity";
import type { DnsIdentity } from "./cluster-edge";

/** What is around the agents of a cluster: a cloud, or nothing but the cluster itself. */
export interface IClusterSurroundings<I> {
  /** Identities of the pods in a namespace. */
  readonly identities: (place: ClusterPlace) => IPodIdentities<I>;
  /** What the agents lean on. */
  readonly dependencies: (place: ClusterPlace) => readonly IAgentDependency<I>[];
  /** Where KEDA reads the agents' metrics. */
  readonly prometheus: (place: ClusterPlace) => PrometheusSource | undefined;
  /** Who answers certificate authorities in a DNS zone. */
  readonly dnsIdentity: () => DnsIdentity | undefined;
  /** Names of the Secrets that pull images; none where the nodes pull by their own identity. */
  readonly pullSecrets: readonly string[];
}

/** A namespace, and what has to be there before something is made in it. */
export interface ClusterPlace {
  readonly namespace: string;
  readonly readyAfter: readonly ITerraformDependable[];
  /** What certificates there wait for: cert-manager. Empty where the cluster has one. */
  readonly certificatesAfter: readonly ITerraformDependable[];
  /** What routes from outside wait for: the edge. Empty where there is none. */
  readonly edgeAfter: readonly ITerraformDependable[];
}
