import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { AGENTS, charts } from "../../src/azure/workbook";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentSignals } from "../../src/signals/agent-signals";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { findQueryProblems } from "../support/kusto";
import { billing, definitions, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const { alerts: _, ...plain } = environment;
const stackOf = (of: Environment = environment, agents: readonly AgentDefinition[] = definitions) =>
  synthEnvironment(of, agents);
const stack = stackOf();

const RULE = "azurerm_monitor_scheduled_query_rules_alert_v2";
const METRIC = "azurerm_monitor_metric_alert";
const queryAt = (path: string, from = stack): string =>
  from.at(path).arguments.criteria[0].query.replaceAll("$${", "${");
/** Signals that the log rules of an agent ask about. */
const askedOf = (agent: string, from = stack) =>
  ["page", "ticket"].flatMap((severity) =>
    [...queryAt(`${agent}/alerts-${severity}`, from).matchAll(/extend Signal = "([^"]+)"/g)].map(
      ([, id]) => id,
    ),
  );
const metricsOf = (agent: string, from = stack) =>
  from
    .resources(METRIC)
    .filter(({ path }) => path.startsWith(`${agent}/alert-`))
    .map(({ path }) => path.replace(`${agent}/alert-`, ""));

describe("an agent on Container Apps", () => {
  test("has every signal as a resource, or there is a reason why not", () => {
    const { workloads } = resolveFleet(definitions, environment);
    for (const workload of workloads) {
      const made = [...askedOf(workload.name), ...metricsOf(workload.name)];
      for (const { id, measure, threshold } of agentSignals) {
        const limit = threshold(workload);
        const reason =
          typeof limit !== "number"
            ? limit.absent
            : measure.kind === "platform" && "absent" in measure.source["container-apps"]
              ? measure.source["container-apps"].absent
              : undefined;
        if (reason === undefined) expect(made).toContain(id);
        else if (id !== "card-unreachable") expect(made).not.toContain(id);
        if (reason !== undefined) expect(reason).toMatch(/\S/);
      }
    }
    expect(metricsOf("desk-globex")).toContain("card-unreachable");
    expect(metricsOf("billing")).not.toContain("card-unreachable");
  });

  test("is asked about in queries that Kusto's type checker takes", () => {
    for (const { arguments: rule } of stack.resources(RULE)) {
      expect(findQueryProblems(rule.criteria[0].query.replaceAll("$${", "${"))).toEqual([]);
    }
  });

  test("says which signal it is, and where to read about it", () => {
    const { criteria } = stack.at("billing/alerts-page").arguments;
    expect(criteria[0].dimension.map(({ name }: { name: string }) => name)).toEqual(["Signal", "Runbook"]);
    expect(queryAt("billing/alerts-page")).toContain('strcat("docs/runbook.md#", Signal)');
  });

  test("sends counters as differences, which is what the queries add up", () => {
    const variables = (path: string, from = stack) =>
      Object.fromEntries(
        from
          .at(path)
          .arguments.template.container[0].env.map(({ name, value }: { name: string; value?: string }) => [
            name,
            value,
          ]),
      );
    const preference = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    expect(variables("billing/resource")[preference]).toBe("delta");
    // Another collector adds up by itself.
    const elsewhere = stackOf({
      ...environment,
      telemetry: { existingEndpoint: "https://otel.acme.example:4318" },
    });
    expect(variables("billing/resource", elsewhere)[preference]).toBeUndefined();
    expect(elsewhere.resources(RULE).map(({ path }) => path)).toEqual([]);
  });

  test("has thresholds that follow its definition", () => {
    const slow = (agent: AgentDefinition) => {
      const query = queryAt("billing/alerts-ticket", stackOf(environment, [agent]));
      return /percentile[^\n]+\n\| where Value > (\d+)\n\| extend Signal = "slow-tasks"/.exec(query)?.[1];
    };
    expect(slow({ ...billing, taskDeadlineSeconds: 100 })).toBe("80");
    expect(slow({ ...billing, taskDeadlineSeconds: 200 })).toBe("160");
  });

  test("comes and goes without a change of anybody else's", () => {
    const other = { ...billing, name: "other" };
    const more = stackOf(environment, [...definitions, other]);
    const alerts = (from: typeof stack) =>
      new Map(
        from
          .resources()
          .filter(
            ({ type, path }) => /monitor|workbook|query|web_test/.test(type) && !path.startsWith("other/"),
          )
          .map(({ path, arguments: all }) => [path, all]),
      );
    expect(alerts(more)).toEqual(alerts(stack));
    expect(more.resources(RULE)).toHaveLength(stack.resources(RULE).length + 2);
  });
});

describe("who is told", () => {
  const problems = (of: Environment) =>
    resolveFleet(definitions, of).warnings.filter(({ rule }) => rule === "somebody-is-told");

  test("is the environment's own group and the one that exists", () => {
    const actionGroup = { name: "ag-on-call", resourceGroup: "rg-monitoring" };
    const both = stackOf({ ...environment, alerts: { ...environment.alerts, actionGroup } });
    const { actions, email } = {
      actions: both.at("billing/alerts-page").arguments.action.action_groups,
      email: both.at("shared/alerts/resource").arguments.email_receiver,
    };
    expect(email.map(({ email_address }: { email_address: string }) => email_address)).toEqual([
      "on-call@acme.example",
    ]);
    expect(actions).toHaveLength(2);
    expect(actions[1]).toMatch(/\/resourceGroups\/rg-monitoring\/.*\/actionGroups\/ag-on-call$/);
  });

  test("is asked for: alerts that call nobody are a warning", () => {
    expect(problems(environment)).toEqual([]);
    expect(problems(plain).map(({ message }) => message)).toEqual([
      expect.stringContaining("its alerts call nobody"),
    ]);
    expect(stackOf(plain).at("billing/alerts-page").arguments.action).toBeUndefined();
  });

  test("is nobody in development, which has its views and pays for no alert", () => {
    const development = stackOf({ ...plain, stage: "development" });
    expect([...development.resources(RULE), ...development.resources(METRIC)]).toEqual([]);
    expect(development.resources("azurerm_application_insights_workbook")).toHaveLength(1);
    expect(problems({ ...plain, stage: "development" })).toEqual([]);
    const told = stackOf({ ...environment, stage: "development" });
    const severities = new Set(
      [...told.resources(RULE), ...told.resources(METRIC)].map((each) => each.arguments.severity),
    );
    expect([...severities]).toEqual([3]);
  });
});

describe("a level of logs", () => {
  const warned = (change: Partial<Environment>) =>
    resolveFleet(definitions, { ...environment, ...change })
      .warnings.filter(({ rule }) => rule === "logs-tell-durations")
      .map(({ message }) => message);

  test("that hides the lines which alerts read is said", () => {
    expect(warned({ logLevel: "info" })).toEqual([]);
    expect(warned({ logLevel: "debug" })).toEqual([]);
    expect(warned({ logLevel: "warning" })).toEqual([expect.stringContaining("logLevel 'warning' hides")]);
  });

  test("is nobody's business where no alert reads them", () => {
    expect(warned({ logLevel: "warning", stage: "development", alerts: undefined })).toEqual([]);
    expect(
      warned({ logLevel: "warning", telemetry: { existingEndpoint: "https://otel.acme.example:4318" } }),
    ).toEqual([]);
  });
});

describe("where people look", () => {
  test("every chart of the workbook and its list of agents is a query that Kusto's type checker takes", () => {
    for (const { kql } of charts) expect(findQueryProblems(kql.replaceAll("{Agent}", "billing"))).toEqual([]);
    expect(findQueryProblems(AGENTS)).toEqual([]);
  });

  test("the workbook is JSON with a chart for each query, and names no agent", () => {
    const text: string = stack.at("shared/views/resource").arguments.data_json;
    const { items } = JSON.parse(text.replaceAll("$${", "${"));
    expect(items.filter(({ type }: { type: number }) => type === 3)).toHaveLength(charts.length);
    expect(text).not.toMatch(/billing|globex/);
  });
});

test("an agent on AKS has a rule group of its own in managed Prometheus", () => {
  const groups = (agents: readonly AgentDefinition[]) =>
    synthCluster(aksEnvironment, agents).resources("azurerm_monitor_alert_prometheus_rule_group");
  const group = groups([billing]).find(({ path }) => path === "billing/alerts");
  const rules: { alert: string; expression: string; for?: string; severity: number; action: object[] }[] =
    group?.arguments.rule;
  expect(rules.find(({ alert }) => alert === "OverdueTasks")).toMatchObject({
    expression: 'max(a2a_overdue_tasks{namespace="agents",pod=~"billing-[a-z0-9]+-[a-z0-9]+"}) > 0',
    for: "PT5M",
    severity: 1,
    action: [{ action_group_id: expect.stringMatching(/actionGroups\/ag-acme-test$/) }],
  });
  // Azure takes twenty rules in a group.
  expect(rules.length).toBeLessThanOrEqual(20);
  expect(groups([billing, { ...billing, name: "other" }])).toContainEqual(group);
});

describe("a budget", () => {
  const budgetOf = (of: Environment) => stackOf(of).resources("azurerm_consumption_budget_resource_group");

  test("is there where an environment has one, and tells whom its alerts tell", () => {
    expect(budgetOf(environment)).toEqual([]);
    const [budget] = budgetOf({ ...environment, budget: { monthly: 900 } });
    expect(budget?.arguments.amount).toBe(900);
    expect(
      budget?.arguments.notification.map((each: { threshold: number; contact_emails: string[] }) => [
        each.threshold,
        each.contact_emails,
      ]),
    ).toEqual([50, 80, 100].map((threshold) => [threshold, ["on-call@acme.example"]]));
    // The day of the first deploy, which no synthesis knows.
    expect(budget?.arguments.time_period.start_date).toMatch(/^\$\{formatdate\(.*time_static\./);
  });

  test("tells its owners where nobody is named", () => {
    const [budget] = budgetOf({ ...plain, budget: { monthly: 900 } });
    expect(budget?.arguments.notification[0].contact_roles).toEqual(["Owner"]);
  });
});
