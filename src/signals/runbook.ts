import { agentSignals } from "./agent-signals";
import { isAbsent, type Measure, type PlatformSource } from "./measure";
import { type PartSource, partSignals } from "./part-signals";
import { savedQueries } from "./queries";
import { RUNBOOK_FILE, type Signal } from "./signal";

export { RUNBOOK_FILE };

const PLATFORMS = { kubernetes: "Kubernetes", "container-apps": "Container Apps", "cloud-run": "Cloud Run" };

/** What is in `docs/runbook.md`: for each signal what it means, how to look, what to do. */
export function runbookPage(): string {
  return `${[
    "# Runbook",
    "Written from `src/signals` by `npm run runbook`. Every alert links to its section here.",
    "**page** wakes somebody, **ticket** waits for the working day; in development nothing wakes anybody.",
    "## Alerts",
    signalsTable(),
    "## How to look",
    "- On Azure the queries below are saved in the environment's query pack; every agent's figures are in its workbook. In " +
      "a cluster with the Prometheus Operator the dashboard `A2A agents` has the same figures; logs are read with " +
      "`kubectl logs`. On Google: Logs Explorer (`jsonPayload.taskId`), and the dashboard of the environment.",
    "- Every line of an agent's log has `service`, `taskId`, `traceId`, `caller` as far as they are known, and the traces " +
      "have the same ids.",
    "## How to silence",
    "- **Azure**: an alert processing rule on the resource group, with an end: `az monitor alert-processing-rule create " +
      "--rule-type RemoveAllActionGroups --scopes <resource group id> --schedule-end-datetime …`.",
    "- **A cluster**: `amtool silence add alertname=<name> agent=<agent> --duration=2h`. **Google**: a snooze on the policy.",
    "- An alert that is wrong for an agent for good: say what is right in its definition (`objectives`, " +
      "`taskDeadlineSeconds`, `maxReplicas`, `memoryMiB`); its threshold follows.",
    "## Alerts about an agent",
    ...agentSignals.flatMap((signal) => section(signal, measuredWhere(signal.measure))),
    "## Alerts about what agents share",
    ...partSignals.flatMap((signal) =>
      section(
        signal,
        Object.entries(signal.sources).map(([part, source]) => `${part}: ${sourceInWords(source)}`),
      ),
    ),
    "## Queries",
    ...savedQueries.flatMap(({ name, title, kql }) => [
      `### query ${name}`,
      `${title}.`,
      `\`\`\`kusto\n${kql}\n\`\`\``,
    ]),
  ].join("\n\n")}\n`;
}

/** Every alert on a line, as Markdown. */
export function signalsTable(): string {
  return table(
    ["alert", "about", "", "too much"],
    [...agentSignals, ...partSignals].map((signal) => [
      `[${signal.id}](#${signal.id})`,
      signal.title,
      signal.severity,
      `${signal.thresholdInWords}${signal.lastsMinutes === 0 ? "" : `; for ${signal.lastsMinutes} minutes`}`,
    ]),
  );
}

function section(signal: Signal, sources: readonly string[]): string[] {
  return [
    `### ${signal.id}`,
    `**${signal.title}** (${signal.severity}). ${signal.meaning}`,
    [
      `- Figure: ${signal.unit}. Too much: ${signal.thresholdInWords}.`,
      ...sources.map((source) => `- ${source}.`),
      `- Look: query [${signal.query}](#query-${signal.query}).`,
    ].join("\n"),
    signal.act.map((step, index) => `${index + 1}. ${step}`).join("\n"),
  ];
}

function measuredWhere(measure: Measure): string[] {
  if (measure.kind !== "platform") {
    const metrics =
      "metric" in measure
        ? [measure.metric]
        : "among" in measure
          ? [measure.of.metric, measure.among.metric]
          : [measure.of.metric];
    return [`From: ${[...new Set(metrics)].map((metric) => `\`${metric}\``).join(", ")}, which agents send`];
  }
  return Object.entries(PLATFORMS).map(
    ([platform, title]) => `${title}: ${sourceInWords(measure.source[platform as keyof typeof PLATFORMS])}`,
  );
}

function sourceInWords(source: PartSource | PlatformSource[keyof PlatformSource]): string {
  if (isAbsent(source)) return `none, because ${source.absent.replace(/\.$/, "")}`;
  if ("metric" in source) return `\`${source.namespace}\` \`${source.metric}\``;
  if ("promql" in source) return `\`${source.promql("…")}\``;
  return "the workspace's logs";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}
