import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentSignals } from "../../src/signals/agent-signals";
import { google } from "../support/fleet/examples/google";
import { findRuleProblems } from "../support/promtool";
import { withPrograms } from "../support/real-programs";
import { synthEnvironment } from "../support/synth";

const helper: AgentDefinition = {
  name: "helper",
  description: "Helps",
  version: "1.2.0",
  cpu: 1,
  skills: [{ id: "help", name: "Help", description: "Helps", tags: ["help"] }],
};
const guide: AgentDefinition = { ...helper, name: "guide", audience: "customer-facing" };
const { invokers: _, ...cloudRun } = google.cloudRun ?? {};
const environment: Environment = { ...google, cloudRun, agents: {}, customers: [] };
const fleet = [helper, guide];
const stack = synthEnvironment(environment, fleet);

const POLICY = "google_monitoring_alert_policy";
interface Condition {
  readonly condition_prometheus_query_language: { readonly query: string; readonly duration: string };
}
const conditionsOf = (from = stack): (Condition & { readonly path: string })[] =>
  from
    .resources(POLICY)
    .flatMap(({ path, arguments: policy }) => policy.conditions.map((each: Condition) => ({ ...each, path })))
    .filter((condition) => condition.condition_prometheus_query_language !== undefined);
const queryAt = (path: string, from = stack) =>
  conditionsOf(from).find((condition) => condition.path === path)?.condition_prometheus_query_language.query;

describe("an agent on Cloud Run", () => {
  test("has every signal as a policy, or there is a reason why not", () => {
    for (const workload of resolveFleet(fleet, environment).workloads) {
      const made = stack
        .resources(POLICY)
        .filter(({ path }) => path.startsWith(`${workload.name}/alert-`))
        .map(({ path }) => path.replace(`${workload.name}/alert-`, ""));
      for (const { id, measure, threshold } of agentSignals) {
        const limit = threshold(workload);
        const source = measure.kind === "platform" ? measure.source["cloud-run"] : {};
        const reason =
          typeof limit === "number" ? ("absent" in source ? source.absent : undefined) : limit.absent;
        if (reason === undefined) expect(made).toContain(id);
        else if (id !== "card-unreachable") expect(made).not.toContain(id);
      }
    }
  });

  test("is asked about by its service, which two environments of a project don't share", () => {
    expect(queryAt("helper/alert-overdue-tasks")).toBe('max(a2a_overdue_tasks{job="google-helper"}) > 0');
    expect(queryAt("helper/alert-memory")).toContain('service_name="google-helper"');
  });

  test("has thresholds that follow its definition", () => {
    const slow = (agent: AgentDefinition) =>
      queryAt("helper/alert-slow-tasks", synthEnvironment(environment, [agent]));
    expect(slow({ ...helper, taskDeadlineSeconds: 100 })).toMatch(/ > 80$/);
    expect(slow({ ...helper, taskDeadlineSeconds: 200 })).toMatch(/ > 160$/);
  });

  test("comes and goes without a change of anybody else's", () => {
    const more = synthEnvironment(environment, [...fleet, { ...helper, name: "other" }]);
    const monitoring = (from: typeof stack) =>
      new Map(
        from
          .resources()
          .filter(({ type, path }) => /monitoring|logging/.test(type) && !path.startsWith("other/"))
          .map(({ path, arguments: all }) => [path, all]),
      );
    expect(monitoring(more)).toEqual(monitoring(stack));
    expect(more.resources(POLICY).length).toBeGreaterThan(stack.resources(POLICY).length);
  });

  test("calls somebody where only a channel that exists is named, and is a warning where none is", () => {
    const warnings = (alerts: Environment["alerts"]) =>
      resolveFleet(fleet, { ...environment, alerts }).warnings.filter(
        ({ rule }) => rule === "somebody-is-told",
      );
    expect(warnings({ notificationChannels: ["projects/acme/notificationChannels/1"] })).toEqual([]);
    expect(warnings({})).toHaveLength(1);
  });

  test("tells whom the environment names, with a way into the runbook", () => {
    const [policy] = stack.resources(POLICY).filter(({ path }) => path === "helper/alert-overdue-tasks");
    expect(policy?.arguments.notification_channels).toEqual([
      expect.stringMatching(/google_monitoring_notification_channel\..*email-0.*\.name/),
    ]);
    expect(policy?.arguments.documentation.content).toContain("docs/runbook.md#overdue-tasks");
    expect(policy?.arguments.severity).toBe("CRITICAL");
  });

  test("is asked for from outside where people come from there", () => {
    const checks = stack.resources("google_monitoring_uptime_check_config");
    expect(checks.map(({ path }) => path)).toEqual(["guide/card-check"]);
    expect(checks[0]?.arguments.http_check.path).toMatch(/\/\.well-known\/agent-card\.json$/);
    expect(checks[0]?.arguments.monitored_resource.labels.host).toBe("run.google.example.com");
  });
});

test("development has its dashboard, and no policy unless somebody is named", () => {
  const { alerts, ...untold } = environment;
  const development = synthEnvironment({ ...untold, stage: "development" }, fleet);
  expect(development.resources(POLICY)).toEqual([]);
  expect(development.resources("google_monitoring_dashboard")).toHaveLength(1);
  const told = synthEnvironment({ ...untold, alerts, stage: "development" }, fleet);
  expect(new Set(told.resources(POLICY).map((each) => each.arguments.severity))).toEqual(
    new Set(["WARNING"]),
  );
});

test("a budget is the billing account's, and only where one is named", () => {
  const budgets = (budget: Environment["budget"]) =>
    synthEnvironment({ ...environment, budget }, fleet).resources("google_billing_budget");
  expect(budgets(undefined)).toEqual([]);
  expect(() => budgets({ monthly: 500 })).toThrow(
    /'budget' is set, and Google .* set budget\.billingAccount/,
  );
  const [budget] = budgets({ monthly: 500, billingAccount: "012345-6789AB-CDEF01" });
  expect(budget?.arguments).toMatchObject({
    amount: { specified_amount: { units: "500" } },
    threshold_rules: [{ threshold_percent: 0.5 }, { threshold_percent: 0.8 }, { threshold_percent: 1 }],
  });
});

withPrograms("by Prometheus's own parser", ["promtool"], () => {
  test("every policy and every panel asks something", () => {
    const panels = JSON.parse(
      stack.at("google/alerts/resource").arguments.dashboard_json.replaceAll("$${", "${"),
    ).mosaicLayout.tiles.map(
      ({
        widget,
      }: {
        widget: { xyChart: { dataSets: { timeSeriesQuery: { prometheusQuery: string } }[] } };
      }) =>
        widget.xyChart.dataSets[0]?.timeSeriesQuery.prometheusQuery
          // What Google puts there for the agent that is chosen.
          .replaceAll("${agent.value}", "google-helper")
          .replaceAll("${agent}", 'job="google-helper"'),
    );
    const queries = [
      ...conditionsOf().map((each) => each.condition_prometheus_query_language.query),
      ...panels,
    ];
    expect(queries.length).toBeGreaterThan(40);
    const rules = queries.map((expr, index) => ({
      alert: `Query${index}`,
      expr,
      labels: {},
      annotations: {},
    }));
    expect(findRuleProblems([{ name: "google", rules }])).toBe("");
  });
});
