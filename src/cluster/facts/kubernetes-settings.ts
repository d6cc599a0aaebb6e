import type { BackupSettings } from "./backup-settings";

/** Kubernetes in an environment. */
export interface KubernetesSettings {
  /**
   * Namespace of the agents. It is the environment's own: created with it, and deleted with it.
   *
   * @default "agents"
   */
  readonly namespace?: string;

  /** @default - AKS where the environment has an Azure side, with the defaults of `AksSettings` */
  readonly cluster?: ClusterSettings;

  /**
   * Where every scaler of the environment gets its figures from: KEDA, the metrics adapter in front of Prometheus, or
   * the resource metrics that every cluster has. One source, because two scalers on one Deployment fight each other.
   *
   * @default - "keda" on AKS, which brings it; "resources" elsewhere
   */
  readonly autoscaling?: AutoscalingSource;

  /**
   * How agents are reached from outside of the cluster.
   *
   * @default - not at all: agents whose reach is wider than `environment` are refused
   */
  readonly edge?: EdgeSettings;

  /**
   * User and group number that the agents' containers run as. Numbers, because Kubernetes cannot tell whether an
   * image's named user is root, and refuses to start it.
   *
   * @default 1000
   */
  readonly runAsUser?: number;

  /**
   * Where the cluster's API server is, as pods reach it: agents that find their peers by label are let out to it.
   *
   * @default - on AKS the nodes' subnet (private) or public addresses, on port 443; elsewhere private addresses, on 6443
   */
  readonly apiServer?: { readonly cidr: string; readonly port: number };

  /**
   * Prometheus that KEDA asks for the agents' metrics.
   *
   * @default - the environment's Azure Monitor workspace on AKS
   */
  readonly prometheusUrl?: string;

  /**
   * Backups of what the cluster itself keeps (`taskStore` of kind `cluster-redis`).
   *
   * @default - none: refused in production where the cluster keeps the tasks
   */
  readonly backups?: BackupSettings;
}

/** Where scalers read. */
export type AutoscalingSource = "keda" | "metrics-adapter" | "resources";

/** The cluster that an environment's agents run in. */
export type ClusterSettings = AksSettings | ExistingAks | ExistingCluster;

/** An AKS cluster of the environment's own. */
export interface AksSettings {
  readonly kind: "aks";
  /**
   * Minor version; patches come by themselves in the maintenance window.
   *
   * @default "1.35"
   */
  readonly version?: string;
  /**
   * Who reaches the API server. A private one is reached from the network only, by the runner too.
   *
   * @default - private
   */
  readonly apiServer?:
    | { readonly access: "private" }
    | { readonly access: "public"; readonly allowedRanges: readonly string[] };
  /** Nodes of the system. @default - Standard_D2ds_v5, 2 to 3 of them (3 to 6 where the environment is highly available) */
  readonly systemNodes?: NodePoolSettings;
  /** Nodes of the agents. @default - Standard_D4ds_v5, 1 to 5 of them (3 to 12 where the environment is highly available) */
  readonly agentNodes?: NodePoolSettings;
  /**
   * When patches and node images may be rolled out: a weekly window of four hours, UTC.
   *
   * @default - Sunday, 02:00
   */
  readonly maintenance?: { readonly dayOfWeek: DayOfWeek; readonly startTime: string };
  /** How `kubelogin` logs in on the machine that deploys. @default "azurecli" */
  readonly login?: ClusterLoginMethod;
}

/** Ways of `kubelogin` that need no secret. @see https://azure.github.io/kubelogin/concepts/login-modes.html */
export type ClusterLoginMethod = "azurecli" | "workloadidentity" | "msi";

/** Nodes of one kind. */
export interface NodePoolSettings {
  /** Size of the virtual machines, as Azure writes it. */
  readonly vmSize?: string;
  readonly minNodes?: number;
  readonly maxNodes?: number;
}

export type DayOfWeek = "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";

/** An AKS cluster that somebody else runs: workload identity, Key Vault add-on and network policies must be on. */
export interface ExistingAks {
  readonly kind: "existing-aks";
  readonly name: string;
  readonly resourceGroup: string;
  /** How `kubelogin` logs in on the machine that deploys. @default "azurecli" */
  readonly login?: ClusterLoginMethod;
}

/** Any Kubernetes, reached through a context of the runner's kubeconfig. No cloud around it is needed. */
export interface ExistingCluster {
  readonly kind: "existing";
  /** Name of the context. */
  readonly context: string;
}

/** The way in from outside of the cluster. */
export type EdgeSettings = GatewayApiEdge | NginxEdge;

/**
 * An address of the network for an edge behind API Management, instead of one on the internet.
 */
export interface InternalAddressSettings {
  /** Name of the subnet. */
  readonly subnet: string;
  readonly address: string;
  /** Ranges that get through: the gateway's subnet. */
  readonly allowedRanges: readonly string[];
}

/** Gateway API, with Envoy Gateway as its controller. */
export interface GatewayApiEdge {
  readonly kind: "gateway-api";
  /** @default - the class of the controller that the fleet installs */
  readonly gatewayClass?: string;
  /** Namespace of the proxies: the only one that network policies let in. @default - that controller's */
  readonly namespace?: string;
  readonly certificates: CertificateSettings;
  /** @default - behind a gateway, one in the environment's own network; otherwise one on the internet */
  readonly internalAddress?: InternalAddressSettings;
}

/** Ingress with nginx, the legacy way. */
export interface NginxEdge {
  readonly kind: "nginx";
  /** `ingress-nginx` is the retired community controller, `app-routing` the one that AKS patches through November 2026. */
  readonly controller: "ingress-nginx" | "app-routing";
  /** Namespace of the controller. @default - "ingress-nginx", or "app-routing-system" */
  readonly namespace?: string;
  readonly certificates: CertificateSettings;
  /** @default - behind a gateway, one in the environment's own network; otherwise one on the internet */
  readonly internalAddress?: InternalAddressSettings;
  /**
   * Whether responses are held back until they end. Event streams do not survive it.
   *
   * @default false
   */
  readonly buffering?: boolean;
  /**
   * Why production still depends on a controller that gets no more fixes, and until when (`YYYY-MM-DD`).
   *
   * @default - none: refused in production
   */
  readonly exception?: { readonly reason: string; readonly until: string };
}

/** Who issues the edge's certificates; cert-manager asks for them. */
export type CertificateSettings =
  /** Let's Encrypt, or another ACME authority. */
  | {
      readonly kind: "acme";
      readonly email: string;
      /** @default "https://acme-v02.api.letsencrypt.org/directory" */
      readonly server?: string;
      /**
       * Public Azure DNS zone in which the authority finds the answer: needed where the edge is not on the internet.
       *
       * @default - the authority asks the edge itself (HTTP-01)
       */
      readonly dnsZone?: { readonly name: string; readonly resourceGroup: string };
    }
  /** A ClusterIssuer that exists. */
  | { readonly kind: "issuer"; readonly name: string };
