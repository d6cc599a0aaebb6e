import type { Measure, Selection } from "./measure";

/** An agent in Application Insights. */
export interface AgentInLogs {
  /** Name of its definition: the collector's exporter writes it before the agent's. */
  readonly definition: string;
  readonly name: string;
  readonly environment: string;
}

/**
 * What is wrong about an agent, as a table with one row, `Value`, while it is, and none otherwise. Reads what agents send
 * by OTLP, as the azuremonitor exporter keeps it: counters are the difference since the last time, and a histogram is its
 * count and its sum, without buckets, so that durations are read in the agents' logs.
 */
export function alertTable(
  measure: Exclude<Measure, { kind: "platform" }>,
  threshold: number,
  agent: AgentInLogs,
  lastsMinutes: number,
): string {
  switch (measure.kind) {
    case "share": {
      const { of, among, windowsMinutes, least } = measure;
      const longest = Math.max(...windowsMinutes);
      const figures = windowsMinutes.flatMap((minutes) => [
        `Of${minutes} = ${counted(of, minutes)}`,
        `Among${minutes} = ${counted(among, minutes)}`,
      ]);
      const tests = windowsMinutes.map((minutes) => `Of${minutes} > ${threshold} * Among${minutes}`);
      return lines([
        ...sent([of.metric, among.metric], agent, longest),
        `| summarize ${figures.join(", ")}`,
        `| where Of${longest} >= ${least} and ${tests.join(" and ")}`,
        `| project Value = todouble(Of${longest}) / Among${longest}`,
      ]);
    }
    case "count":
      return lines([
        ...sent([measure.of.metric], agent, measure.windowMinutes),
        `| summarize Value = ${counted(measure.of, measure.windowMinutes)}`,
        `| where Value > ${threshold}`,
      ]);
    case "p95":
      return lines([
        ...durations(measure.of, agent, measure.windowMinutes),
        "| summarize Value = percentile(todouble(Line.seconds), 95)",
        `| where Value > ${threshold}`,
      ]);
    case "highest":
    case "total": {
      // As many minutes in a row as it has to last, and the lowest of them is still too much.
      const minutes = Math.max(5, lastsMinutes);
      const replicas = measure.kind === "highest" ? "max" : "sum";
      return lines([
        ...sent([measure.metric], agent, minutes),
        "| summarize Level = max(Sum / ItemCount) by AppRoleInstance, Minute = bin(TimeGenerated, 1m)",
        `| summarize Level = ${replicas}(Level) by Minute`,
        "| summarize Value = min(Level), Minutes = count()",
        `| where Value > ${threshold} and Minutes >= ${minutes - 2}`,
        "| project Value",
      ]);
    }
  }
}

/** Times that something happened. The observations of a histogram are its count. */
function counted({ metric, labels = {} }: Selection, minutes: number): string {
  const chosen = Object.entries(labels).map(
    ([label, values]) =>
      `tostring(Properties["${label}"]) in (${values.map((value) => `"${value}"`).join(", ")})`,
  );
  const column = metric === keptName(metric) ? "Sum" : "ItemCount";
  const tests = [`Name == "${keptName(metric)}"`, `TimeGenerated > ago(${minutes}m)`, ...chosen];
  return `sumif(${column}, ${tests.join(" and ")})`;
}

/** Name that a histogram is kept under: Prometheus alone makes three of it. */
function keptName(metric: string): string {
  return metric.replace(/_seconds_count$/, "_seconds");
}

function sent(metrics: readonly string[], { definition, name, environment }: AgentInLogs, minutes: number) {
  const names = [...new Set(metrics.map(keptName))].map((metric) => `"${metric}"`).join(", ");
  return [
    "AppMetrics",
    `| where TimeGenerated > ago(${minutes}m) and Name in (${names})`,
    `| where AppRoleName == "${definition}.${name}" and tostring(Properties["deployment.environment.name"]) == "${environment}"`,
  ];
}

/** The line that agents write about each task, or each answer of the model, that ended. */
function durations({ metric, labels = {} }: Selection, { name }: AgentInLogs, minutes: number) {
  const chosen = Object.entries(labels).map(
    ([label, values]) => `tostring(Line.${label}) in (${values.map((value) => `"${value}"`).join(", ")})`,
  );
  return [
    "ContainerAppConsoleLogs_CL",
    `| where TimeGenerated > ago(${minutes}m) and ContainerAppName_s == "${name}"`,
    "| extend Line = parse_json(Log_s)",
    `| where ${[`tostring(Line.measured) == "${metric}"`, ...chosen].join(" and ")}`,
  ];
}

function lines(parts: readonly string[]): string {
  return parts.join("\n");
}
