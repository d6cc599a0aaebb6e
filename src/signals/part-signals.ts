import type { Absent, AzureMetric, PrometheusSource } from "./measure";
import type { Signal } from "./signal";

/** Kinds of shared parts that something is measured of. */
export type PartKind =
  | "managed-redis"
  | "redis-cache"
  | "memorystore"
  | "cluster-redis"
  | "azure-postgres"
  | "key-vault"
  | "api-management"
  | "load-balancer"
  | "keycloak-app"
  | "keycloak-cluster"
  | "dapr"
  | "backups";

/** Something that matters of a part that agents share. */
export interface PartSignal extends Signal {
  /** Where it is measured, part by part. A part that is not named has nothing of the kind. */
  readonly sources: Readonly<Partial<Record<PartKind, PartSource | Absent>>>;
}

/** Where something of a part is measured, and the figure above which it is too much. */
export type PartSource = (AzureMetric | PrometheusSource | LogSource) & { readonly threshold: number };

/** A table of the workspace: how many rows it has is the figure. */
export interface LogSource {
  readonly kql: string;
  readonly windowMinutes: 5 | 15 | 30 | 60;
}

const REDIS_ENTERPRISE = "Microsoft.Cache/redisEnterprise";
const REDIS = "Microsoft.Cache/redis";
const POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers";
const VAULT = "Microsoft.KeyVault/vaults";
const GATEWAY = "Microsoft.ApiManagement/service";

const NO_EXPORTER: Absent = {
  absent:
    "Redis in the cluster has no exporter of metrics; its pods' memory and restarts are the cluster's own alerts",
};

/** Everything that matters of what agents share. */
export const partSignals: readonly PartSignal[] = [
  {
    id: "store-memory",
    title: "The task store is nearly full",
    meaning: "A store that is full refuses writes: no task can begin or end.",
    unit: "percent of memory",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords: "80 %: tasks carry a time to live, so it does not fill by itself",
    query: "failures",
    act: [
      "Look whether tasks came in a rush, or grew.",
      "Take the next size (`taskStore`); on Azure changing it recreates the database, so wait for a quiet hour.",
    ],
    sources: {
      "managed-redis": {
        namespace: REDIS_ENTERPRISE,
        metric: "usedmemorypercentage",
        aggregation: "Maximum",
        windowMinutes: 5,
        threshold: 80,
      },
      "redis-cache": {
        namespace: REDIS,
        metric: "allusedmemorypercentage",
        aggregation: "Maximum",
        windowMinutes: 5,
        threshold: 80,
      },
      memorystore: {
        promql: (instance) =>
          `max(redis_googleapis_com:stats_memory_usage_ratio{monitored_resource="redis_instance",${instance}}) * 100`,
        threshold: 80,
      },
      "cluster-redis": NO_EXPORTER,
    },
  },
  {
    id: "store-evictions",
    title: "The task store throws tasks away",
    meaning: "Keys are evicted to make room. The store is set to refuse instead: somebody changed it.",
    unit: "keys",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "none: nothing may be thrown away",
    query: "failures",
    act: ["Deploy again, which sets the policy back; then make room as for store-memory."],
    sources: {
      "managed-redis": {
        namespace: REDIS_ENTERPRISE,
        metric: "evictedkeys",
        aggregation: "Total",
        windowMinutes: 5,
        threshold: 0,
      },
      "redis-cache": {
        namespace: REDIS,
        metric: "allevictedkeys",
        aggregation: "Total",
        windowMinutes: 5,
        threshold: 0,
      },
      memorystore: {
        promql: (instance) =>
          `sum(increase(redis_googleapis_com:stats_evicted_keys{monitored_resource="redis_instance",${instance}}[10m]))`,
        threshold: 0,
      },
      "cluster-redis": NO_EXPORTER,
    },
  },
  {
    id: "store-connections",
    title: "The task store has nearly no connections left",
    meaning: "The next replica that starts cannot connect, and does not get ready.",
    unit: "connections",
    severity: "ticket",
    lastsMinutes: 5,
    thresholdInWords: "80 % of the fewest that any size of the store takes",
    query: "failures",
    act: [
      "Look whether replicas are at their maximum; lower `maxReplicas` or `workers`, or take the next size.",
    ],
    sources: {
      "managed-redis": {
        namespace: REDIS_ENTERPRISE,
        metric: "connectedclients",
        aggregation: "Maximum",
        windowMinutes: 5,
        // https://learn.microsoft.com/azure/redis/overview: 15,000 for the smallest.
        threshold: 12_000,
      },
      "redis-cache": {
        namespace: REDIS,
        metric: "allconnectedclients",
        aggregation: "Maximum",
        windowMinutes: 5,
        // https://learn.microsoft.com/azure/azure-cache-for-redis/cache-planning-faq: 256 for C0.
        threshold: 205,
      },
      memorystore: {
        promql: (instance) =>
          `sum(redis_googleapis_com:clients_connected{monitored_resource="redis_instance",${instance}})`,
        // https://cloud.google.com/memorystore/docs/redis/redis-configs: maxclients is 65,000.
        threshold: 52_000,
      },
      "azure-postgres": {
        namespace: POSTGRES,
        metric: "active_connections",
        aggregation: "Maximum",
        windowMinutes: 5,
        // https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits: 50 for B1ms, 15 of them kept.
        threshold: 28,
      },
      "cluster-redis": NO_EXPORTER,
    },
  },
  {
    id: "database-storage",
    title: "The database's disk is nearly full",
    meaning: "A Postgres whose disk is full can only be read: no task, no login is written.",
    unit: "percent of storage",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords: "85 %: at 95 % Azure makes the server read-only",
    query: "failures",
    act: ["It grows by itself where `auto_grow` holds; look why it did not, and set its storage by hand."],
    sources: {
      "azure-postgres": {
        namespace: POSTGRES,
        metric: "storage_percent",
        aggregation: "Maximum",
        windowMinutes: 15,
        threshold: 85,
      },
    },
  },
  {
    id: "gateway-errors",
    title: "The gateway answers with errors",
    meaning: "Callers get 5xx, from the gateway itself or from agents behind it.",
    unit: "answers in 5 minutes",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "ten in five minutes: one agent that fails now and then has an alert of its own",
    query: "gateway-refusals",
    act: [
      "Look whether one backend has them all: then it is that agent.",
      "All of them at 503 without a backend's answer: circuit-open.",
    ],
    sources: {
      "api-management": {
        namespace: GATEWAY,
        metric: "Requests",
        aggregation: "Total",
        windowMinutes: 5,
        dimensions: { GatewayResponseCodeCategory: ["5xx"] },
        threshold: 10,
      },
      "load-balancer": {
        promql: (rule) =>
          `sum(increase(loadbalancing_googleapis_com:https_request_count{monitored_resource="https_lb_rule",response_code_class="500",${rule}}[5m]))`,
        threshold: 10,
      },
    },
  },
  {
    id: "gateway-capacity",
    title: "The gateway works at its limit",
    meaning: "Calls get slower, then are dropped.",
    unit: "percent",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords: "80 % of a unit's processor",
    query: "gateway-refusals",
    act: ["Add a unit (`gateway.sku`, for example StandardV2_2)."],
    sources: {
      "api-management": {
        namespace: GATEWAY,
        metric: "CpuPercent_Gateway",
        aggregation: "Average",
        windowMinutes: 15,
        threshold: 80,
      },
      "load-balancer": { absent: "Google's load balancer has no capacity that is ours to choose" },
    },
  },
  {
    id: "circuit-open",
    title: "The gateway calls an agent no more",
    meaning: "An agent failed so often that the gateway answers 503 in its place, without asking it.",
    unit: "answers in 5 minutes",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "none: it opens after failures that were too many already",
    query: "gateway-refusals",
    act: ["Look at the agent's own alerts; the circuit closes by itself once it answers."],
    sources: {
      "api-management": {
        kql: "ApiManagementGatewayLogs\n| where TimeGenerated > ago(5m) and ResponseCode == 503 and isnull(BackendResponseCode)",
        windowMinutes: 5,
        threshold: 0,
      },
      "load-balancer": { absent: "Google's load balancer has no circuit in front of serverless backends" },
    },
  },
  {
    id: "vault-throttled",
    title: "The vault turns calls away",
    meaning: "Too many reads: replicas that start now don't get their secrets.",
    unit: "answers in 5 minutes",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "none: agents read each secret once, at their start",
    query: "vault-denied",
    act: ["Look who reads: an image that asks the vault for each request has to be mended."],
    sources: {
      "key-vault": vaultAnswers("429"),
    },
  },
  {
    id: "vault-denied",
    title: "Secrets are read by somebody who may not",
    meaning: "Reads are answered 403. A grant is missing, or somebody tries.",
    unit: "answers in 5 minutes",
    severity: "ticket",
    lastsMinutes: 0,
    thresholdInWords: "five: a grant that is new needs minutes until it holds",
    query: "vault-denied",
    act: ["Look who asked, and from where. What is no agent's identity is worth a question."],
    sources: {
      "key-vault": { ...vaultAnswers("403"), threshold: 5 },
    },
  },
  {
    id: "realm-not-applied",
    title: "Keycloak's realm is not as the fleet has it",
    meaning: "New callers can't get tokens, or old ones still can: the app that keeps the realm fails.",
    unit: "corrections, or lines",
    severity: "page",
    lastsMinutes: 15,
    thresholdInWords: "none for a quarter of an hour: it looks every ten minutes",
    query: "realm",
    act: [
      "Look at its log: it says which part it could not correct, and why. Look whether Keycloak and its database are up.",
    ],
    sources: {
      "keycloak-cluster": { promql: (namespace) => `max(a2a_realm_uncorrected{${namespace}})`, threshold: 0 },
      "keycloak-app": {
        kql: 'ContainerAppConsoleLogs_CL\n| where TimeGenerated > ago(30m) and ContainerAppName_s endswith "keycloak-realm"\n| where tostring(parse_json(Log_s).level) == "error"',
        windowMinutes: 30,
        threshold: 2,
      },
    },
  },
  {
    id: "sidecar-errors",
    title: "Dapr sidecars pass calls on with errors",
    meaning: "Agents can't reach each other, though each of them is well.",
    unit: "calls in 10 minutes",
    severity: "page",
    lastsMinutes: 2,
    thresholdInWords: "ten: a replica that goes away breaks a few",
    query: "who-calls-whom",
    act: ["Look which callee it is; look at the sidecar's log of both sides for refused certificates."],
    sources: {
      dapr: {
        promql: (namespace) =>
          `sum(increase(dapr_runtime_service_invocation_res_recv_total{${namespace},status=~"5.."}[10m]))`,
        threshold: 10,
      },
    },
  },
  {
    id: "sidecar-certificates",
    title: "A sidecar's certificate is not renewed",
    meaning: "When it ends, within a day, its agent neither calls nor is called.",
    unit: "failures in an hour",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "none",
    query: "who-calls-whom",
    act: [
      "Look at Sentry, Dapr's authority: is it up, has its root ended? `npm run preflight -- <environment> --context <name>` says when that ends.",
    ],
    sources: {
      dapr: {
        promql: (namespace) =>
          `sum(increase(dapr_runtime_mtls_workload_cert_rotated_fail_total{${namespace}}[60m]))`,
        threshold: 0,
      },
    },
  },
  {
    id: "backup-old",
    title: "There is no new backup",
    meaning: "If the store were lost now, more than a day and a half of tasks would be.",
    unit: "hours since the last one",
    severity: "page",
    lastsMinutes: 15,
    thresholdInWords:
      "36 hours: backups are daily unless `kubernetes.backups.schedule` says otherwise, and one may fail",
    query: "failures",
    act: ["Look at the last Job of the CronJob: `kubectl logs`; look whether the storage takes writes."],
    sources: {
      backups: {
        promql: (namespace) =>
          `(time() - max(kube_cronjob_status_last_successful_time{${namespace},cronjob=~".+-backup"})) / 3600`,
        threshold: 36,
      },
    },
  },
  {
    id: "backup-missing",
    title: "There never was a backup",
    meaning: "The store has been running for a day and a half, and nothing of it is saved anywhere.",
    unit: "backups",
    severity: "page",
    lastsMinutes: 15,
    thresholdInWords: "36 hours after the CronJob was made without a success",
    query: "failures",
    act: ["As for backup-old. A first backup often fails for the storage's key: look at the Secret."],
    sources: {
      backups: {
        promql: (namespace) =>
          `(time() - max((kube_cronjob_created{${namespace},cronjob=~".+-backup"}) unless on (namespace, cronjob) kube_cronjob_status_last_successful_time)) / 3600`,
        threshold: 36,
      },
    },
  },
];

function vaultAnswers(statusCode: string): PartSource {
  return {
    namespace: VAULT,
    metric: "ServiceApiResult",
    aggregation: "Count",
    windowMinutes: 5,
    dimensions: { StatusCode: [statusCode] },
    threshold: 0,
  };
}
