import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentSignals } from "../../src/signals/agent-signals";
import { fleetDashboard } from "../../src/signals/grafana";
import { isAbsent } from "../../src/signals/measure";
import { type PartKind, partRoles, partSignals, sourceOf } from "../../src/signals/part-signals";
import { asYaml } from "../support/as-yaml";
import { google } from "../support/fleet/examples/google";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { readCustomResources } from "../support/kubernetes-resources";
import { findQueryProblems } from "../support/kusto";
import { definitions, environment } from "../support/sample-fleet";
import { type FinishedStack, synthEnvironment } from "../support/synth";

const azure: Environment = {
  ...environment,
  azure: { ...environment.azure, network: { kind: "created" } } as Environment["azure"],
  gateway: {},
  identityProvider: { kind: "keycloak" },
};
const cluster: Environment = {
  ...plainCluster,
  stage: "staging",
  agents: {},
  kubernetes: { ...plainCluster.kubernetes, prometheusOperator: true },
  mesh: { kind: "dapr" },
  identityProvider: { ...plainCluster.identityProvider, applications: {} } as IdentityProviderSettings,
  vault: { kind: "kubernetes", secrets: ["registry-login"] },
};
const quick = agentDefinition("quick");
const { mesh: _mesh, identityProvider: _issuer, gateway: _gateway, ...bare } = cluster;
const { edge, backups: _backups, ...withoutEdge } = cluster.kubernetes ?? {};
const withEdgeAlone: Environment = {
  ...bare,
  kubernetes: { ...withoutEdge, edge },
  taskStore: { kind: "existing", host: "redis.acme.example", port: 6379, urlSecret: "registry-login" },
};
const withRedisAlone: Environment = {
  ...bare,
  kubernetes: withoutEdge,
  taskStore: { kind: "cluster-redis" },
};

/** Signals of what agents share that a stack has resources for, by the subject that they are under. */
function onAzure(stack: FinishedStack, subject: string): string[] {
  const under = `shared/alerts/${subject}/`;
  return [
    ...stack.resources("azurerm_monitor_metric_alert"),
    ...stack.resources("azurerm_monitor_scheduled_query_rules_alert_v2"),
  ]
    .filter(({ path }) => path.startsWith(under))
    .map(({ path }) => path.slice(under.length).replace(/^alert-/, ""));
}
const onGoogle = (stack: FinishedStack, subject: string): string[] =>
  stack
    .resources("google_monitoring_alert_policy")
    .flatMap(({ path }) => /^google\/alerts\/([^/]+)\/alert-(.+)$/.exec(path)?.slice(1).join(" ") ?? [])
    .filter((found) => found.startsWith(`${subject} `))
    .map((found) => found.slice(subject.length + 1));
const kebab = (alert: string): string => alert.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase();
const inCluster = (of: Environment): string[] =>
  readCustomResources(synthCluster(of, [quick]).json)
    .filter(({ kind, metadata }) => kind === "PrometheusRule" && metadata.name === "fleet--alerts")
    .flatMap(({ spec }) => spec.groups)
    .flatMap(({ rules }) => rules.map(({ alert }: { alert: string }) => kebab(alert)));
const inManagedPrometheus = (): string[] =>
  synthCluster({ ...aksEnvironment, mesh: { kind: "dapr" } }, [quick])
    .resources("azurerm_monitor_alert_prometheus_rule_group")
    .filter(({ path }) => !path.startsWith("quick/"))
    .flatMap(({ arguments: group }) => group.rule.map(({ alert }: { alert: string }) => kebab(alert)));

const azureStack = synthEnvironment(azure, definitions);
const { invokers: _, ...cloudRun } = google.cloudRun ?? {};
const googleStack = synthEnvironment({ ...google, cloudRun, agents: {}, customers: [] }, [
  { ...quick, cpu: 1 },
]);
const googleSqlStack = synthEnvironment(
  { ...google, cloudRun, agents: {}, customers: [], taskStore: { kind: "cloud-sql" } },
  [{ ...quick, cpu: 1 }],
);
const storeIn = (taskStore: Environment["taskStore"]) =>
  onAzure(synthEnvironment({ ...azure, taskStore }, definitions), "task-store");

/** What is made in a fleet where there are exactly these parts, under one subject. */
const made: readonly (readonly [parts: readonly PartKind[], where: string, made: () => string[]])[] = [
  [["managed-redis"], "Azure", () => onAzure(azureStack, "task-store")],
  [["redis-cache"], "Azure", () => storeIn({ kind: "redis-cache", reason: "its owner has not moved yet" })],
  [["azure-postgres"], "Azure", () => storeIn({ kind: "azure-postgres" })],
  [["azure-postgres"], "Azure for Keycloak", () => onAzure(azureStack, "keycloak-database")],
  [["key-vault"], "Azure", () => onAzure(azureStack, "vault")],
  [["api-management"], "Azure", () => onAzure(azureStack, "gateway")],
  [["keycloak-app"], "Azure", () => onAzure(azureStack, "keycloak")],
  [["memorystore"], "Google", () => onGoogle(googleStack, "store")],
  [["cloud-sql"], "Google", () => onGoogle(googleSqlStack, "store")],
  [["secret-manager"], "Google", () => onGoogle(googleStack, "vault")],
  [["load-balancer"], "Google", () => onGoogle(googleStack, "load-balancer")],
  [
    [
      "dapr",
      "keycloak-cluster",
      "backups",
      "cluster-redis",
      "cert-manager",
      "cluster-edge",
      "cluster-secrets",
    ],
    "a plain cluster",
    () => inCluster(cluster),
  ],
  [["dapr", "cert-manager", "cluster-edge"], "AKS", () => inManagedPrometheus()],
  // Certificates are there for an edge alone, and for a Redis alone.
  [["cert-manager"], "a cluster with an edge and somebody else's Redis", () => inCluster(withEdgeAlone)],
  [["cluster-redis", "cert-manager"], "a cluster with a Redis and no edge", () => inCluster(withRedisAlone)],
];

describe("what agents share", () => {
  test.each(made)("has every signal of %j on %s, or there is a reason why not", (parts, _where, found) => {
    const measured = partSignals.filter((signal) =>
      parts.some((part) => {
        const source = sourceOf(signal, part);
        return source !== undefined && !isAbsent(source);
      }),
    );
    expect(found().toSorted()).toEqual(measured.map(({ id }) => id).toSorted());
  });

  test("is walked whole: each kind of part is in one of these fleets", () => {
    const walked = new Set(made.flatMap(([parts]) => parts));
    expect(
      Object.values(partRoles)
        .flat()
        .filter((part) => !walked.has(part)),
    ).toEqual([]);
    for (const signal of partSignals) {
      for (const source of Object.values(signal.sources)) {
        if (isAbsent(source)) expect(source.absent).toMatch(/\S+ \S+/);
      }
    }
  });

  test.each(partSignals.map((signal) => [signal.id, signal] as const))(
    "is about one role, and says of each kind of it where it is measured: %s",
    (_id, { about, sources }) => {
      expect(Object.keys(sources).toSorted()).toEqual(partRoles[about].toSorted());
    },
  );

  test("asks logs in queries that Kusto's type checker takes", () => {
    const queries = azureStack
      .resources("azurerm_monitor_scheduled_query_rules_alert_v2")
      .filter(({ path }) => path.startsWith("shared/alerts/"))
      .map(({ arguments: rule }) => rule.criteria[0].query);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) expect(findQueryProblems(query)).toEqual([]);
  });
});

/** What the fleet's other resources have as well, and what is the runbook's. */
const SAID_ELSEWHERE =
  /^(?:depends_on|description|documentation|project|resource_group_name|tags|user_labels)$/;

/** What alerts are made of, by their place: figures, windows and queries. */
const alertsIn = (stack: FinishedStack, of: RegExp): [string, object][] =>
  stack
    .resources()
    .filter(({ type }) => /_alert|alert_policy|prometheus_rule_group|uptime_check|web_test/.test(type))
    .filter(({ path }) => of.test(path))
    .map(({ path, arguments: alert }) => [
      path,
      Object.fromEntries(Object.entries(alert).filter(([key]) => !SAID_ELSEWHERE.test(key))),
    ]);
const rulesIn = (of: Environment): [string, object][] =>
  readCustomResources(synthCluster(of, [{ ...quick, model: "gpt-test" }]).json).flatMap(
    ({ kind, metadata, spec }) => (kind === "PrometheusRule" ? [[metadata.name, spec]] : []),
  );
const withStore = (taskStore: Environment["taskStore"]) =>
  alertsIn(synthEnvironment({ ...azure, taskStore }, definitions), /^shared\/alerts\/task-store\//);

test.each<[string, () => [string, object][]]>([
  ["azure", () => alertsIn(azureStack, /^(?:shared|billing)\//)],
  ["azure-redis-cache", () => withStore({ kind: "redis-cache", reason: "its owner has not moved yet" })],
  ["azure-postgres", () => withStore({ kind: "azure-postgres" })],
  ["google", () => alertsIn(googleStack, /./)],
  ["google-cloud-sql", () => alertsIn(googleSqlStack, /^google\/alerts\/store\//)],
  [
    "cluster",
    () =>
      rulesIn({
        ...cluster,
        modelGateway: { url: "http://litellm.models:4000", keySecret: "registry-login" },
      }),
  ],
])("every alert of %s has the figures, windows and queries that were agreed", async (name, alerts) => {
  const text = asYaml(Object.fromEntries(alerts()));
  await expect(text).toMatchFileSnapshot(join(__dirname, `__snapshots__/${name}.yaml`));
});

test.each([
  [0, 1, undefined],
  [1, 2, 1],
  [2, 2, undefined],
  [1, 4, 3],
])("all replicas of %i to %i are too many above %s", (minReplicas, maxReplicas, most) => {
  const [workload] = resolveFleet([{ ...quick, minReplicas, maxReplicas }], {
    ...cluster,
    agents: {},
  }).workloads;
  const limit = agentSignals
    .find(({ id }) => id === "replicas-at-maximum")
    ?.threshold(workload as AgentWorkload);
  expect(typeof limit === "number" ? limit : undefined).toBe(most);
});

test("a dashboard asks for one agent of one namespace, and looks again every minute", () => {
  const { panels, ...dashboard } = fleetDashboard({ name: "test" }, "agents");
  expect(dashboard).toMatchInlineSnapshot(`
    {
      "refresh": "1m",
      "schemaVersion": 39,
      "tags": [
        "a2a-fleet",
      ],
      "templating": {
        "list": [
          {
            "name": "datasource",
            "query": "prometheus",
            "type": "datasource",
          },
          {
            "datasource": {
              "type": "prometheus",
              "uid": "\${datasource}",
            },
            "name": "agent",
            "query": "label_values(a2a_active_tasks{namespace="agents"}, pod)",
            "refresh": 2,
            "regex": "/^(.+)-[a-z0-9]+-[a-z0-9]+$/",
            "type": "query",
          },
        ],
      },
      "time": {
        "from": "now-6h",
        "to": "now",
      },
      "title": "A2A agents: test",
      "uid": "a2a-test",
    }
  `);
  expect(panels[4]).toMatchInlineSnapshot(`
    {
      "datasource": {
        "type": "prometheus",
        "uid": "\${datasource}",
      },
      "description": "Every open event stream takes a connection of a replica. Soon new callers wait. Unit: streams. Too much: 80 % of what all replicas serve at most: \`maxReplicas\` times the requests or tasks of one.",
      "gridPos": {
        "h": 7,
        "w": 8,
        "x": 8,
        "y": 7,
      },
      "id": 5,
      "links": [
        {
          "title": "Runbook",
          "url": "docs/runbook.md#open-streams",
        },
      ],
      "targets": [
        {
          "datasource": {
            "type": "prometheus",
            "uid": "\${datasource}",
          },
          "expr": "sum(a2a_open_streams{namespace="agents",pod=~"$agent-[a-z0-9]+-[a-z0-9]+"})",
          "legendFormat": "open-streams",
          "refId": "A",
        },
      ],
      "title": "Nearly as many streams are open as replicas can serve",
      "type": "timeseries",
    }
  `);
});

test("a signal that an agent cannot have says why", () => {
  const still = {
    ...quick,
    streaming: false,
    minReplicas: 1,
    maxReplicas: 1,
    objectives: { latencySeconds: 700 },
  };
  const [workload] = resolveFleet([still], { ...cluster, agents: {} }).workloads;
  const reasons = agentSignals.flatMap(({ id, threshold }) => {
    const limit = threshold(workload as AgentWorkload);
    return typeof limit === "number" ? [] : [[id, limit.absent]];
  });
  expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
    {
      "card-unreachable": "only the fleet's own agents come from outside",
      "cut-streams": "it streams nothing",
      "model-errors": "it uses no model",
      "model-latency": "it uses no model",
      "open-streams": "it streams nothing",
      "replicas-at-maximum": "it always runs as many as it may",
      "slow-tasks": "700 s is beyond 600 s, the longest that images count apart",
    }
  `);
});

describe("certificates of a cluster", () => {
  const monitorsOf = (of: Environment) =>
    readCustomResources(synthCluster(of, [quick]).json)
      .filter(({ kind, metadata }) => kind === "PodMonitor" && metadata.name !== "keycloak-realm")
      .map(({ metadata, spec }) => [metadata.name, spec.podMetricsEndpoints[0].honorLabels]);

  test("are read from the fleet's own cert-manager by their own namespace, and from nobody else's", () => {
    expect(monitorsOf(cluster)).toEqual([
      ["agents", undefined],
      ["certificates", true],
    ]);
    const theirs: Environment = {
      ...cluster,
      kubernetes: {
        ...cluster.kubernetes,
        edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "corporate" } },
      },
    };
    expect(monitorsOf(theirs)).toEqual([["agents", undefined]]);
    expect(inCluster(theirs)).toContain("certificate-overdue");
  });
});
