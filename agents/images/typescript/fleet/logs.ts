/** Logs: one JSON object a line on stdout. */
import { trace } from "@opentelemetry/api";
import { type Logger, pino } from "pino";
import { requestScope } from "./request-scope.js";
import type { Settings } from "./settings.js";

/** The logger of this process; silent until `startLogging`. */
export let log: Logger = pino({ level: "silent" });

/** Starts logging, and sends what the SDK says on the console the same way. */
export function startLogging(settings: Settings): void {
  const level = settings.text("LOG_LEVEL") ?? "info";
  log = pino({
    level: level === "warning" ? "warn" : level,
    base: { service: settings.text("SERVICE_NAME"), version: settings.text("SERVICE_VERSION") },
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label === "warn" ? "warning" : label }) },
    mixin: () => {
      const { signal: _, ...known } = requestScope.getStore() ?? {};
      const span = trace.getActiveSpan()?.spanContext();
      return span === undefined ? known : { ...known, traceId: span.traceId, spanId: span.spanId };
    },
  });
  const logger = log.child({ logger: "console" });
  console.debug = (...words) => logger.debug(lineOf(words));
  console.info = console.log = (...words) => logger.info(lineOf(words));
  console.warn = (...words) => logger.warn(lineOf(words));
  console.error = (...words) => logger.error(lineOf(words));
}

function lineOf(words: readonly unknown[]): string {
  return words.map((word) => (word instanceof Error ? (word.stack ?? word.message) : String(word))).join(" ");
}
