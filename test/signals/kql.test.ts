import { describe, expect, test } from "vitest";
import { agentSignals } from "../../src/signals/agent-signals";
import { alertTable } from "../../src/signals/kql";
import { partSignals } from "../../src/signals/part-signals";
import { savedQueries } from "../../src/signals/queries";
import { findQueryProblems } from "../support/kusto";

const agent = { definition: "desk", name: "desk-globex", environment: "test" };

describe("Kusto's own parser and type checker", () => {
  test.each(
    agentSignals.flatMap(({ id, measure, lastsMinutes }) =>
      measure.kind === "platform" ? [] : [[id, alertTable(measure, 0.5, agent, lastsMinutes)] as const],
    ),
  )("takes the table of %s", (_id, kql) => {
    expect(findQueryProblems(kql)).toEqual([]);
  });

  test.each(savedQueries.map(({ name, kql }) => [name, kql] as const))("takes the query %s", (_name, kql) => {
    expect(findQueryProblems(kql)).toEqual([]);
  });

  test.each(
    partSignals.flatMap(({ id, sources }) =>
      Object.values(sources).flatMap((source) => ("kql" in source ? [[id, source.kql] as const] : [])),
    ),
  )("takes what is asked of logs for %s", (_id, kql) => {
    expect(findQueryProblems(kql)).toEqual([]);
  });

  test.each([
    ["a column that no table has", "AppMetrics | where Nam == 1"],
    ["a table that there is none of", "AppMetric | count"],
    ["half a query", "AppMetrics | where"],
    ["a text for a number", "AppMetrics | summarize sum(Name)"],
  ])("refuses %s", (_what, kql) => {
    expect(findQueryProblems(kql)).not.toEqual([]);
  });
});

test("asks about one agent of one environment", () => {
  const kql = alertTable({ kind: "highest", metric: "a2a_overdue_tasks" }, 0, agent, 5);
  expect(kql).toContain('AppRoleName == "desk.desk-globex"');
  expect(kql).toContain('Properties["deployment.environment.name"]) == "test"');
});
