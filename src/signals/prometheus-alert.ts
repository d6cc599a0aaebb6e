import type { AgentWorkload } from "../agent/agent-workload";
import { agentSignals } from "./agent-signals";
import { isAbsent } from "./measure";
import { type PartKind, partSignals, sourceOf } from "./part-signals";
import { alertExpression } from "./promql";
import type { Signal } from "./signal";

/** A signal as an expression of Prometheus that has a value while something is wrong. */
export interface PrometheusAlert {
  readonly signal: Signal;
  readonly expression: string;
}

/** What selects an agent's series, without braces. */
export interface AgentMatchers {
  /** What the agent itself sends. */
  readonly own: string;
  /** What its platform measures of it. */
  readonly platform: string;
}

/** Signals of one agent where metrics are Prometheus's: in a cluster, and on Cloud Run. */
export function agentAlerts(
  agent: AgentWorkload,
  platform: "kubernetes" | "cloud-run",
  { own, platform: there }: AgentMatchers,
): PrometheusAlert[] {
  return agentSignals.flatMap((signal) => {
    const threshold = signal.threshold(agent);
    if (typeof threshold !== "number") return [];
    const { measure } = signal;
    if (measure.kind !== "platform") {
      // An agent without a port of metrics says nothing of itself to Prometheus.
      if (agent.metricsPort === null) return [];
      return [{ signal, expression: alertExpression(measure, threshold, own) }];
    }
    const source = measure.source[platform];
    return isAbsent(source) ? [] : [{ signal, expression: `${source.promql(there)} > ${threshold}` }];
  });
}

/** Signals of a shared part whose metrics are Prometheus's. */
export function partAlerts(part: PartKind, matcher: string): PrometheusAlert[] {
  return partSignals.flatMap((signal) => {
    const source = sourceOf(signal, part);
    if (source === undefined || isAbsent(source) || !("promql" in source)) return [];
    return [{ signal, expression: `${source.promql(matcher)} > ${source.threshold}` }];
  });
}

/** What selects the pods of one agent in a cluster. */
export function podMatchers(namespace: string, agent: string): AgentMatchers {
  const matcher = `namespace="${namespace}",pod=~"${agent}-[a-z0-9]+-[a-z0-9]+"`;
  return { own: matcher, platform: matcher };
}
