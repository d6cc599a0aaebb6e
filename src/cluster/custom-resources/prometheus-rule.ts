import type { ObjectMetadata } from "./object-metadata";

/**
 * Alerts of Prometheus: the Prometheus Operator's kind.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export interface PrometheusRule {
  readonly apiVersion: "monitoring.coreos.com/v1";
  readonly kind: "PrometheusRule";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly groups: readonly { readonly name: string; readonly rules: readonly AlertingRule[] }[];
  };
}

/** One alert of Prometheus. @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** Duration: `5m`. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
