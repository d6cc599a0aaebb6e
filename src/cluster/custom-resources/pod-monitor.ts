import type { ObjectMetadata } from "./object-metadata";

/** The pods or services that are read. */
export interface MonitorSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly namespaceSelector?: { readonly matchNames: readonly string[] };
}

/** Where of a pod metrics are read, and how often. */
export interface MetricsEndpoint {
  /** Name of the port. */
  readonly port: string;
  readonly path?: string;
  /** Duration: `30s`. */
  readonly interval?: string;
  /** Whether what a metric says of itself counts, and not where it was read. @default false */
  readonly honorLabels?: boolean;
}

/**
 * Pods whose metrics are scraped: Prometheus Operator's kind.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export interface PodMonitor {
  readonly apiVersion: "monitoring.coreos.com/v1";
  readonly kind: "PodMonitor";
  readonly metadata: ObjectMetadata;
  readonly spec: MonitorSpec & { readonly podMetricsEndpoints: readonly MetricsEndpoint[] };
}

/** The same kind in the API group of Azure's managed Prometheus, whose CRDs AKS brings. */
export interface AzurePodMonitor {
  readonly apiVersion: "azmonitoring.coreos.com/v1";
  readonly kind: "PodMonitor";
  readonly metadata: ObjectMetadata;
  readonly spec: MonitorSpec & { readonly podMetricsEndpoints: readonly MetricsEndpoint[] };
}

/** Services whose metrics are scraped. */
export interface ServiceMonitor {
  readonly apiVersion: "monitoring.coreos.com/v1";
  readonly kind: "ServiceMonitor";
  readonly metadata: ObjectMetadata;
  readonly spec: MonitorSpec & { readonly endpoints: readonly MetricsEndpoint[] };
}
