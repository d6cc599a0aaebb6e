import type { AgentWorkload } from "../agent/agent-workload";
import type { Measure } from "./measure";
import type { Signal, Threshold } from "./signal";

/** A signal that every agent has, on whatever platform it runs. */
export interface AgentSignal extends Signal {
  readonly measure: Measure;
  /** What is too much for one agent: it follows from its definition. */
  readonly threshold: (agent: AgentWorkload) => Threshold;
}

/** Upper end of the longest duration that images count apart: beyond it they only know that it took longer. */
const LONGEST_COUNTED_SECONDS = 600;

/** Share of an error budget that is gone when an alert of so fast a burn comes, and how fast that is. */
const FAST_BURN = 14.4;
const SLOW_BURN = 6;

/** No burn is above everything: an agent that may fail often still has an alert. */
const MOST_SHARE = 0.9;

/** Everything that matters of an agent. */
export const agentSignals: readonly AgentSignal[] = [
  {
    id: "failed-tasks-fast",
    title: "Tasks fail: the error budget goes in days",
    meaning:
      "So many tasks fail that a month's share of permitted failures is used up within two days. Callers get errors now.",
    unit: "share of tasks",
    severity: "page",
    lastsMinutes: 2,
    thresholdInWords: `${FAST_BURN} times the share that may fail (1 − objectives.successShare), in the last hour and in the last five minutes, three failures at least`,
    query: "failures",
    act: [
      "Look whether all agents fail or one: all of them point at the task store, the vault, the issuer or the model's gateway.",
      "Compare with the last deployment. If it began there, go back: set the image of the version before and deploy.",
      "If an agent that it calls fails, its own alert says so: begin there.",
    ],
    measure: failed([60, 5]),
    threshold: ({ objectives }) => budget(objectives.successShare, FAST_BURN),
  },
  {
    id: "failed-tasks-slow",
    title: "Tasks fail: the error budget goes in a week",
    meaning: "Some tasks fail, for hours. Nobody has to get up for it, and it does not end by itself.",
    unit: "share of tasks",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords: `${SLOW_BURN} times the share that may fail, in the last six hours and in the last half hour, three failures at least`,
    query: "failures",
    act: [
      "Group the failures by their message; look whether one caller or one skill has them all.",
      "If what fails is a promise that nobody needs, say so: `objectives.successShare` in the agent's definition.",
    ],
    measure: failed([360, 30]),
    threshold: ({ objectives }) => budget(objectives.successShare, SLOW_BURN),
  },
  {
    id: "slow-tasks",
    title: "Tasks take nearly as long as they may",
    meaning: "Five of a hundred tasks come close to the deadline, at which they would be failed.",
    unit: "seconds (95 of 100 tasks)",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords:
      "`objectives.latencySeconds`: 80 % of the task deadline unless the definition says otherwise",
    query: "slow-tasks",
    act: [
      "Look where the time goes: the trace of a slow task shows calls of other agents and of the model.",
      "If replicas are at their maximum as well, raise `maxReplicas`.",
      "If tasks simply need longer, raise `taskDeadlineSeconds`; the rules say what has to follow.",
    ],
    measure: {
      kind: "p95",
      of: { metric: "a2a_task_duration_seconds", labels: { state: ["completed"] } },
      windowMinutes: 30,
    },
    threshold: ({ objectives }) => counted(objectives.latencySeconds),
  },
  {
    id: "overdue-tasks",
    title: "Tasks are working past their deadline",
    meaning:
      "Tasks are `working` that should have been failed: their callers wait for nothing. The replica that had them is gone, and nobody took them up.",
    unit: "tasks",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords:
      "none: a task past its deadline is failed by its replica, or by whoever finds its lease run out",
    query: "taken-over",
    act: [
      "Look at the task store: who can't write can't fail a task either.",
      "Look whether any replica of the agent runs: one has to, or nobody looks for leases. Call the agent once to wake it.",
      "Cancel what is left by its id (`CancelTask`).",
    ],
    measure: { kind: "highest", metric: "a2a_overdue_tasks" },
    threshold: () => 0,
  },
  {
    id: "open-streams",
    title: "Nearly as many streams are open as replicas can serve",
    meaning: "Every open event stream takes a connection of a replica. Soon new callers wait.",
    unit: "streams",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords:
      "80 % of what all replicas serve at most: `maxReplicas` times the requests or tasks of one",
    query: "open-streams",
    act: [
      "Look whether one caller holds them: clients that never close a stream.",
      "If they are real, raise `maxReplicas`, or let clients take push notifications.",
    ],
    measure: { kind: "total", metric: "a2a_open_streams" },
    threshold: (agent) => (agent.streaming ? streamsServed(agent) : { absent: "it streams nothing" }),
  },
  {
    id: "cut-streams",
    title: "Streams end without a final event",
    meaning:
      "Callers lose their streams in the middle: something between them and the agent cuts, or replicas die.",
    unit: "share of streams",
    severity: "ticket",
    lastsMinutes: 5,
    thresholdInWords: "20 %, five at least: a caller who goes away cuts a stream as well",
    query: "failures",
    act: [
      "Look at restarts and deployments of the same time.",
      "Compare how long streams were open: all of the same age means that a hop cuts them; `npm run portability` names its limit.",
      "Set `heartbeatSeconds` below that limit, and `resubscribe`.",
    ],
    measure: {
      kind: "share",
      of: { metric: "a2a_streams_total", labels: { end: ["cut"] } },
      among: { metric: "a2a_streams_total" },
      windowsMinutes: [15],
      least: 5,
    },
    threshold: ({ streaming }) => (streaming ? 0.2 : { absent: "it streams nothing" }),
  },
  {
    id: "cold-starts",
    title: "A replica takes long to be ready",
    meaning: "Whoever comes first after a quiet time, or in a rush, waits for it.",
    unit: "seconds",
    severity: "ticket",
    lastsMinutes: 0,
    thresholdInWords:
      "half of what the startup probe allows (`startupSeconds`): beyond the whole it is killed",
    query: "starts",
    act: [
      "Look what the image does before it is ready; models and indexes belong into it, not into its start.",
      "Give it a replica that stays (`minReplicas: 1`), or more CPU.",
    ],
    measure: { kind: "newest", metric: "a2a_startup_seconds", windowMinutes: 15 },
    threshold: ({ probes: { startup } }) => (startup.periodSeconds * startup.failureThreshold) / 2,
  },
  {
    id: "rejected-callers",
    title: "Many calls are not let in",
    meaning:
      "Calls are answered 401 or 403. A client's credentials have ended, the issuer's keys cannot be read, a role was taken away, or somebody tries.",
    unit: "share of requests",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords:
      "30 %, twenty at least, in ten minutes: single mistakes are answered, and concern nobody else",
    query: "denied",
    act: [
      "Look at the reasons: `missing_role` is a grant that is missing, the others are the token.",
      "If every caller is refused, look at the issuer: is it up, do its keys come, did its address change?",
      "If it is one stranger, block the address at the gateway or the load balancer.",
    ],
    measure: {
      kind: "share",
      of: { metric: "a2a_auth_rejections_total", labels: { code: ["401", "403"] } },
      among: { metric: "a2a_requests_total" },
      windowsMinutes: [10],
      least: 20,
    },
    threshold: () => 0.3,
  },
  {
    id: "rate-limited",
    title: "Callers are held back by the rate limit",
    meaning: "Requests are answered 429. A client runs wild, or the limit is too low for what customers do.",
    unit: "requests in 15 minutes",
    severity: "ticket",
    lastsMinutes: 0,
    thresholdInWords:
      "what one caller may send in a minute (`rateLimitPerMinute`): so much again was too much",
    query: "denied",
    act: [
      "Look who it is. A client without pauses between its attempts has to be mended there.",
      "If the work is real, raise the environment's `rateLimitPerMinute`.",
    ],
    measure: { kind: "count", of: { metric: "a2a_rate_limited_total" }, windowMinutes: 15 },
    threshold: ({ rateLimitPerMinute }) => rateLimitPerMinute,
  },
  {
    id: "card-errors",
    title: "The agent's card can't be read",
    meaning: "Without its card nobody finds the agent or knows how to log in to it.",
    unit: "answers in 10 minutes",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "none: the card is a text that the agent was started with",
    query: "failures",
    act: ["Ask for the card yourself; look at the log of the replica that answered."],
    measure: {
      kind: "count",
      of: { metric: "a2a_card_requests_total", labels: { code: ["500", "502", "503", "504"] } },
      windowMinutes: 10,
    },
    threshold: () => 0,
  },
  {
    id: "card-unreachable",
    title: "The agent can't be reached from outside",
    meaning:
      "Its card, asked for from three continents, does not come: the way to the agent is broken, or its certificate.",
    unit: "places",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords:
      "two of three places within half an hour; a certificate with less than 14 days counts as broken",
    query: "gateway-refusals",
    act: [
      "Ask for the card yourself, from outside: the name, the certificate, the answer.",
      "Look at the gateway or the load balancer, and at the certificate's own renewal.",
    ],
    measure: {
      kind: "platform",
      source: {
        kubernetes: { absent: "nothing outside of the cluster asks; use a probe of your own" },
        "container-apps": { absent: "a test from outside has it: see the agent's web test" },
        "cloud-run": { absent: "a test from outside has it: see the agent's uptime check" },
      },
    },
    threshold: ({ customerFacing }) =>
      customerFacing ? 1 : { absent: "only the fleet's own agents come from outside" },
  },
  {
    id: "model-errors",
    title: "The model fails",
    meaning: "Calls of the model end in errors: its quota is used up, its key has ended, or it is down.",
    unit: "share of calls",
    severity: "page",
    lastsMinutes: 5,
    thresholdInWords: "20 %, five at least, in ten minutes",
    query: "failures",
    act: [
      "Look at the model gateway's own log: 429 is the quota, 401 the key.",
      "Switch to another model there; agents know its name only.",
    ],
    measure: {
      kind: "share",
      of: { metric: "a2a_model_request_duration_seconds_count", labels: { outcome: ["error"] } },
      among: { metric: "a2a_model_request_duration_seconds_count" },
      windowsMinutes: [10],
      least: 5,
    },
    threshold: withModel(() => 0.2),
  },
  {
    id: "model-latency",
    title: "The model is slow",
    meaning: "Five of a hundred answers of the model take half of what a whole task may take.",
    unit: "seconds (95 of 100 calls)",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords: "half of the task deadline: a task asks more than once",
    query: "slow-tasks",
    act: ["Look at the model gateway; switch to a faster model, or send it less."],
    measure: {
      kind: "p95",
      of: { metric: "a2a_model_request_duration_seconds" },
      windowMinutes: 30,
    },
    threshold: withModel(({ taskDeadlineSeconds }) => counted(taskDeadlineSeconds / 2)),
  },
  {
    id: "store-errors",
    title: "The task store refuses calls",
    meaning: "Tasks can't be written or read. What isn't written is lost with its replica.",
    unit: "calls in 10 minutes",
    severity: "page",
    lastsMinutes: 2,
    thresholdInWords: "five: a connection that is cut once is made again",
    query: "failures",
    act: [
      "Look at the store: is it up, is its memory full, are there connections left?",
      "Look whether its password or its certificate was changed; agents read both once, at their start.",
    ],
    measure: { kind: "count", of: { metric: "a2a_store_errors_total" }, windowMinutes: 10 },
    threshold: () => 5,
  },
  {
    id: "restarts",
    title: "Replicas are restarted again and again",
    meaning: "The agent's process ends, or its liveness probe fails. Its tasks move from replica to replica.",
    unit: "restarts in 30 minutes",
    severity: "page",
    lastsMinutes: 0,
    thresholdInWords: "two: one can be the node's fault",
    query: "starts",
    act: ["Look at the last lines before the end. Without any it was memory: see that signal."],
    measure: {
      kind: "platform",
      source: {
        kubernetes: {
          promql: (pods) =>
            `sum(increase(kube_pod_container_status_restarts_total{${pods},container="agent"}[30m]))`,
        },
        "container-apps": {
          namespace: "Microsoft.App/containerApps",
          metric: "RestartCount",
          aggregation: "Total",
          windowMinutes: 30,
        },
        "cloud-run": { absent: "Cloud Run counts no restarts; a replica that ends is replaced by another" },
      },
    },
    threshold: () => 2,
  },
  {
    id: "failed-revision",
    title: "A new revision does not come up",
    meaning:
      "Replicas of the agent that should be there cannot start. The old ones serve, as far as there are any.",
    unit: "replicas",
    severity: "page",
    lastsMinutes: 15,
    thresholdInWords: "none after a quarter of an hour: that is longer than any start takes",
    query: "starts",
    act: [
      "Look why: an image that can't be pulled, a secret that is missing, a start that fails.",
      "Go back to the version before.",
    ],
    measure: {
      kind: "platform",
      source: {
        kubernetes: {
          promql: (pods) =>
            `sum(kube_pod_container_status_waiting_reason{${pods},container="agent",reason!="ContainerCreating"})`,
        },
        "container-apps": {
          absent:
            "Container Apps keeps no metric of it: a revision that fails fails the deployment, and says so there",
        },
        "cloud-run": { absent: "a revision that fails fails the deployment, and gets no traffic" },
      },
    },
    threshold: () => 0,
  },
  {
    id: "replicas-at-maximum",
    title: "All replicas that there may be are running",
    meaning: "More work than now makes everybody wait.",
    unit: "replicas",
    severity: "ticket",
    lastsMinutes: 30,
    thresholdInWords: "`maxReplicas` reached for half an hour",
    query: "who-calls-whom",
    act: [
      "Look whether the work is real; if it is, raise `maxReplicas`. Look at what the store and the model can take.",
    ],
    measure: {
      kind: "platform",
      source: {
        kubernetes: { promql: (pods) => `count(kube_pod_info{${pods}})` },
        "container-apps": {
          namespace: "Microsoft.App/containerApps",
          metric: "Replicas",
          aggregation: "Minimum",
          windowMinutes: 30,
        },
        "cloud-run": {
          promql: (service) =>
            `sum(run_googleapis_com:container_instance_count{monitored_resource="cloud_run_revision",${service}})`,
        },
      },
    },
    threshold: ({ minReplicas, maxReplicas }) =>
      minReplicas === maxReplicas || maxReplicas === 1
        ? { absent: "it always runs as many as it may" }
        : maxReplicas - 1,
  },
  {
    id: "memory",
    title: "Memory is nearly used up",
    meaning: "A replica that needs more than its memory is killed, with the tasks that it works on.",
    unit: "share of memory",
    severity: "ticket",
    lastsMinutes: 15,
    thresholdInWords: "90 % of `memoryMiB`",
    query: "starts",
    act: [
      "Look whether it grows without end (a leak) or with the work.",
      "Raise `memoryMiB`, or lower what one replica takes (`scaling`).",
    ],
    measure: {
      kind: "platform",
      source: {
        kubernetes: {
          promql: (pods) =>
            `max(container_memory_working_set_bytes{${pods},container="agent"} / on (namespace, pod, container) kube_pod_container_resource_limits{${pods},container="agent",resource="memory"})`,
        },
        "container-apps": {
          namespace: "Microsoft.App/containerApps",
          metric: "MemoryPercentage",
          aggregation: "Maximum",
          windowMinutes: 15,
          isPercent: true,
        },
        "cloud-run": {
          promql: (service) =>
            `histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:container_memory_utilizations_bucket{monitored_resource="cloud_run_revision",${service}}[10m])))`,
        },
      },
    },
    threshold: () => 0.9,
  },
];

function failed(windowsMinutes: readonly number[]): Measure {
  return {
    kind: "share",
    of: { metric: "a2a_tasks_total", labels: { state: ["failed"] } },
    among: { metric: "a2a_tasks_total" },
    windowsMinutes,
    least: 3,
  };
}

function budget(successShare: number, burn: number): number {
  return Number(Math.min(burn * (1 - successShare), MOST_SHARE).toFixed(4));
}

function counted(seconds: number): Threshold {
  return seconds < LONGEST_COUNTED_SECONDS
    ? seconds
    : { absent: `${seconds} s is beyond ${LONGEST_COUNTED_SECONDS} s, the longest that images count apart` };
}

function streamsServed({ scaling, maxReplicas }: AgentWorkload): Threshold {
  if (scaling.kind === "resources" || scaling.kind === "event") {
    return { absent: "its scaling says nothing of how many requests a replica serves" };
  }
  const each = scaling.kind === "http" ? scaling.concurrentRequests : scaling.tasksPerReplica;
  return Math.floor(0.8 * maxReplicas * each);
}

function withModel(threshold: (agent: AgentWorkload) => Threshold): (agent: AgentWorkload) => Threshold {
  return (agent) => (agent.model === null ? { absent: "it uses no model" } : threshold(agent));
}
