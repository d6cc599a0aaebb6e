/** The contract's metrics: each instrument counts for Prometheus and, where nothing scrapes, for the collector. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import type { Meter } from "@opentelemetry/api";
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Settings } from "./settings.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** What each counts, and its labels. A label never holds an id or what a caller wrote. */
const COUNTERS = {
  a2a_requests_total: ["Requests answered", ["method", "binding", "code"]],
  a2a_tasks_total: ["Tasks that ended, by the state they ended in", ["state"]],
  a2a_orphaned_tasks_total: ["Tasks whose replica was gone, by what became of them", ["outcome"]],
  a2a_streams_total: ["Event streams that ended, by how", ["end"]],
  a2a_card_requests_total: ["Requests for a card", ["code"]],
  a2a_auth_rejections_total: ["Requests that were not let in", ["code", "reason"]],
  a2a_rate_limited_total: ["Requests beyond the caller's limit", []],
  a2a_store_errors_total: ["Calls of the task store that failed", ["operation"]],
} as const;
const HISTOGRAMS = {
  a2a_request_duration_seconds: ["Time to the end of the answer", ["method", "binding"]],
  a2a_task_duration_seconds: ["Time from a task's start to its end", ["state"]],
  a2a_model_request_duration_seconds: ["Time that the model took", ["model", "outcome"]],
} as const;
/** How workers' values make one: added up, or the highest. */
const GAUGES = {
  a2a_active_tasks: ["Tasks that this replica works on", "sum"],
  a2a_overdue_tasks: ["Tasks of this agent that are working past their deadline", "max"],
  a2a_open_streams: ["Event streams that are open at this replica", "sum"],
  a2a_startup_seconds: ["Time from the process's start until it was ready", "max"],
} as const;
/** What a counter is born with: an increase from nothing is none to Prometheus, and the first failures would go unseen. */
const BORN: Readonly<Record<string, readonly Labels[]>> = {
  a2a_tasks_total: ["completed", "failed", "canceled", "rejected"].map((state) => ({ state })),
  a2a_streams_total: ["final", "resumable", "cut"].map((end) => ({ end })),
  a2a_auth_rejections_total: [
    ...["missing_token", "invalid_token", "expired", "unknown_key", "wrong_audience", "wrong_issuer"].map(
      (reason) => ({ code: "401", reason }),
    ),
    { code: "403", reason: "missing_role" },
  ],
  a2a_card_requests_total: ["200", "304", "404", "500"].map((code) => ({ code })),
  a2a_orphaned_tasks_total: ["resumed", "failed"].map((outcome) => ({ outcome })),
  a2a_store_errors_total: ["load", "save", "list", "release", "limit", "renew", "sweep"].map((operation) => ({
    operation,
  })),
};

type Labels = Record<string, string>;

/** All instruments, by the contract's names. */
export class Metrics {
  readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly levels = new Map<string, number>();
  private readonly sent = new Map<string, (value: number, labels: Labels) => void>();

  /** @param meter OpenTelemetry's, where metrics go to a collector. */
  constructor(meter?: Meter) {
    const registers = [this.registry];
    for (const [name, [help, labelNames]] of Object.entries(COUNTERS)) {
      this.counters.set(name, new Counter({ name, help, labelNames, registers }));
      const counter = meter?.createCounter(name, { description: help });
      if (counter) this.sent.set(name, (value, labels) => counter.add(value, labels));
    }
    for (const [name, born] of Object.entries(BORN)) {
      for (const labels of born) this.counters.get(name)?.inc(labels, 0);
    }
    for (const [name, [help, labelNames]] of Object.entries(HISTOGRAMS)) {
      this.histograms.set(name, new Histogram({ name, help, labelNames, registers, buckets: SECONDS }));
      const advice = { explicitBucketBoundaries: SECONDS };
      const histogram = meter?.createHistogram(name, { description: help, unit: "s", advice });
      if (histogram) this.sent.set(name, (value, labels) => histogram.record(value, labels));
    }
    for (const [name, [help, aggregator]] of Object.entries(GAUGES)) {
      this.gauges.set(name, new Gauge({ name, help, aggregator, registers }));
      const gauge = meter?.createGauge(name, { description: help });
      if (gauge) this.sent.set(name, (value) => gauge.record(value));
    }
  }

  count(name: keyof typeof COUNTERS, labels: Labels = {}): void {
    this.counters.get(name)?.inc(labels);
    this.sent.get(name)?.(1, labels);
  }

  /** Shows a histogram before it has seen anything, as counters are shown that are born with their labels. */
  begin(name: keyof typeof HISTOGRAMS, labels: Labels): void {
    this.histograms.get(name)?.zero(labels);
  }

  observe(name: keyof typeof HISTOGRAMS, seconds: number, labels: Labels): void {
    this.histograms.get(name)?.observe(labels, seconds);
    this.sent.get(name)?.(seconds, labels);
  }

  set(name: keyof typeof GAUGES, value: number): void {
    this.levels.set(name, value);
    this.gauges.get(name)?.set(value);
    this.sent.get(name)?.(value, {});
  }

  add(name: keyof typeof GAUGES, change: number): void {
    this.set(name, (this.levels.get(name) ?? 0) + change);
  }
}

/** Serves `/metrics` on the contract's port: of one process, or added up of the workers that this one started. */
export function serveMetrics(settings: Settings, metrics?: Metrics): void {
  if (!settings.flag("ENABLE_METRICS")) return;
  const workers = metrics === undefined && cluster.isPrimary ? new AggregatorRegistry() : undefined;
  createServer(async (request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = workers ? await workers.clusterMetrics() : await metrics?.registry.metrics();
      response.writeHead(200, { "Content-Type": Registry.PROMETHEUS_CONTENT_TYPE }).end(text);
    } catch (error) {
      response.writeHead(503).end(String(error));
    }
  }).listen(settings.number("METRICS_PORT"), settings.given("A2A_HOST"));
}

/** Lets the process that started this worker ask for its metrics. */
export function offerMetrics(metrics: Metrics): void {
  AggregatorRegistry.setRegistries(metrics.registry);
  // It answers from the moment that one exists.
  new AggregatorRegistry();
}
