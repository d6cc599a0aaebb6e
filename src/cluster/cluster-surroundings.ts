import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { AgentWatch } from "../parts/agent-host";
import type { PlaceholderGuard } from "../parts/placeholder-guard";
import type { PrometheusSource } from "./agent/agent-scaler";
import type { IPodIdentities } from "./agent/pod-identity";
import type { DnsIdentity } from "./cluster-edge";
import type { InternalAddressSettings } from "./facts/edge-traits";

/** What is around the agents of a cluster: a cloud, or nothing but the cluster itself. */
export interface IClusterSurroundings<I> {
  /** What only the environment's own stack knows, looked up from here. */
  readonly facts: () => EnvironmentFacts;
  /** Address of the edge in the network; undefined where it is on the internet. */
  readonly edgeAddress: InternalAddressSettings | undefined;
  /** Identities of the pods in a namespace. */
  readonly identities: (place: ClusterPlace) => IPodIdentities<I>;
  /** What the agents lean on. */
  readonly dependencies: (place: ClusterPlace) => readonly IAgentDependency<I>[];
  /** Where KEDA reads the agents' metrics. */
  readonly prometheus: (place: ClusterPlace) => PrometheusSource | undefined;
  /** What watches agents where it is not the cluster's own Prometheus. @default - that does, where it is there */
  readonly watch?: (place: ClusterPlace) => AgentWatch | undefined;
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

/** What surroundings are made from. */
export interface SurroundingsProps {
  readonly environment: Environment;
  /** All of the environment's agents, wherever they run. */
  readonly workloads: readonly AgentWorkload[];
  readonly guard: PlaceholderGuard;
}

/** Makes the surroundings of a cluster and hands them on, whatever the identities of its pods are. */
export type Surround = (
  scope: Construct,
  props: SurroundingsProps,
  use: <I>(surroundings: IClusterSurroundings<I>) => void,
) => void;
