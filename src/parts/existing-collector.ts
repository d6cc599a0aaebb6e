import { telemetryVariables } from "../agent/agent-variables";
import type { IAgentDependency } from "./agent-dependency";
import { egressTo } from "./egress-to";

/** A collector that exists: agents on any platform send it OTLP over HTTP. */
export function existingCollector(props: {
  /** Base URL that takes OTLP over HTTP. */
  readonly endpoint: string;
  /** Share of traces that agents send, 0 to 1. @default 1 */
  readonly sampleRatio?: number;
}): IAgentDependency<unknown> {
  const { endpoint, sampleRatio = 1 } = props;
  return {
    dependencyName: `collector ${endpoint}`,
    bind: (_scope, workload) => ({
      variables: telemetryVariables(workload, { endpoint, sampleRatio }),
      egress: [egressTo(endpoint)],
    }),
  };
}
