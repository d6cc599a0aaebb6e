import { samplingProcessors, type TraceSampling } from "./trace-sampling";

/** Port on which a collector takes OTLP over HTTP. Container Apps has one port per app, so gRPC is left out. */
export const OTLP_PORT = 4318;

/** Port on which a collector says whether it is well. */
export const HEALTH_PORT = 13133;

/** What agents send a collector. */
export const otlpSignals = ["traces", "metrics", "logs"] as const;

export type OtlpSignal = (typeof otlpSignals)[number];

/** A collector that takes OTLP over HTTP from agents, and hands it on. */
export function collectorConfiguration({
  exporter,
  signals = otlpSignals,
  sampling,
}: {
  /** Where everything goes: an exporter of a contrib build, by name, with its settings. */
  readonly exporter: Readonly<Record<string, object>>;
  /** What is handed on. A collector refuses the rest, as a server without that path does. @default - everything */
  readonly signals?: readonly OtlpSignal[];
  /** What it keeps of traces. @default - everything */
  readonly sampling?: TraceSampling;
}) {
  const sampled = samplingProcessors(signals.includes("traces") ? sampling : undefined);
  const pipeline = (signal: OtlpSignal) => ({
    receivers: ["otlp"],
    processors: ["memory_limiter", ...(signal === "traces" ? Object.keys(sampled) : []), "batch"],
    exporters: Object.keys(exporter),
  });
  return {
    extensions: { health_check: { endpoint: `0.0.0.0:${HEALTH_PORT}` } },
    receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${OTLP_PORT}` } } } },
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 75, spike_limit_percentage: 20 },
      ...sampled,
      batch: {},
    },
    exporters: exporter,
    service: {
      extensions: ["health_check"],
      pipelines: Object.fromEntries(
        otlpSignals.filter((each) => signals.includes(each)).map((each) => [each, pipeline(each)]),
      ),
    },
  };
}
