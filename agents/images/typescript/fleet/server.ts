/** Starts the agent's process, or its workers. */
import cluster, { type Worker } from "node:cluster";
import { createServer } from "node:http";
import type { MakeSkills } from "./app.js";
import { readSettings, type Settings, SettingsProblems } from "./settings.js";

/** What a drained worker may still need: its streams end by themselves after their last event. */
const MS_TO_CLOSE = 5000;
const MS_BETWEEN_LOOKS = 100;
const MS_BETWEEN_SIGNS = 1000;

/**
 * How long a connection may be idle: longer than whatever is in front keeps one to send its next request on, which would
 * otherwise meet a closed one and be a 502 that nobody can explain. Envoy, and so Container Apps, Istio and Envoy Gateway,
 * keeps them for an hour, Google's load balancers for ten minutes, Caddy for two, nginx for one. Node has five seconds.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
 * @see https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
 */
const MS_IDLE = 3_620_000;

/** Runs the agent. Ends with 78 if the variables are wrong: whoever starts it again gets the same answer. */
export async function serve(
  makeSkills: () => Promise<MakeSkills>,
  skillIds: Iterable<string>,
  paceMs: number,
) {
  let settings: Settings;
  try {
    settings = readSettings(skillIds);
  } catch (error) {
    if (!(error instanceof SettingsProblems)) throw error;
    console.error(["The agent can't start:", ...error.problems.map((problem) => `- ${problem}`)].join("\n"));
    process.exitCode = 78;
    return;
  }
  // Only now, so that a wrong environment is told at once: the rest takes its time to load.
  if (cluster.isPrimary && (settings.number("WORKERS") ?? 1) > 1) await startWorkers(settings);
  else await listen(settings, await makeSkills(), paceMs);
}

async function listen(settings: Settings, makeSkills: MakeSkills, paceMs: number): Promise<void> {
  const { startTelemetry } = await import("./telemetry.js");
  const telemetry = await startTelemetry(settings);
  const logs = await import("./logs.js");
  logs.startLogging(settings);
  const { log } = logs;
  const { Metrics, offerMetrics, serveMetrics } = await import("./metrics.js");
  const metrics = new Metrics(telemetry.meter);
  const { createApp } = await import("./app.js");
  const { express, keeper, stores } = await createApp(settings, metrics, makeSkills, paceMs);
  const server = createServer(express);
  // Streams are as long as tasks; what a request may take is the gateway's and the deadline's business.
  server.requestTimeout = 0;
  server.keepAliveTimeout = MS_IDLE;

  if (cluster.isWorker) {
    offerMetrics(metrics);
    setInterval(() => process.send?.("alive"), MS_BETWEEN_SIGNS).unref();
  } else {
    serveMetrics(settings, metrics);
  }
  keeper.start();
  await new Promise<void>((resolve, reject) => {
    server
      .once("error", reject)
      .listen(Number(settings.given("A2A_PORT")), settings.given("A2A_HOST"), resolve);
  });
  metrics.set("a2a_startup_seconds", process.uptime());
  log.info("ready");

  process.once("SIGTERM", async () => {
    await keeper.drain().catch((error: unknown) => log.error({ err: error }, "draining failed"));
    server.close();
    // A stream that ends from here on leaves its connection idle.
    setInterval(() => server.closeIdleConnections(), MS_BETWEEN_LOOKS).unref();
    await new Promise<void>((resolve) => {
      server.once("close", resolve);
      setTimeout(resolve, MS_TO_CLOSE).unref();
    });
    await stores.close().catch(() => {});
    await telemetry.stop().catch(() => {});
    process.exit(0);
  });
}

/** Starts the workers, starts one anew that ends or is silent for too long, and ends with them. */
async function startWorkers(settings: Settings): Promise<void> {
  const { serveMetrics } = await import("./metrics.js");
  const silentMs = Number(settings.given("REQUEST_TIMEOUT_SECONDS")) * 1000;
  const heard = new Map<Worker, number>();
  let ending = false;
  const start = () => {
    const worker = cluster.fork();
    heard.set(worker, Date.now());
    worker.on("message", (message) => message === "alive" && heard.set(worker, Date.now()));
    worker.once("exit", () => {
      heard.delete(worker);
      if (!ending) setTimeout(start, MS_BETWEEN_SIGNS);
      else if (heard.size === 0) process.exit(0);
    });
  };
  for (let i = 0; i < Number(settings.given("WORKERS")); i += 1) start();
  setInterval(() => {
    for (const [worker, at] of heard) if (Date.now() - at > silentMs) worker.process.kill("SIGKILL");
  }, MS_BETWEEN_SIGNS);
  process.once("SIGTERM", () => {
    ending = true;
    for (const worker of heard.keys()) worker.process.kill("SIGTERM");
  });
  serveMetrics(settings);
}
