import type { Hop } from "../../agent/agent-route";
import type { ChoiceTraits, Kinded } from "../../environment/choice-traits";
import type { CloudTraits, Place } from "../../environment/cloud-traits";
import type { Environment } from "../../environment/environment";
import type { InternalAddressSettings } from "./edge-traits";
import type { AutoscalingSource } from "./kubernetes-settings";

/** What has to be known of a kind of cluster, by everybody who runs something in it. */
export interface ClusterTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** For messages: `an AKS cluster`. */
  readonly title: string;
  /** Cloud around it, whose identities its pods get; null where there is none. */
  readonly cloud: CloudTraits | null;
  /** What the cloud puts in front of an edge; null where nothing is known of it. */
  readonly loadBalancer: ClusterLoadBalancer | null;
  /** Where scalers get their figures unless the environment says otherwise. */
  readonly autoscaling: AutoscalingSource;
  readonly bringsKeda: boolean;
  /** Whether the fleet makes a Prometheus with it that scalers read. */
  readonly bringsPrometheus: boolean;
  /** What reads the metrics of pods: where it runs, and the API group of its PodMonitors. */
  readonly scraper: {
    readonly namespace: string;
    readonly apiVersion: PodMonitorApiVersion;
    /** Whether the kind PodMonitor is there; null where nobody knows but the cluster's owner. */
    readonly knowsPodMonitors: true | null;
  };
  /**
   * Whether its owner keeps Secrets beside the agents. The agents' namespace then comes with the environment's own
   * stack, so that they are in it before anything waits for them; elsewhere it comes with what runs in it.
   */
  readonly ownersSecrets: boolean;
  /** Where a shared task store can be, besides anywhere. */
  readonly place: Place;
  readonly vault: UsablePart;
  readonly registry: UsablePart;
  /** The cluster of an environment that names none, or undefined where this is no kind for it. */
  unlessNamed(environment: Environment): Settings | undefined;
  /** What the largest agent can have: a node's size, where it is known. */
  node(settings: Settings): NodeSize | null;
  /** Where its API server is for pods. Policies see its own address, after the service address was translated. */
  apiServer(settings: Settings, environment: Environment): readonly AddressRange[];
}

/** What a node has. */
export interface NodeSize {
  /** As its vendor calls it. */
  readonly name: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** What is left of it for pods. The system's own on each node want some of that. */
  readonly forPods: { readonly cores: number; readonly memoryMiB: number };
  /** Setting that chooses it. */
  readonly setting: string;
}

/** Addresses, and the port on them. */
export interface AddressRange {
  readonly cidr: string;
  readonly port: number;
}

/** The load balancer that a cloud puts in front of an edge. */
export interface ClusterLoadBalancer {
  readonly hop: Hop;
  /** What makes it for a Service, on the internet or with an address of the network. */
  readonly annotations: (address: InternalAddressSettings | undefined) => Readonly<Record<string, string>>;
}

/** Which vaults or registries a cluster can use. */
export interface UsablePart {
  readonly place: Place;
  /** How it uses them, and what to use, for messages. */
  readonly how: string;
  readonly remedy: string;
}

/** Whose PodMonitors are read in a cluster: those of Azure's managed Prometheus, or of the Prometheus operator. */
export type PodMonitorApiVersion = "azmonitoring.coreos.com/v1" | "monitoring.coreos.com/v1";
