import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import { findCrdProblems } from "../support/find-crd-problems";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";
import { synthCluster } from "../support/kubernetes-fleet";
import { readManifests } from "../support/kubernetes-manifests";
import { readCustomResources } from "../support/kubernetes-resources";
import { findAlertProblems, findRuleProblems, type RuleGroup, type Series } from "../support/promtool";
import { withPrograms } from "../support/real-programs";

const environment: Environment = {
  ...plainCluster,
  stage: "staging",
  kubernetes: { ...plainCluster.kubernetes, prometheusOperator: true },
  mesh: { kind: "dapr" },
  identityProvider: { ...plainCluster.identityProvider, applications: {} } as IdentityProviderSettings,
  modelGateway: { url: "http://litellm.models:4000" },
  agents: {},
  vault: { kind: "kubernetes", secrets: ["registry-login", "litellm-api-key"] },
};
const quick: AgentDefinition = {
  ...agentDefinition("quick"),
  model: "gpt-test",
  maxReplicas: 4,
  minReplicas: 1,
};

function rulesOf(agents: readonly AgentDefinition[], of = environment): Map<string, RuleGroup[]> {
  const found = readCustomResources(synthCluster(of, agents).json).filter(
    ({ kind }) => kind === "PrometheusRule",
  );
  for (const rule of found) expect(findCrdProblems(rule)).toEqual([]);
  return new Map(found.map(({ metadata, spec }) => [metadata.name, spec.groups]));
}

const ruleOf = (groups: readonly RuleGroup[] | undefined, alert: string) =>
  groups?.flatMap(({ rules }) => rules).find((rule) => rule.alert === alert);

describe("the alerts of a cluster with the Prometheus Operator", () => {
  test("come with each agent, and another agent changes nobody else's", () => {
    const one = rulesOf([quick]);
    const two = rulesOf([quick, agentDefinition("other")]);
    expect([...two.keys()].toSorted()).toEqual(["fleet--alerts", "other--alerts", "quick--alerts"]);
    expect(two.get("quick--alerts")).toEqual(one.get("quick--alerts"));
    expect(two.get("fleet--alerts")).toEqual(one.get("fleet--alerts"));
  });

  test("follow from the definition: a longer deadline moves what is too slow", () => {
    const slow = (agent: AgentDefinition) => ruleOf(rulesOf([agent]).get("quick--alerts"), "SlowTasks")?.expr;
    expect(slow({ ...quick, taskDeadlineSeconds: 100 })).toMatch(/ > 80$/);
    expect(slow({ ...quick, taskDeadlineSeconds: 200 })).toMatch(/ > 160$/);
    expect(slow({ ...quick, objectives: { latencySeconds: 30 } })).toMatch(/ > 30$/);
    // Beyond what images count apart there is no figure.
    expect(slow({ ...quick, objectives: { latencySeconds: 700 } })).toBeUndefined();
  });

  test("leave out what an agent has not", () => {
    const { model: _, ...plain } = quick;
    const alerts = (agent: AgentDefinition) =>
      rulesOf([agent])
        .get("quick--alerts")
        ?.flatMap(({ rules }) => rules.map(({ alert }) => alert)) ?? [];
    const all = alerts(quick);
    const lost = (less: AgentDefinition) => all.filter((alert) => !alerts(less).includes(alert));
    expect(lost(plain)).toEqual(["ModelErrors", "ModelLatency"]);
    expect(lost({ ...quick, streaming: false })).toEqual(["OpenStreams", "CutStreams"]);
    expect(lost({ ...quick, minReplicas: 4 })).toEqual(["ReplicasAtMaximum"]);
  });

  test("lead to a section of the runbook", () => {
    const { runbook_url } = ruleOf(rulesOf([quick]).get("quick--alerts"), "OverdueTasks")?.annotations ?? {};
    expect(runbook_url).toBe("docs/runbook.md#overdue-tasks");
    const elsewhere = { ...environment, alerts: { runbookUrl: "https://wiki.example.com/fleet" } };
    expect(
      ruleOf(rulesOf([quick], elsewhere).get("quick--alerts"), "OverdueTasks")?.annotations.runbook_url,
    ).toBe("https://wiki.example.com/fleet#overdue-tasks");
  });

  test("are not there without the operator, nor in development unless somebody is named", () => {
    const { prometheusOperator: _, ...without } = environment.kubernetes ?? {};
    const count = (of: Environment) => rulesOf([quick], of).size;
    expect(count({ ...environment, kubernetes: without })).toBe(0);
    expect(count({ ...environment, stage: "development" })).toBe(0);
    expect(count({ ...environment, stage: "development", alerts: { email: ["on-call@example.com"] } })).toBe(
      2,
    );
    // Its figures are there to be seen all the same.
    const dashboards = readManifests(
      synthCluster({ ...environment, stage: "development" }, [quick]).json,
    ).filter(({ metadata }) => metadata.labels?.grafana_dashboard === "1");
    expect(dashboards.map(({ metadata }) => metadata.name)).toEqual(["fleet-dashboard"]);
  });
});

/** What an agent sends in a quiet hour and a half, and what the cluster says of it, minute by minute. */
const pod = 'namespace="agents",pod="quick-7d9f8c6b5-x2x4z"';
const healthy: Series = {
  [`a2a_tasks_total{${pod},state="completed"}`]: "0+2x400",
  [`a2a_tasks_total{${pod},state="failed"}`]: "0x400",
  [`a2a_task_duration_seconds_bucket{${pod},state="completed",le="10"}`]: "0+2x400",
  [`a2a_task_duration_seconds_bucket{${pod},state="completed",le="600"}`]: "0+2x400",
  [`a2a_task_duration_seconds_bucket{${pod},state="completed",le="+Inf"}`]: "0+2x400",
  [`a2a_overdue_tasks{${pod}}`]: "0x400",
  [`a2a_open_streams{${pod}}`]: "3x400",
  [`a2a_streams_total{${pod},end="final"}`]: "0+2x400",
  [`a2a_streams_total{${pod},end="cut"}`]: "0x400",
  [`a2a_startup_seconds{${pod}}`]: "3x400",
  [`a2a_requests_total{${pod},method="SendMessage",code="200"}`]: "0+5x400",
  [`a2a_requests_total{${pod},method="SendMessage",code="401"}`]: "0x400",
  [`a2a_auth_rejections_total{${pod},code="401",reason="no_token"}`]: "0x400",
  [`a2a_rate_limited_total{${pod}}`]: "0x400",
  [`a2a_card_requests_total{${pod},code="500"}`]: "0x400",
  [`a2a_store_errors_total{${pod},operation="save"}`]: "0x400",
  [`a2a_model_request_duration_seconds_count{${pod},model="gpt-test",outcome="ok"}`]: "0+3x400",
  [`a2a_model_request_duration_seconds_count{${pod},model="gpt-test",outcome="error"}`]: "0x400",
  [`a2a_model_request_duration_seconds_bucket{${pod},le="10"}`]: "0+3x400",
  [`a2a_model_request_duration_seconds_bucket{${pod},le="600"}`]: "0+3x400",
  [`a2a_model_request_duration_seconds_bucket{${pod},le="+Inf"}`]: "0+3x400",
  [`kube_pod_info{${pod}}`]: "1x400",
  [`kube_pod_status_ready{${pod},condition="false"}`]: "0x400",
  [`kube_pod_container_status_restarts_total{${pod},container="agent"}`]: "0x400",
  [`container_memory_working_set_bytes{${pod},container="agent"}`]: "300000000x400",
  [`kube_pod_container_resource_limits{${pod},container="agent",resource="memory"}`]: "1073741824x400",
};
const QUIET = 380;

/** Something that goes wrong from minute 380 on, and what has to fire by which minute. */
const troubles: readonly [what: string, minute: number, firing: readonly string[], series: Series][] = [
  [
    "most tasks fail",
    388,
    ["FailedTasksFast"],
    { [`a2a_tasks_total{${pod},state="failed"}`]: `0x${QUIET} 40+40x20` },
  ],
  [
    "some tasks fail for hours",
    398,
    ["FailedTasksSlow"],
    { [`a2a_tasks_total{${pod},state="failed"}`]: "0+1x400" },
  ],
  [
    "a task is working past its deadline",
    388,
    ["OverdueTasks"],
    { [`a2a_overdue_tasks{${pod}}`]: `0x${QUIET} 1x20` },
  ],
  [
    "a burst of 401",
    390,
    ["RejectedCallers"],
    {
      [`a2a_auth_rejections_total{${pod},code="401",reason="no_token"}`]: `0x${QUIET} 30+30x20`,
      [`a2a_requests_total{${pod},method="SendMessage",code="401"}`]: `0x${QUIET} 30+30x20`,
    },
  ],
  ["streams are cut", 390, ["CutStreams"], { [`a2a_streams_total{${pod},end="cut"}`]: `0x${QUIET} 4+4x20` }],
  ["a replica starts for 45 s", 382, ["ColdStarts"], { [`a2a_startup_seconds{${pod}}`]: `3x${QUIET} 45x20` }],
  [
    "the card breaks",
    383,
    ["CardErrors"],
    { [`a2a_card_requests_total{${pod},code="500"}`]: `0x${QUIET} 1+1x20` },
  ],
  [
    "the store fails",
    390,
    ["StoreErrors"],
    { [`a2a_store_errors_total{${pod},operation="save"}`]: `0x${QUIET} 3+3x20` },
  ],
  [
    "the model fails",
    392,
    ["ModelErrors"],
    {
      [`a2a_model_request_duration_seconds_count{${pod},model="gpt-test",outcome="error"}`]: `0x${QUIET} 4+4x20`,
    },
  ],
  ["a client runs wild", 390, ["RateLimited"], { [`a2a_rate_limited_total{${pod}}`]: `0x${QUIET} 60+60x20` }],
  [
    "it restarts again and again",
    390,
    ["Restarts"],
    { [`kube_pod_container_status_restarts_total{${pod},container="agent"}`]: `0x${QUIET} 1+1x20` },
  ],
  [
    "memory runs out",
    399,
    ["Memory"],
    {
      [`container_memory_working_set_bytes{${pod},container="agent"}`]: `300000000x${QUIET - 2} 1060000000x25`,
    },
  ],
];

withPrograms("by Prometheus's own engine", ["promtool"], () => {
  const rules = rulesOf([{ ...quick, objectives: { successShare: 0.97 } }]);
  const agent = rules.get("quick--alerts") ?? [];
  const parts = rules.get("fleet--alerts") ?? [];

  test("every rule is one", () => {
    expect(findRuleProblems([...agent, ...parts])).toBe("");
    const [first, ...rest] = agent[0]?.rules ?? [];
    const broken = { name: "broken", rules: [{ ...first, expr: "sum(" }, ...rest] } as RuleGroup;
    expect(findRuleProblems([broken])).not.toBe("");
  });

  test("every panel of the dashboard asks something", () => {
    const manifests = readManifests(synthCluster(environment, [quick]).json);
    const dashboard = manifests.find(({ metadata }) => metadata.name === "fleet-dashboard");
    const { panels } = JSON.parse(dashboard?.data["fleet.json"].replaceAll("$${", "${"));
    expect(panels.length).toBeGreaterThan(10);
    const asRules = panels.map(({ targets }: { targets: { expr: string }[] }, index: number) => ({
      alert: `Panel${index}`,
      expr: targets[0]?.expr.replaceAll("$agent", "quick"),
      labels: {},
      annotations: {},
    }));
    expect(findRuleProblems([{ name: "panels", rules: asRules }])).toBe("");
  });

  test("nothing fires while the agent is well", () => {
    expect(findAlertProblems(agent, { series: healthy, minute: 395, firing: [] })).toBe("");
    // The same held to what is wrong has to be told apart.
    expect(findAlertProblems(agent, { series: healthy, minute: 395, firing: ["OverdueTasks"] })).not.toBe("");
  });

  test("nothing fires while the fleet is idle at zero replicas", () => {
    expect(findAlertProblems(agent, { series: {}, minute: 60, firing: [] })).toBe("");
  });

  test.each(troubles)("exactly its own alert fires when %s", (_what, minute, firing, series) => {
    expect(findAlertProblems(agent, { series: { ...healthy, ...series }, minute, firing })).toBe("");
  });

  const jobs = 'namespace="agents",cronjob="task-store-backup"';
  test.each([
    [
      "the last backup is two days old",
      ["BackupOld"],
      {
        [`kube_cronjob_status_last_successful_time{${jobs}}`]: "0x2900",
        [`kube_cronjob_created{${jobs}}`]: "0x2900",
      },
    ],
    ["there never was a backup", ["BackupMissing"], { [`kube_cronjob_created{${jobs}}`]: "0x2900" }],
    [
      "backups are made",
      [],
      {
        [`kube_cronjob_status_last_successful_time{${jobs}}`]: "0+60x2900",
        [`kube_cronjob_created{${jobs}}`]: "0x2900",
      },
    ],
    [
      "a sidecar's certificate isn't renewed",
      ["SidecarCertificates"],
      {
        'dapr_runtime_mtls_workload_cert_rotated_fail_total{namespace="agents",app_id="quick"}':
          "0x2850 1+1x50",
      },
    ],
    [
      "the realm can't be corrected",
      ["RealmNotApplied"],
      { 'a2a_realm_uncorrected{namespace="agents",realm="test"}': "1x2900" },
    ],
  ] as [string, string[], Series][])("of what agents share: %s", (_what, firing, series) => {
    expect(findAlertProblems(parts, { series, minute: 2880, firing })).toBe("");
  });
});

test("promtool is there where nothing may be skipped", () => {
  if (process.env.CI === undefined) return;
  expect(() => findRuleProblems([])).not.toThrow();
});
