import type { AgentSkill } from "./agent-skill";
import type { ImageAttestation } from "./image-attestation";
import type { ScalingRule } from "./scaling-rule";

/** Version of the A2A protocol that an agent speaks. A client that sends no `A2A-Version` header is a 0.3 client. */
export type ProtocolVersion = "1.0" | "0.3";

/** How an A2A interface is spoken over HTTP. gRPC is left out: no front of the fleet carries it. */
export type ProtocolBinding = "JSONRPC" | "HTTP+JSON";

/** Where the tasks of an agent are kept: in the environment's shared store, or in the process that got them. */
export type TaskStoreKind = "shared" | "memory";

/** What is at stake in an environment, from the least to the most. */
export type Stage = "development" | "staging" | "production";

/** What an agent is and needs, wherever it runs: plain data, written by its author, one file an agent. */
export interface AgentDefinition {
  /**
   * Name of the agent in its fleet: its path behind the gateway, its token audience and its host name derive from it.
   * Lower case letters, digits and single hyphens; starts with a letter; at most 32 characters
   * (the limit of a Container App, the tightest of the platforms).
   */
  readonly name: string;

  /**
   * Name on the agent card, for people.
   *
   * @default - the name in words: `stock-keeper` becomes `Stock Keeper`
   */
  readonly title?: string;

  /** What the agent does, for people and for the agents that choose one. On the card. */
  readonly description: string;

  /** Version of the agent (semantic version). On the card, and the image's tag (with `_` for `+`) unless the environment pins another. */
  readonly version: string;

  /**
   * Repository of the image in the environment's registry, without server, tag or digest.
   *
   * @default - `agents/<name>`
   */
  readonly imageRepository?: string;

  /**
   * Who waits for its answers. A person waits behind a customer-facing agent, so it never scales to zero;
   * an internal one is called by other agents only.
   *
   * @default "internal"
   */
  readonly audience?: "customer-facing" | "internal";

  /**
   * Stages of the environments that it runs in: `["development"]` for one that nobody depends on yet.
   *
   * @default - every stage
   */
  readonly stages?: readonly Stage[];

  /**
   * Whether each customer of the environment gets an instance of its own, named `<name>-<customer>`.
   *
   * @default false
   */
  readonly perCustomer?: boolean;

  /**
   * Port that the container listens on.
   *
   * @default 8000
   */
  readonly port?: number;

  /**
   * Port of its Prometheus metrics (`a2a_requests_total`, `a2a_active_tasks`, …), or null where it has none.
   *
   * @default 9090
   */
  readonly metricsPort?: number | null;

  /**
   * CPU of each replica, in cores.
   *
   * @default - 0.5, and 1 on Cloud Run, where less serves one request at a time
   */
  readonly cpu?: number;

  /**
   * Memory of each replica, in MiB.
   *
   * @default 1024
   */
  readonly memoryMiB?: number;

  /**
   * Worker processes in each replica. More than one needs the shared task store.
   *
   * @default 1
   */
  readonly workers?: number;

  /**
   * Fewest replicas.
   *
   * @default - 1 when customer-facing, otherwise 0 (1 where the platform cannot scale to zero)
   */
  readonly minReplicas?: number;

  /**
   * Most replicas. More than one needs the shared task store.
   *
   * @default 10
   */
  readonly maxReplicas?: number;

  /**
   * What makes replicas come and go.
   *
   * @default - 50 concurrent requests per replica
   */
  readonly scaling?: ScalingRule;

  /**
   * Where its tasks are kept.
   *
   * @default "shared"
   */
  readonly taskStore?: TaskStoreKind;

  /**
   * Seconds after which a task that has not ended is failed (`TASK_TIMEOUT_MS`). A deadline above the smallest limit
   * in front of the agent (240 s at Container Apps and API Management) needs `heartbeatSeconds` and either
   * `resubscribe` or push notifications.
   *
   * @default 180
   */
  readonly taskDeadlineSeconds?: number;

  /**
   * What its users may expect of it. Alerts follow from it.
   *
   * @default {}
   */
  readonly objectives?: AgentObjectives;

  /**
   * Seconds between two heartbeats on an open event stream, when the agent sends them.
   *
   * @default - the agent sends none
   */
  readonly heartbeatSeconds?: number;

  /**
   * Whether a client that lost its stream can take it up again (`SubscribeToTask`, 0.3: `tasks/resubscribe`).
   *
   * @default false
   */
  readonly resubscribe?: boolean;

  /**
   * Whether another replica takes up a task whose replica was stopped (`TASK_RECOVERY`). Without it a replica is given
   * its whole deadline to finish, and what it leaves behind all the same is failed by another one.
   *
   * @default false
   */
  readonly resumesTasks?: boolean;

  /**
   * Seconds that a worker may be silent in one request before it is restarted (`REQUEST_TIMEOUT_SECONDS`): above the
   * task deadline, or above `heartbeatSeconds`.
   *
   * @default - 120, or the task deadline plus 10 where that is longer
   */
  readonly requestTimeoutSeconds?: number;

  /**
   * Seconds that a worker gets to finish its requests when it stops (`GRACEFUL_TIMEOUT_SECONDS`). Long enough for the
   * task deadline unless the agent resumes tasks.
   *
   * @default - 30, or the task deadline where that is longer and the agent resumes no tasks; what the platform gives
   * where that is less
   */
  readonly gracefulTimeoutSeconds?: number;

  /**
   * Seconds between SIGTERM and SIGKILL. Long enough for what workers get to finish.
   *
   * @default - 120, or `gracefulTimeoutSeconds` plus 10 where that is longer
   */
  readonly terminationGraceSeconds?: number;

  /**
   * Path that answers 200 while the process is well, 503 otherwise: the liveness probe.
   *
   * @default - the card's path
   */
  readonly healthPath?: string;

  /**
   * Path that answers 200 once the agent and what it leans on can take work: the readiness probe.
   *
   * @default - the card's path
   */
  readonly readyPath?: string;

  /**
   * Seconds that the agent may take to start.
   *
   * @default 60
   */
  readonly startupSeconds?: number;

  /** What it can do. On the card; ids stay the same from version to version, because callers name them. */
  readonly skills: readonly AgentSkill[];

  /**
   * Whether it streams events. On the card.
   *
   * @default true
   */
  readonly streaming?: boolean;

  /**
   * Whether it pushes notifications to a client's webhook. On the card.
   *
   * @default false
   */
  readonly pushNotifications?: boolean;

  /**
   * Media types it takes.
   *
   * @default ["text/plain"]
   */
  readonly inputModes?: readonly string[];

  /**
   * Media types it answers with.
   *
   * @default ["text/plain"]
   */
  readonly outputModes?: readonly string[];

  /**
   * Versions of the protocol it speaks, the preferred one first.
   *
   * @default ["1.0", "0.3"]
   */
  readonly protocolVersions?: readonly ProtocolVersion[];

  /**
   * Bindings it speaks, the preferred one first.
   *
   * @default ["JSONRPC"]
   */
  readonly protocolBindings?: readonly ProtocolBinding[];

  /**
   * Agents of the fleet that it calls. The one source of registries, access control, network policies and roles.
   * `"every-internal-agent"` follows the fleet as it grows.
   *
   * @default []
   */
  readonly calls?: readonly string[] | "every-internal-agent";

  /**
   * Agents outside the fleet that it calls.
   *
   * @default []
   */
  readonly externalAgents?: readonly ExternalAgent[];

  /**
   * Other destinations outside the fleet that it needs. Where the platform has network policies, nothing else is open.
   *
   * @default []
   */
  readonly egress?: readonly OutsideDestination[];

  /**
   * Model that it uses through the environment's LiteLLM gateway (`LITELLM_MODEL`).
   *
   * @default - it uses no model gateway
   */
  readonly model?: string;

  /**
   * Plain variables of its own, by name. Never a secret: those are named in `secrets`.
   *
   * @default {}
   */
  readonly variables?: Readonly<Record<string, string>>;

  /**
   * Secrets it reads, variable name to secret name in the environment's vault.
   *
   * @default {}
   */
  readonly secrets?: Readonly<Record<string, string>>;

  /**
   * What its image does that nobody sees from outside, said by who looked: the checklist asks for it.
   *
   * @default - nobody says
   */
  readonly attested?: ImageAttestation;
}

/** An agent that somebody else runs. */
export interface ExternalAgent {
  /** Key in AGENT_REGISTRY. */
  readonly name: string;
  /** Base URL, https. */
  readonly url: string;
  /** OAuth scope to ask for, or null where it takes no token of ours. */
  readonly scope: string | null;
}

/**
 * A place outside the fleet: a host name (a network policy can only admit its port on all public addresses),
 * or an address range, which can be private.
 */
export type OutsideDestination =
  | { readonly host: string; readonly port?: number }
  | { readonly cidr: string; readonly port: number };

/** What users may expect of an agent. */
export interface AgentObjectives {
  /**
   * Share of tasks that don't fail, 0.5 to 0.9999.
   *
   * @default - in production 0.99 when customer-facing, otherwise 0.98; elsewhere 0.95
   */
  readonly successShare?: number;
  /**
   * Seconds within which 95 of 100 tasks are completed.
   *
   * @default - 80 % of the task deadline
   */
  readonly latencySeconds?: number;
}
