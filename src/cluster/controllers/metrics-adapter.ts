import type { Construct } from "constructs";
import { ClusterController } from "./cluster-controller";

export interface MetricsAdapterProps {
  /** Base URL of Prometheus, with its port: `http://prometheus.monitoring:9090`. */
  readonly prometheusUrl: string;
  /** @default "metrics-adapter" */
  readonly namespace?: string;
  /** Whether it survives the loss of a node. @default true */
  readonly highAvailability?: boolean;
}

/**
 * prometheus-adapter: the custom metrics API that a HorizontalPodAutoscaler on `a2a_active_tasks` reads. Not together
 * with KEDA on the same Deployments.
 *
 * Source of the version: https://artifacthub.io/packages/helm/prometheus-community/prometheus-adapter/5.3.0
 *
 * @throws Error when the URL has no host or port.
 * @example
 * new MetricsAdapter(this, "metrics-adapter", { prometheusUrl: "http://prometheus.monitoring:9090" });
 */
export class MetricsAdapter extends ClusterController {
  constructor(scope: Construct, id: string, props: MetricsAdapterProps) {
    const { prometheusUrl, namespace = "metrics-adapter", highAvailability = true } = props;
    const [, url, port, path = ""] = /^(https?:\/\/[^/:]+):(\d+)(\/.*)?$/.exec(prometheusUrl) ?? [];
    if (url === undefined) {
      throw new Error(
        `the metrics adapter's Prometheus '${prometheusUrl}' is no URL with a port; write http://<service>.<namespace>:9090`,
      );
    }
    super(scope, id, {
      name: "prometheus-adapter",
      namespace,
      repository: "https://prometheus-community.github.io/helm-charts",
      chart: "prometheus-adapter",
      version: "5.3.0",
      values: {
        prometheus: { url, port: Number(port), path },
        replicas: highAvailability ? 2 : 1,
        podDisruptionBudget: { enabled: highAvailability, maxUnavailable: 1 },
        rules: {
          default: false,
          custom: [
            {
              seriesQuery: 'a2a_active_tasks{namespace!="",pod!=""}',
              resources: { overrides: { namespace: { resource: "namespace" }, pod: { resource: "pod" } } },
              metricsQuery: "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
            },
          ],
        },
      },
    });
  }
}
