import type { Absent, AzureMetric, PrometheusSource } from "./measure";
import type { Signal } from "./signal";

/** What a shared part is to the agents, and the kinds of parts that can be it where the fleet makes one. */
export const partRoles = {
  "task store": ["managed-redis", "redis-cache", "memorystore", "cluster-redis"],
  database: ["azure-postgres", "cloud-sql"],
  gateway: ["api-management", "load-balancer", "cluster-edge"],
  vault: ["key-vault", "secret-manager", "cluster-secrets"],
  certificates: ["api-management", "load-balancer", "cert-manager"],
  "identity provider": ["keycloak-app", "keycloak-cluster"],
  mesh: ["dapr"],
  backups: ["backups"],
} as const;

type PartRole = keyof typeof partRoles;
type PartOf<R extends PartRole> = (typeof partRoles)[R][number];

/** Kinds of shared parts that something is measured of. */
export type PartKind = PartOf<PartRole>;

/** Something that matters of a part that agents share: of each kind it says where it is measured, or why it is not. */
export type PartSignal = {
  readonly [R in PartRole]: Signal & {
    readonly about: R;
    readonly sources: Readonly<Record<PartOf<R>, PartSource | Absent>>;
  };
}[PartRole];

/** Where a signal of a part is measured, or why not; undefined where it is about another role. */
export function sourceOf(signal: PartSignal, part: PartKind): PartSource | Absent | undefined {
  const sources: Readonly<Partial<Record<PartKind, PartSource | Absent>>> = signal.sources;
  return sources[part];
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

const STORE_POD = 'pod=~"task-store-[0-9]+",container="redis"';

/** Google counts calls of a service in the project as a whole. */
const SECRET_CALLS = "serviceruntime_googleapis_com:api_request_count";

const EDGE_IN_CLUSTER: Absent = {
  absent:
    "the controller of an edge in a cluster has metrics of its own names, which its owner watches; agents behind it tell of their own failures",
};
const OWNERS_SECRETS: Absent = {
  absent: "Secrets of a cluster are read from its API server, which counts no reads of one namespace",
};
const NOT_ON_OUR_DISK: Absent = { absent: "its disk, where it has one, is its vendor's business" };
const SEEN_FROM_OUTSIDE: Absent = {
  absent:
    "it is looked at from outside: the test of a card fails two weeks before the certificate ends (card-unreachable)",
};
const RENEWED_BY_GOOGLE: Absent = {
  absent:
    "Google renews it by itself; the test of a card from outside fails once it doesn't hold (card-unreachable)",
};

/** Everything that matters of what agents share. */
export const partSignals: readonly PartSignal[] = [
  {
    id: "store-memory",
    about: "task store",
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
      "cluster-redis": {
        // Of its memory, Redis gives three quarters to data. Without the cache of its files, which the kernel takes back.
        promql: (namespace) =>
          `max(container_memory_rss{${namespace},${STORE_POD}} / on (namespace, pod, container) kube_pod_container_resource_limits{${namespace},${STORE_POD},resource="memory"}) / 0.75 * 100`,
        threshold: 80,
      },
    },
  },
  {
    id: "store-evictions",
    about: "task store",
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
      "cluster-redis": {
        absent:
          "it is set to refuse by a file that only a deploy changes, and has no exporter of its metrics",
      },
    },
  },
  {
    id: "store-connections",
    about: "task store",
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
      "cluster-redis": {
        absent:
          "it has no exporter of its metrics and takes ten thousand; an agent that gets no connection says so (store-errors)",
      },
    },
  },
  {
    id: "store-disk",
    about: "task store",
    title: "The task store's disk is nearly full",
    meaning:
      "Redis writes every change to its disk. Once that is full it refuses them: no task begins or ends.",
    unit: "percent of the disk",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords: "80 %: rewriting its file takes as much again for a moment",
    query: "failures",
    act: [
      "Look whether Redis rewrites its file (`INFO persistence`): one that only grows is not rewritten.",
      "Raise `taskStore.storageGiB`, where the class of the volume can grow.",
    ],
    sources: {
      "managed-redis": NOT_ON_OUR_DISK,
      "redis-cache": NOT_ON_OUR_DISK,
      memorystore: NOT_ON_OUR_DISK,
      "cluster-redis": {
        promql: (namespace) =>
          `max(kubelet_volume_stats_used_bytes{${namespace},persistentvolumeclaim="task-store"} / on (namespace, persistentvolumeclaim) kubelet_volume_stats_capacity_bytes{${namespace},persistentvolumeclaim="task-store"}) * 100`,
        threshold: 80,
      },
    },
  },
  {
    id: "store-replication",
    about: "task store",
    title: "The task store's replica is behind",
    meaning: "If the store failed over now, the last tasks would be lost.",
    unit: "seconds behind",
    severity: "ticket",
    lastsMinutes: 10,
    thresholdInWords: "30 seconds: a replica that works is behind by less than one",
    query: "failures",
    act: [
      "Look at the store's processor and network: a replica falls behind where either is used up. Take the next size.",
    ],
    sources: {
      "managed-redis": {
        absent: "Azure keeps no figure of the replica inside of an instance, which it replaces by itself",
      },
      "redis-cache": {
        absent: "Azure keeps no figure of the replica inside of a cache, which it replaces by itself",
      },
      memorystore: {
        // Only an instance with a replica has it.
        promql: (instance) =>
          `max(redis_googleapis_com:replication_master_slaves_lag{monitored_resource="redis_instance",${instance}})`,
        threshold: 30,
      },
      "cluster-redis": { absent: "it has one replica, and a backup" },
    },
  },
  {
    id: "database-connections",
    about: "database",
    title: "The database has nearly no connections left",
    meaning: "The next replica that starts cannot connect, and does not get ready.",
    unit: "connections",
    severity: "ticket",
    lastsMinutes: 5,
    thresholdInWords: "80 % of the fewest that any size of the server takes",
    query: "failures",
    act: [
      "Look whether replicas are at their maximum; lower `maxReplicas` or `workers`, or take the next size.",
    ],
    sources: {
      "azure-postgres": {
        namespace: POSTGRES,
        metric: "active_connections",
        aggregation: "Maximum",
        windowMinutes: 5,
        // https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits: 50 for B1ms, 15 of them kept.
        threshold: 28,
      },
      "cloud-sql": {
        promql: (server) =>
          `sum(cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource="cloudsql_database",${server}})`,
        // https://cloud.google.com/sql/docs/postgres/flags: 25 for db-f1-micro, three of them kept.
        threshold: 17,
      },
    },
  },
  {
    id: "database-storage",
    about: "database",
    title: "The database's disk is nearly full",
    meaning: "A Postgres whose disk is full can only be read: no task, no login is written.",
    unit: "percent of storage",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords:
      "85 %: at 95 % Azure makes the server read-only, and Google's grows before it gets there",
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
      "cloud-sql": {
        promql: (server) =>
          `max(cloudsql_googleapis_com:database_disk_utilization{monitored_resource="cloudsql_database",${server}}) * 100`,
        threshold: 85,
      },
    },
  },
  {
    id: "gateway-errors",
    about: "gateway",
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
      "cluster-edge": EDGE_IN_CLUSTER,
    },
  },
  {
    id: "gateway-capacity",
    about: "gateway",
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
      "cluster-edge": EDGE_IN_CLUSTER,
    },
  },
  {
    id: "circuit-open",
    about: "gateway",
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
      "cluster-edge": { absent: "an edge in a cluster has no circuit that opens" },
    },
  },
  {
    id: "vault-throttled",
    about: "vault",
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
      "secret-manager": secretManagerAnswers("429", 0),
      "cluster-secrets": OWNERS_SECRETS,
    },
  },
  {
    id: "vault-denied",
    about: "vault",
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
      "secret-manager": secretManagerAnswers("403", 5),
      "cluster-secrets": OWNERS_SECRETS,
    },
  },
  {
    id: "certificate-overdue",
    about: "certificates",
    title: "A certificate is not renewed",
    meaning: "It should have been renewed by now. When it ends, callers or agents refuse whoever shows it.",
    unit: "hours past its renewal",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords: "24 hours: it is renewed after two thirds of its life, and tried again every hour",
    query: "failures",
    act: [
      "`kubectl describe certificate -n <namespace>`, and the Order and Challenge that it names, say what the authority wants.",
      "Often it is a DNS record or a port 80 that somebody closed.",
    ],
    sources: {
      "api-management": SEEN_FROM_OUTSIDE,
      "load-balancer": RENEWED_BY_GOOGLE,
      "cert-manager": {
        promql: (namespace) =>
          `(time() - min(certmanager_certificate_renewal_timestamp_seconds{${namespace}} > 0)) / 3600`,
        threshold: 24,
      },
    },
  },
  {
    id: "certificate-missing",
    about: "certificates",
    title: "A certificate can't be had",
    meaning: "It was never issued, or has ended: whoever needs it does not start, or is refused.",
    unit: "certificates",
    severity: "page",
    lastsMinutes: 30,
    thresholdInWords: "none for half an hour: an authority answers within minutes",
    query: "failures",
    act: ["As for certificate-overdue. A first certificate often waits for the host's DNS record."],
    sources: {
      "api-management": SEEN_FROM_OUTSIDE,
      "load-balancer": RENEWED_BY_GOOGLE,
      "cert-manager": {
        promql: (namespace) => `sum(certmanager_certificate_ready_status{${namespace},condition!="True"})`,
        threshold: 0,
      },
    },
  },
  {
    id: "realm-not-applied",
    about: "identity provider",
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
    about: "mesh",
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
    about: "mesh",
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
    about: "backups",
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
    about: "backups",
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

function secretManagerAnswers(code: string, threshold: number): PartSource {
  return {
    promql: (service) =>
      `sum(increase(${SECRET_CALLS}{monitored_resource="consumed_api",${service},response_code="${code}"}[5m]))`,
    threshold,
  };
}
