import { traitsIn } from "../../environment/choice-traits";
import type { ClusterSettings, Environment } from "../../environment/environment";
import type { AddressRange, ClusterTraits, PodMonitorApiVersion } from "./cluster-traits";
import { edgeHost } from "./edge-host";
import { edgeTraits } from "./edges";
import type { AutoscalingSource } from "./kubernetes-settings";

/** What stands where in an environment's cluster: who writes network policies, edges and releases agrees through it. */
export interface ClusterLayout {
  readonly cluster: ClusterSettings;
  /** What is known of such a cluster. */
  readonly traits: ClusterTraits<ClusterSettings>;
  readonly namespace: string;
  readonly autoscaling: AutoscalingSource;
  /** Namespace of the proxies that let callers in from outside. */
  readonly edgeNamespace: string;
  /** GatewayClass of the edge. */
  readonly gatewayClass: string;
  /** Host name of all agents that are reached from outside: each is a path below it. */
  readonly edgeHost: string;
  /** Namespace of what scrapes metrics. */
  readonly scraperNamespace: string;
  /** Whether a PodMonitor leads Prometheus to the agents. */
  readonly podMonitors: boolean;
  /** API group of PodMonitor. */
  readonly podMonitorApiVersion: PodMonitorApiVersion;
  readonly apiServer: readonly AddressRange[];
  readonly runAsUser: number;
}

/** Name of the Gateway that all HTTPRoutes attach to. */
export const EDGE_GATEWAY = "agents";

/** Address ranges that are not the internet. @see https://www.rfc-editor.org/rfc/rfc6890 */
export const PRIVATE_RANGES = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
] as const;

/** Namespace of the proxies of the controller that the fleet installs. */
const OWN_EDGE_NAMESPACE = "envoy-gateway-system";

/** GatewayClass of that controller. */
const OWN_GATEWAY_CLASS = "envoy";

/**
 * Decides what an environment leaves open about its cluster.
 *
 * @param clusters every kind of cluster; the first that is one for an environment that names none is its cluster
 */
export function layOutCluster(
  environment: Environment,
  clusters: readonly ClusterTraits<ClusterSettings>[],
): ClusterLayout {
  const settings = environment.kubernetes ?? {};
  const cluster = settings.cluster ?? clusterUnlessNamed(environment, clusters);
  const traits = traitsIn(clusters, cluster.kind);
  const { edge } = settings;
  const autoscaling = settings.autoscaling ?? traits.autoscaling;
  // AKS has the kind where the fleet makes a Prometheus with it, which is where scalers read one.
  const ofItself = traits.scraper.knowsPodMonitors === true && autoscaling !== "resources";
  return {
    cluster,
    traits,
    namespace: settings.namespace ?? "agents",
    autoscaling,
    edgeNamespace: edge === undefined ? OWN_EDGE_NAMESPACE : edgeTraits(edge).namespace(edge),
    gatewayClass: (edge === undefined ? undefined : edgeTraits(edge).gatewayClass(edge)) ?? OWN_GATEWAY_CLASS,
    edgeHost: edgeHost(environment),
    scraperNamespace: traits.scraper.namespace,
    podMonitors: settings.prometheusOperator ?? ofItself,
    podMonitorApiVersion: traits.scraper.apiVersion,
    apiServer:
      settings.apiServer === undefined ? traits.apiServer(cluster, environment) : [settings.apiServer],
    runAsUser: settings.runAsUser ?? 1000,
  };
}

/** Whether a Prometheus of the cluster takes the fleet's alerts. */
export function takesAlerts({ podMonitors, podMonitorApiVersion, traits }: ClusterLayout): boolean {
  return podMonitors && (podMonitorApiVersion === "monitoring.coreos.com/v1" || traits.bringsPrometheus);
}

function clusterUnlessNamed(
  environment: Environment,
  clusters: readonly ClusterTraits<ClusterSettings>[],
): ClusterSettings {
  const [cluster] = clusters.flatMap((traits) => traits.unlessNamed(environment) ?? []);
  if (cluster !== undefined) return cluster;
  throw new Error(`environment '${environment.name}' names no cluster; set kubernetes.cluster`);
}
