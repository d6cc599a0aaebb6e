import type { AgentWorkload } from "../../agent/agent-workload";
import { OTLP_PORT } from "../../parts/collector-configuration";
import { COLLECTOR_IMAGE } from "../../parts/collector-image";
import { type Container, jsonConfig, KEPT_RUNNING } from "./container";

const PROMETHEUS_IMAGE = "quay.io/prometheus/prometheus:v3.7.3";
const GRAFANA_IMAGE = "docker.io/grafana/grafana:12.2.1";
const COLLECTOR_CONFIG = "/etc/collector/collector.json";
const GRAFANA_PASSWORD = "grafana-password";

/** Where traces go that no collector of somebody's own takes on: into its own log. */
export const collectorContainer: Container = {
  name: "collector",
  // Its image has no shell that could ask it how it is.
  service: {
    image: COLLECTOR_IMAGE,
    command: [`--config=${COLLECTOR_CONFIG}`],
    configs: [{ source: "collector", target: COLLECTOR_CONFIG }],
    ...KEPT_RUNNING,
  },
  config: jsonConfig("collector", {
    receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${OTLP_PORT}` } } } },
    processors: { batch: {} },
    exporters: { debug: { verbosity: "normal" } },
    service: {
      pipelines: Object.fromEntries(
        ["traces", "metrics", "logs"].map((signal) => [
          signal,
          { receivers: ["otlp"], processors: ["batch"], exporters: ["debug"] },
        ]),
      ),
    },
  }),
};

/** A Prometheus that reads every agent's metrics, and a Grafana that shows them: both start when they are asked for. */
export function metricsContainers(workloads: readonly AgentWorkload[]): readonly Container[] {
  const scraped = workloads.filter(({ metricsPort }) => metricsPort !== null);
  return [
    {
      name: "prometheus",
      service: {
        image: PROMETHEUS_IMAGE,
        profiles: ["metrics"],
        configs: [{ source: "prometheus", target: "/etc/prometheus/prometheus.yml" }],
        volumes: ["prometheus:/prometheus"],
        ...KEPT_RUNNING,
      },
      keeps: true,
      config: jsonConfig("prometheus", {
        scrape_configs: scraped.map(({ name, metricsPort }) => ({
          job_name: name,
          static_configs: [{ targets: [`${name}:${metricsPort}`] }],
        })),
      }),
    },
    {
      name: "grafana",
      service: {
        image: GRAFANA_IMAGE,
        profiles: ["metrics"],
        environment: { GF_SECURITY_ADMIN_PASSWORD__FILE: `/run/secrets/${GRAFANA_PASSWORD}` },
        secrets: [GRAFANA_PASSWORD],
        configs: [{ source: "grafana", target: "/etc/grafana/provisioning/datasources/fleet.yaml" }],
        volumes: ["grafana:/var/lib/grafana"],
        ...KEPT_RUNNING,
      },
      keeps: true,
      config: jsonConfig("grafana", {
        apiVersion: 1,
        datasources: [{ name: "fleet", type: "prometheus", url: "http://prometheus:9090" }],
      }),
    },
  ];
}
