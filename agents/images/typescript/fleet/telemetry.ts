/** OpenTelemetry: traces, and metrics by OTLP. Its SDK reads the OTEL_ variables itself. */
import { hostname } from "node:os";
import {
  context,
  type Meter,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { RequestHandler } from "express";
import type { Settings } from "./settings.js";

/** What was started: how to stop it, and the meter where metrics go to a collector. */
export interface Telemetry {
  readonly meter: Meter | undefined;
  /** Sends what is still held back. */
  readonly stop: () => Promise<void>;
}

/** Starts what the environment has. */
export async function startTelemetry(settings: Settings): Promise<Telemetry> {
  if (!settings.flag("TRACE_ENABLED")) return { meter: undefined, stop: async () => {} };
  const sendsMetrics = settings.text("OTEL_METRICS_EXPORTER") === "otlp";
  // Slow to load, and a process without telemetry does without them. Metrics' reader comes of the variables.
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  const { UndiciInstrumentation } = await import("@opentelemetry/instrumentation-undici");
  process.env.OTEL_METRICS_EXPORTER ??= "none";
  process.env.OTEL_LOGS_EXPORTER ??= "none";
  // Workers of one replica are told apart, or their metrics would overwrite each other.
  const instance = `service.instance.id=${encodeURIComponent(`${hostname()}-${process.pid}`)}`;
  process.env.OTEL_RESOURCE_ATTRIBUTES = [process.env.OTEL_RESOURCE_ATTRIBUTES, instance]
    .filter(Boolean)
    .join(",");
  const sdk = new NodeSDK({
    traceExporter: new OTLPTraceExporter(),
    instrumentations: [new UndiciInstrumentation()],
  });
  sdk.start();
  return {
    meter: sendsMetrics ? metrics.getMeter("a2a-fleet") : undefined,
    stop: () => sdk.shutdown(),
  };
}

/** A span for each request, below the caller's. */
export const traceRequests: RequestHandler = (request, response, next) => {
  const parent = propagation.extract(context.active(), request.headers);
  const attributes = { "http.request.method": request.method, "url.path": request.path };
  const span = trace
    .getTracer("a2a-fleet")
    .startSpan(`${request.method} ${request.path}`, { kind: SpanKind.SERVER, attributes }, parent);
  response.once("close", () => {
    span.setAttribute("http.response.status_code", response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
};
