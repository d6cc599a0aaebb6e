import type { AgentWorkload } from "../agent/agent-workload";

/** What a collector keeps of the traces that agents send it. */
export interface TraceSampling {
  /** Share of ordinary traces, 0 to 1. */
  readonly ratio: number;
  /** A trace that takes longer is kept, in seconds. */
  readonly slowSeconds: number;
  /** How long a collector waits until it judges a trace, in seconds: as long as any task may take, and its last spans. */
  readonly waitSeconds: number;
}

/** What some agents' collector has to keep, or undefined where it keeps everything. */
export function traceSampling(
  workloads: readonly Pick<AgentWorkload, "objectives" | "taskDeadlineSeconds">[],
  ratio = 1,
): TraceSampling | undefined {
  if (ratio >= 1 || workloads.length === 0) return undefined;
  return {
    ratio,
    slowSeconds: Math.min(...workloads.map(({ objectives }) => objectives.latencySeconds)),
    waitSeconds: Math.max(...workloads.map(({ taskDeadlineSeconds }) => taskDeadlineSeconds)) + 10,
  };
}

/**
 * Judges traces at their end: those with an error or a slow task are kept, of the others a share, which is the same
 * traces in every collector. A collector judges what it has of a trace, so that of a trace that went through several of
 * them the parts with the error are sure to be kept.
 *
 * @returns processors of a collector's configuration, by name
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/tailsamplingprocessor
 */
export function samplingProcessors(sampling: TraceSampling | undefined): Readonly<Record<string, object>> {
  if (sampling === undefined) return {};
  const { ratio, slowSeconds, waitSeconds } = sampling;
  return {
    tail_sampling: {
      decision_wait: `${waitSeconds}s`,
      policies: [
        { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
        { name: "slow", type: "latency", latency: { threshold_ms: slowSeconds * 1000 } },
        {
          name: "share",
          type: "probabilistic",
          probabilistic: { sampling_percentage: Number((ratio * 100).toFixed(4)) },
        },
      ],
    },
  };
}
