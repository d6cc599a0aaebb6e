import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import type { Construct } from "constructs";
import { telemetryVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentBinding, IAgentDependency } from "../parts/agent-dependency";
import { HEALTH_PORT, OTLP_PORT } from "../parts/collector-configuration";
import { samplingProcessors, traceSampling } from "../parts/trace-sampling";
import { GRANTED_ROLES } from "./facts/deployer-roles";
import type { GoogleIdentity } from "./google-identity";
import type { IGoogleProject } from "./google-project";

export interface GoogleTelemetryProps {
  readonly project: IGoogleProject;
  /** Image of the collector (a contrib build). */
  readonly image: string;
  /** Share of ordinary traces that is kept, 0 to 1. @default 1 */
  readonly sampleRatio?: number;
}

/**
 * Telemetry of agents on Cloud Run: a collector beside each, because instances have no address to be scraped at. It
 * takes OTLP over HTTP, reads the agent's own metrics, and writes to Cloud Trace, Cloud Logging and Managed Prometheus.
 */
export function googleTelemetry(props: GoogleTelemetryProps): IAgentDependency<GoogleIdentity> {
  const { project, image, sampleRatio } = props;
  return {
    dependencyName: "telemetry collector",
    bind: (scope, workload, identity): AgentBinding => ({
      variables: telemetryVariables(workload, { endpoint: `http://127.0.0.1:${OTLP_PORT}`, sampleRatio: 1 }),
      // In the project it may write telemetry, and nothing else.
      grants: GRANTED_ROLES.map((role) => grant(scope, project, role, identity)),
      sidecars: [
        {
          name: "collector",
          image,
          cpu: 0.25,
          memoryMiB: 512,
          args: ["--config=env:COLLECTOR_CONFIG"],
          variables: { COLLECTOR_CONFIG: JSON.stringify(collectorConfiguration(workload, sampleRatio)) },
          healthPort: HEALTH_PORT,
          healthPath: "/",
        },
      ],
    }),
  };
}

function grant(scope: Construct, project: IGoogleProject, role: string, { member }: GoogleIdentity) {
  return new ProjectIamMember(scope, (role.split("/")[1] as string).replace(".", "-").toLowerCase(), {
    project: project.id,
    role,
    member,
  });
}

/** @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/googlemanagedprometheusexporter */
function collectorConfiguration(workload: AgentWorkload, sampleRatio: number | undefined) {
  const { name, metricsPort } = workload;
  const sampled = samplingProcessors(traceSampling([workload], sampleRatio));
  const processors = ["memory_limiter", "resourcedetection", "batch"];
  const judged = ["memory_limiter", "resourcedetection", ...Object.keys(sampled), "batch"];
  const scrape =
    metricsPort === null
      ? {}
      : {
          prometheus: {
            config: {
              scrape_configs: [
                {
                  job_name: name,
                  scrape_interval: "30s",
                  static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }],
                },
              ],
            },
          },
        };
  return {
    extensions: { health_check: { endpoint: `0.0.0.0:${HEALTH_PORT}` } },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${OTLP_PORT}` } } }, ...scrape },
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 75, spike_limit_percentage: 20 },
      resourcedetection: { detectors: ["env", "gcp"], timeout: "10s" },
      ...sampled,
      batch: {},
    },
    exporters: { googlecloud: {}, googlemanagedprometheus: {} },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: { receivers: ["otlp"], processors: judged, exporters: ["googlecloud"] },
        logs: { receivers: ["otlp"], processors, exporters: ["googlecloud"] },
        metrics: {
          receivers: ["otlp", ...Object.keys(scrape)],
          processors,
          exporters: ["googlemanagedprometheus"],
        },
      },
    },
  };
}
