import { z } from "zod";
import { oneOf } from "../../environment/choice-traits";
import type { ClusterSettings } from "../../environment/environment";
import { listOf } from "../../problem";
import { httpUrl, kubernetesLabel, port, whole } from "../../shapes";
import { type BackupSettings, backupsSchema } from "./backup-settings";
import { type EdgeSettings, edges } from "./edges";

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
   * Whether the cluster has the Prometheus Operator, whose PodMonitor then leads Prometheus to the agents. Without it
   * Prometheus has to find pods by their `prometheus.io/scrape` annotations. Asked where scalers read from Prometheus. The
   * operator also takes the fleet's alerts (PrometheusRule) and brings a Grafana that finds its dashboard.
   *
   * @default - true on AKS with a Prometheus for its scalers, which has a copy of the kind; elsewhere it has to be said
   */
  readonly prometheusOperator?: boolean;

  /**
   * Backups of what the cluster itself keeps (`taskStore` of kind `cluster-redis`).
   *
   * @default - none: refused in production where the cluster keeps the tasks
   */
  readonly backups?: BackupSettings;
}

/** Namespaces that are the cluster's own, or those of what the fleet installs beside the agents. */
const taken: readonly string[] = [
  "default",
  "cert-manager",
  "dapr-system",
  "envoy-gateway-system",
  "keda",
  "metrics-adapter",
  "monitoring",
];

const ownNamespace = kubernetesLabel.refine((name) => !name.startsWith("kube-") && !taken.includes(name), {
  message: `is not the agents' to make and to delete; use another than kube-… and ${listOf(taken)}`,
});

/** Where scalers read. */
export type AutoscalingSource = "keda" | "metrics-adapter" | "resources";

export function kubernetesSchema(cluster: z.ZodType<ClusterSettings>) {
  return z.strictObject({
    backups: backupsSchema.optional(),
    namespace: ownNamespace.optional(),
    cluster: cluster.optional(),
    autoscaling: z.enum(["keda", "metrics-adapter", "resources"]).optional(),
    edge: oneOf(edges).optional(),
    runAsUser: whole.min(1).max(2_147_483_647).optional(),
    apiServer: z.strictObject({ cidr: z.cidrv4(), port }).optional(),
    prometheusOperator: z.boolean().optional(),
    prometheusUrl: httpUrl.optional(),
  }) satisfies z.ZodType<KubernetesSettings>;
}
