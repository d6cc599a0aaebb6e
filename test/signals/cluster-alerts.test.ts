import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { App, TerraformStack } from "cdktf";
import { afterAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { ClusterFoundations } from "../../src/cluster/cluster-foundations";
import { contextProviders } from "../../src/cluster/context-providers";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentSignals } from "../../src/signals/agent-signals";
import { ClusterStack } from "../../src/stacks/cluster-stack";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { findCrdProblems } from "../support/find-crd-problems";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";
import { synthCluster } from "../support/kubernetes-fleet";
import { readManifests } from "../support/kubernetes-manifests";
import { readCustomResources } from "../support/kubernetes-resources";
import { usePlanning } from "../support/plan-stack";
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
    const lost = (less: AgentDefinition) => {
      const left = alerts(less);
      return all.filter((alert) => !left.includes(alert));
    };
    expect(lost(plain)).toEqual(["ModelErrors", "ModelLatency"]);
    expect(lost({ ...quick, streaming: false })).toEqual(["OpenStreams", "CutStreams"]);
    expect(lost({ ...quick, minReplicas: 4 })).toEqual(["ReplicasAtMaximum"]);
  });

  test("have every signal as a rule, or there is a reason why not", () => {
    const made = rulesOf([quick])
      .get("quick--alerts")
      ?.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const [workload] = resolveFleet([quick], environment).workloads;
    for (const { id, measure, threshold } of agentSignals) {
      const limit = workload === undefined ? 0 : threshold(workload);
      const source = measure.kind === "platform" ? measure.source.kubernetes : {};
      const reason =
        typeof limit === "number" ? ("absent" in source ? source.absent : undefined) : limit.absent;
      const name = id.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
      if (reason === undefined) expect(made).toContain(name);
      else expect(made).not.toContain(name);
    }
  });

  test("lead to a section of the runbook", () => {
    const { runbook_url } = ruleOf(rulesOf([quick]).get("quick--alerts"), "OverdueTasks")?.annotations ?? {};
    expect(runbook_url).toBe("docs/runbook.md#overdue-tasks");
    const elsewhere = { ...environment, alerts: { runbookUrl: "https://wiki.example.com/fleet" } };
    expect(
      ruleOf(rulesOf([quick], elsewhere).get("quick--alerts"), "OverdueTasks")?.annotations.runbook_url,
    ).toBe("https://wiki.example.com/fleet#overdue-tasks");
  });

  test("are not there without the operator, nor in development unless they are asked for", () => {
    const { prometheusOperator: _, ...without } = environment.kubernetes ?? {};
    const count = (of: Environment) => rulesOf([quick], of).size;
    expect(count({ ...environment, kubernetes: without })).toBe(0);
    expect(count({ ...environment, stage: "development" })).toBe(0);
    const asked = { runbookUrl: "https://wiki.example.com/fleet" };
    expect(count({ ...environment, stage: "development", alerts: asked })).toBe(2);
    const warnings = (of: Environment) => resolveFleet([quick], of).warnings.map(({ rule }) => rule);
    expect(warnings(environment)).not.toContain("agents-are-watched");
    expect(warnings({ ...environment, kubernetes: without })).toContain("agents-are-watched");
    expect(warnings({ ...environment, kubernetes: without, stage: "development" })).not.toContain(
      "agents-are-watched",
    );
    // Its figures are there to be seen all the same.
    const dashboards = readManifests(
      synthCluster({ ...environment, stage: "development" }, [quick]).json,
    ).filter(({ metadata }) => metadata.labels?.grafana_dashboard === "1");
    expect(dashboards.map(({ metadata }) => metadata.name)).toEqual(["fleet-dashboard"]);
  });
});

describe("with and without the operator", () => {
  const { deployStack, destroyStack, planStack } = usePlanning();
  const kept = { ...environment, deletionProtection: false };
  const root = mkdtempSync(join(tmpdir(), "operator-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  // Whole folders: what a chart brings is judged where the chart is there to be read.
  const folderOf = (id: string, build: (app: App) => unknown) => {
    const app = new App({ outdir: mkdtempSync(join(root, "out-")), context: { rehearsal: true } });
    build(app);
    app.synth();
    return { folder: join(app.outdir, "stacks", id) };
  };
  const all = { environment: kept, agents: [quick] };
  const before = folderOf(
    "plain",
    (app) => new EnvironmentStack(app, { ...all, clouds: { ClusterFoundations } }),
  );
  const stack = folderOf("plain-cluster", (app) => new ClusterStack(app, all));
  const operator = folderOf("operator", (app) => {
    const scope = new TerraformStack(app, "operator");
    contextProviders(scope, "plain");
    new Release(scope, "operator", {
      name: "prometheus",
      namespace: "monitoring",
      createNamespace: true,
      repository: "https://prometheus-community.github.io/helm-charts",
      chart: "kube-prometheus-stack",
      version: "77.0.0",
    });
  });

  test("rules and dashboard deploy, plan nothing the second time, and go without a trace", async () => {
    const prepared = await deployStack(before, { cloud: await deployStack(operator) });
    const deployed = await deployStack(stack, { cloud: prepared });
    expect((await planStack(stack, { prior: deployed })).isEmpty).toBe(true);
    const left = await destroyStack(stack, { prior: deployed });
    expect(Object.keys(left.ledger.entries)).toEqual(Object.keys(prepared.ledger.entries));
  });

  test("rules are refused where their kind is not there", async () => {
    const prepared = await deployStack(before);
    await expect(deployStack(stack, { cloud: prepared })).rejects.toThrow(
      /no matches for kind "P(odMonitor|rometheusRule)"/,
    );
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
  [`kube_pod_container_status_waiting_reason{${pod},container="agent",reason="ImagePullBackOff"}`]: "0x400",
  [`kube_pod_container_status_restarts_total{${pod},container="agent"}`]: "0x400",
  [`container_memory_working_set_bytes{${pod},container="agent"}`]: "300000000x400",
  [`kube_pod_container_resource_limits{${pod},container="agent",resource="memory"}`]: "1073741824x400",
};
const QUIET = 380;

const tasksWithin = (le: string) => `a2a_task_duration_seconds_bucket{${pod},state="completed",le="${le}"}`;
const modelWithin = (le: string) => `a2a_model_request_duration_seconds_bucket{${pod},le="${le}"}`;
const streams = `a2a_open_streams{${pod}}`;
/** Replicas beside the one that always runs. */
const replicas = (more: number, samples: string): Series =>
  Object.fromEntries(
    Array.from({ length: more }, (_, index) => [
      `kube_pod_info{${pod.replace("x2x4z", `m0re${index}`)}}`,
      samples,
    ]),
  );

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
  [
    "a replica starts for 45 s",
    382,
    ["ColdStarts"],
    { [`a2a_startup_seconds{${pod.replace("x2x4z", "n3w0n")}}`]: `_x${QUIET} 45x20` },
  ],
  ["nothing but a replica that took 45 s long ago", 382, [], { [`a2a_startup_seconds{${pod}}`]: "45x400" }],
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
    "an image can't be pulled",
    399,
    ["FailedRevision"],
    {
      [`kube_pod_container_status_waiting_reason{${pod},container="agent",reason="ImagePullBackOff"}`]: `0x${QUIET} 1x20`,
    },
  ],
  [
    "memory runs out",
    399,
    ["Memory"],
    {
      [`container_memory_working_set_bytes{${pod},container="agent"}`]: `300000000x${QUIET - 2} 1060000000x25`,
    },
  ],
  // What has to last is wrong from minute 350 on; beside it the same, not as much or not as long.
  ["tasks come close to their deadline", 395, ["SlowTasks"], { [tasksWithin("10")]: "0+2x350 700x50" }],
  ["nothing but two tasks of a hundred are slow", 395, [], { [tasksWithin("10")]: "0+1.96x400" }],
  ["replicas serve nearly as many streams as they can", 395, ["OpenStreams"], { [streams]: "3x350 161x50" }],
  ["nothing but as many streams as are no trouble", 395, [], { [streams]: "160x400" }],
  ["nothing but streams that were many for ten minutes", 395, [], { [streams]: "3x360 161x10 3x30" }],
  ["the model is slow", 395, ["ModelLatency"], { [modelWithin("10")]: "0+3x350 1050x50" }],
  ["nothing but two answers of a hundred are slow", 395, [], { [modelWithin("10")]: "0+2.94x400" }],
  ["all replicas run that there may be", 395, ["ReplicasAtMaximum"], replicas(3, "_x350 1x50")],
  ["nothing but one replica less runs", 395, [], replicas(2, "1x400")],
  ["nothing but a quarter of an hour of all replicas", 395, [], replicas(3, "_x380 1x20")],
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
  const MIB = 1024 ** 2;
  const store = 'namespace="agents",pod="task-store-0",container="redis"';
  const volume = 'namespace="agents",persistentvolumeclaim="task-store"';
  const storeUses = ({ bytes = 300 * MIB, disk = 2_000_000_000 }): Series => ({
    [`container_memory_rss{${store}}`]: `${bytes}x2900`,
    [`kube_pod_container_resource_limits{${store},resource="memory"}`]: `${1024 * MIB}x2900`,
    [`kubelet_volume_stats_used_bytes{${volume}}`]: `${disk}x2900`,
    [`kubelet_volume_stats_capacity_bytes{${volume}}`]: "8000000000x2900",
  });
  const edge = 'name="edge",namespace="agents"';
  const certificate = ({ renewal, ready }: { renewal: string; ready: string }): Series => ({
    [`certmanager_certificate_renewal_timestamp_seconds{${edge}}`]: renewal,
    [`certmanager_certificate_ready_status{${edge},condition="True"}`]: ready,
    [`certmanager_certificate_ready_status{${edge},condition="False"}`]: ready.startsWith("1")
      ? "0x2900"
      : "1x2900",
  });
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
    ["the store's memory fills", ["StoreMemory"], storeUses({ bytes: 700 * MIB })],
    ["the store's disk fills", ["StoreDisk"], storeUses({ disk: 7_000_000_000 })],
    ["the store has room", [], storeUses({})],
    [
      "a certificate should have been renewed two days ago",
      ["CertificateOverdue"],
      certificate({ renewal: "60x2900", ready: "1x2900" }),
    ],
    ["a certificate is renewed in time", [], certificate({ renewal: "180000x2900", ready: "1x2900" })],
    // Its renewal is 0 until it is issued.
    [
      "a certificate was never issued",
      ["CertificateMissing"],
      certificate({ renewal: "0x2900", ready: "0x2900" }),
    ],
    [
      "calls between sidecars fail",
      ["SidecarErrors"],
      {
        'dapr_runtime_service_invocation_res_recv_total{namespace="agents",status="500"}': "0x2860 5+5x40",
      },
    ],
  ] as [string, string[], Series][])("of what agents share: %s", (_what, firing, series) => {
    expect(findAlertProblems(parts, { series, minute: 2880, firing })).toBe("");
  });
});

test("promtool is there where nothing may be skipped", () => {
  if (process.env.CI === undefined) return;
  expect(() => findRuleProblems([])).not.toThrow();
});
