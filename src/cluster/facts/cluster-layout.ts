import { DEFAULT_NETWORK_CIDR, type SubnetKind, subnetCidr } from "../../azure/facts/network-layout";
import type { Environment } from "../../environment/environment";
import { edgeHost } from "../../fleet/token-issuer";
import type { AutoscalingSource, ClusterSettings, InternalAddressSettings } from "./kubernetes-settings";

/** What stands where in an environment's cluster: who writes network policies, edges and releases agrees through it. */
export interface ClusterLayout {
  readonly cluster: ClusterSettings;
  /** Whether the cluster is an AKS one: its add-ons bring KEDA, the Key Vault driver and the scraper. */
  readonly onAzure: boolean;
  readonly namespace: string;
  readonly autoscaling: AutoscalingSource;
  /** Namespace of the proxies that let callers in from outside. */
  readonly edgeNamespace: string;
  /** GatewayClass of the edge. */
  readonly gatewayClass: string;
  /** Host name of all agents that are reached from outside: each is a path below it. */
  readonly edgeHost: string;
  /** Namespace of Dapr's control plane. */
  readonly meshNamespace: string;
  /** Namespace of what scrapes metrics: Azure's agent runs beside the system, Prometheus in a namespace of its own. */
  readonly scraperNamespace: string;
  /** API group of PodMonitor: Azure's managed Prometheus has a copy of the operator's. */
  readonly podMonitorApiVersion: "azmonitoring.coreos.com/v1" | "monitoring.coreos.com/v1";
  readonly apiServer: { readonly cidr: string; readonly port: number };
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

/** Decides what an environment leaves open about its cluster. */
export function clusterLayout(environment: Environment): ClusterLayout {
  const settings = environment.kubernetes ?? {};
  const cluster =
    settings.cluster ??
    (environment.azure === undefined ? { kind: "existing", context: environment.name } : { kind: "aks" });
  const onAzure = cluster.kind !== "existing";
  const { edge } = settings;
  return {
    cluster,
    onAzure,
    namespace: settings.namespace ?? "agents",
    autoscaling: settings.autoscaling ?? (onAzure ? "keda" : "resources"),
    edgeNamespace: edge?.namespace ?? edgeNamespaces[edgeController(environment)],
    gatewayClass: (edge?.kind === "gateway-api" ? edge.gatewayClass : undefined) ?? "envoy",
    edgeHost: edgeHost(environment),
    meshNamespace: "dapr-system",
    scraperNamespace: onAzure ? "kube-system" : "monitoring",
    podMonitorApiVersion: onAzure ? "azmonitoring.coreos.com/v1" : "monitoring.coreos.com/v1",
    apiServer: settings.apiServer ?? defaultApiServer(environment, cluster),
    runAsUser: settings.runAsUser ?? 1000,
  };
}

/** Name of a subnet that the fleet makes. */
function subnetName(kind: SubnetKind): string {
  return `snet-${kind}`;
}

/**
 * Address of an edge that only the gateway gets through to, or undefined where the edge is on the internet. Fixed, and
 * so known before the load balancer exists: the gateway finds it by name.
 */
export function edgeAddress(environment: Environment): InternalAddressSettings | undefined {
  const { azure, gateway, kubernetes } = environment;
  const edge = kubernetes?.edge;
  if (edge === undefined || edge.internalAddress !== undefined) return edge?.internalAddress;
  if (gateway === undefined || azure === undefined || azure.network?.kind === "existing") return undefined;
  // Its controller is somebody else's, and so is its address.
  if (edge.kind === "nginx") return undefined;
  const cidr = azure.network?.cidr ?? DEFAULT_NETWORK_CIDR;
  const [first = ""] = subnetCidr(cidr, "ingress").split("/");
  return {
    subnet: subnetName("ingress"),
    // The first addresses of a subnet are Azure's own.
    address: first.replace(/\d+$/, (octet) => String(Number(octet) + 10)),
    allowedRanges: [subnetCidr(cidr, "gateway")],
  };
}

/**
 * Where pods find what has an address in the network (the store, the vault), or undefined where these are on public ones.
 */
export function endpointRange(environment: Environment): string | undefined {
  return rangeOf(environment, "endpoints");
}

/** Where pods find apps of Container Apps that have no address on the internet. */
export function appsRange(environment: Environment): string | undefined {
  return rangeOf(environment, "apps");
}

function rangeOf({ azure }: Environment, kind: SubnetKind): string | undefined {
  if (azure === undefined) return undefined;
  const cidr = azure.network?.cidr ?? DEFAULT_NETWORK_CIDR;
  return azure.network?.kind === "existing" ? cidr : subnetCidr(cidr, kind);
}

type EdgeController = "envoy" | "ingress-nginx" | "app-routing";

const edgeNamespaces: Record<EdgeController, string> = {
  envoy: "envoy-gateway-system",
  "ingress-nginx": "ingress-nginx",
  "app-routing": "app-routing-system",
};

function edgeController({ kubernetes }: Environment): EdgeController {
  return kubernetes?.edge?.kind === "nginx" ? kubernetes.edge.controller : "envoy";
}

/** Policies see the API server's own address, after the cluster's service address was translated. */
function defaultApiServer(
  environment: Environment,
  cluster: ClusterSettings,
): { cidr: string; port: number } {
  if (cluster.kind === "existing") return { cidr: "10.0.0.0/8", port: 6443 };
  if (cluster.kind === "aks" && cluster.apiServer?.access === "public")
    return { cidr: "0.0.0.0/0", port: 443 };
  const network = environment.azure?.network;
  const cidr = network?.cidr ?? DEFAULT_NETWORK_CIDR;
  return { cidr: network?.kind === "existing" ? cidr : subnetCidr(cidr, "cluster"), port: 443 };
}
