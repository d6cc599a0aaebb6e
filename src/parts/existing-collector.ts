import { telemetryVariables } from "../agent/agent-variables";
import type { IAgentDependency } from "./agent-dependency";
import { wayTo } from "./way-to";

/** A collector that exists: agents on any platform send it OTLP over HTTP. */
export function existingCollector(props: {
  /** Base URL that takes OTLP over HTTP. */
  readonly endpoint: string;
  /** Share of traces that agents send, 0 to 1. @default 1 */
  readonly sampleRatio?: number;
  /** Address range that the endpoint is reached at, where that is a private one. @default - public addresses */
  readonly cidr?: string;
}): IAgentDependency<unknown> {
  const { endpoint, sampleRatio = 1, cidr } = props;
  return {
    dependencyName: `collector ${endpoint}`,
    bind: (_scope, workload) => ({
      variables: telemetryVariables(workload, { endpoint, sampleRatio }),
      egress: wayTo(endpoint, cidr),
    }),
  };
}
