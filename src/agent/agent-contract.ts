/**
 * Version of the contract between the fleet and its images: `<major>.<minor>`. A variable that is taken away or
 * changes its meaning raises the first number, a new one the second.
 */
export const CONTRACT_VERSION = "1.1";

/** Which part of an environment sets a variable. */
export type ContractPart =
  /** The agent's definition, and what the environment says about it. */
  | "agent"
  /** The shared task store, for agents that use it. */
  | "task store"
  /** The collector of traces. */
  | "telemetry"
  /** The vault. */
  | "vault"
  /** The agent's identity on its platform. */
  | "identity"
  /** Where it runs. */
  | "platform"
  /** Who signs callers' tokens. */
  | "token issuer"
  /** The LiteLLM gateway, for agents with a model. */
  | "model gateway";

/** What the text of a variable holds. */
export type ContractShape =
  | { readonly kind: "text"; readonly pattern?: string }
  | { readonly kind: "url" }
  /** A whole number from 1. */
  | { readonly kind: "positive"; readonly maximum?: number }
  | { readonly kind: "ratio" }
  | { readonly kind: "boolean" }
  | { readonly kind: "choice"; readonly of: readonly string[] }
  /** Comma-separated. */
  | { readonly kind: "list" }
  /** JSON of one of the shapes in the schema's `$defs`. */
  | { readonly kind: "json"; readonly of: ContractDocument };

/** A document that a variable carries as JSON. */
export type ContractDocument =
  | "AgentCard"
  | "LegacyAgentCard"
  | "AgentSkills"
  | "AgentRegistry"
  | "AgentScopes"
  | "SkillRoles";

/** One variable of the contract. */
export interface ContractVariable {
  readonly setBy: ContractPart;
  /** Version of the contract that brought it. */
  readonly since: string;
  readonly shape: ContractShape;
  /** What it says, with its unit. */
  readonly meaning: string;
  /** When it is there, if not always. An agent reads its absence as: it has no such thing. @default - always */
  readonly when?: string;
  /**
   * Variable that brings this one with it, and the value that it then has.
   *
   * @default - none does
   */
  readonly requiredWith?: {
    readonly name: string;
    readonly value?: string;
    /** Variable that takes its place. @default - none does */
    readonly orElse?: string;
  };
  /** Whether its value comes from a vault. @default false */
  readonly secret?: boolean;
}

const text: ContractShape = { kind: "text" };
const url: ContractShape = { kind: "url" };
const boolean: ContractShape = { kind: "boolean" };
const list: ContractShape = { kind: "list" };
const positive: ContractShape = { kind: "positive" };
const port: ContractShape = { kind: "positive", maximum: 65535 };
const json = (of: ContractDocument): ContractShape => ({ kind: "json", of });
const choice = (...of: readonly string[]): ContractShape => ({ kind: "choice", of });

/**
 * Every variable that the fleet sets on an agent. The one list: the names that code may set, the names that authors
 * may not, the JSON Schema and the page for authors are all made from it.
 */
export const contract = {
  A2A_CONTRACT_VERSION: {
    setBy: "agent",
    since: "1.0",
    shape: { kind: "text", pattern: "^\\d+\\.\\d+$" },
    meaning: "Version of this contract. Refuse to start on another major version.",
  },
  AGENT_NAME: {
    setBy: "agent",
    since: "1.0",
    shape: { kind: "text", pattern: "^[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]$" },
    meaning: "Name of this instance in the fleet: `inventory`, `orchestrator-acme`.",
  },
  AGENT_DESCRIPTION: { setBy: "agent", since: "1.0", shape: text, meaning: "What the agent does." },
  AGENT_VERSION: {
    setBy: "agent",
    since: "1.0",
    shape: { kind: "text", pattern: "^\\d+\\.\\d+\\.\\d+" },
    meaning: "Semantic version of the agent.",
  },
  AGENT_URL: {
    setBy: "agent",
    since: "1.0",
    shape: url,
    meaning:
      "Base URL at which callers from outside reach the agent: the one on its card. Ends with a slash, so that resolvers find the card below it.",
  },
  AGENT_SKILLS: {
    setBy: "agent",
    since: "1.0",
    shape: json("AgentSkills"),
    meaning: "Its skills, as its card has them.",
  },
  AGENT_CARD: {
    setBy: "agent",
    since: "1.0",
    shape: json("AgentCard"),
    meaning:
      "Its whole card in A2A 1.0. Serve it as it is at `/.well-known/agent-card.json`, without a token.",
  },
  AGENT_CARD_V03: {
    setBy: "agent",
    since: "1.0",
    shape: json("LegacyAgentCard"),
    meaning:
      "Its whole card in A2A 0.3. Serve it to clients that send no `A2A-Version` header, and at `/.well-known/agent.json`.",
    when: "the agent speaks 0.3",
  },
  AGENT_PEER_CARD: {
    setBy: "agent",
    since: "1.1",
    shape: json("AgentCard"),
    meaning:
      "The same card with the URL that peers use. Serve it instead of AGENT_CARD unless the host of the request (`X-Forwarded-Host` if it is there, otherwise `Host`) is AGENT_URL's.",
    when: "peers use another URL than callers from outside",
  },
  AGENT_PEER_CARD_V03: {
    setBy: "agent",
    since: "1.1",
    shape: json("LegacyAgentCard"),
    meaning: "The same in A2A 0.3, instead of AGENT_CARD_V03.",
    when: "peers use another URL, and the agent speaks 0.3",
  },
  AGENT_REGISTRY: {
    setBy: "agent",
    since: "1.0",
    shape: json("AgentRegistry"),
    meaning:
      "Agents that it may call: name to base URL, which ends with a slash. Give these URLs to a resolver as they are.",
  },
  AGENT_SCOPES: {
    setBy: "agent",
    since: "1.0",
    shape: json("AgentScopes"),
    meaning: "OAuth scope to ask for before it calls an agent: base URL to scope.",
  },
  AGENT_AUDIENCE: {
    setBy: "agent",
    since: "1.0",
    shape: text,
    meaning: "Its own token audience, `api://<tenant>/<environment>-<agent>`.",
  },
  AGENT_SKILL_ROLES: {
    setBy: "agent",
    since: "1.0",
    shape: json("SkillRoles"),
    meaning: "Role that a caller needs for a skill, besides REQUIRED_ROLE: skill id to role.",
    when: "a skill asks for a role of its own",
  },
  CUSTOMER: {
    setBy: "agent",
    since: "1.0",
    shape: text,
    meaning: "The customer that this instance serves.",
    when: "each customer has an instance of its own",
  },
  A2A_HOST: { setBy: "agent", since: "1.0", shape: text, meaning: "Address to listen on." },
  A2A_PORT: { setBy: "agent", since: "1.0", shape: port, meaning: "Port to listen on." },
  PORT: {
    setBy: "agent",
    since: "1.0",
    shape: port,
    meaning: "The same port, by the name that Cloud Run gives it (and sets itself there).",
  },
  WORKERS: { setBy: "agent", since: "1.0", shape: positive, meaning: "Worker processes to run." },
  REQUEST_TIMEOUT_SECONDS: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning:
      "Seconds that a worker may be silent in one request before it is restarted (gunicorn: `--timeout`). Above the deadline, or above SSE_HEARTBEAT_SECONDS.",
  },
  GRACEFUL_TIMEOUT_SECONDS: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning:
      "Seconds that a worker gets to finish its requests after SIGTERM (gunicorn: `--graceful-timeout`). The deadline and more, unless another replica takes up its tasks or the platform stops it sooner.",
  },
  TASK_TIMEOUT_MS: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning: "Milliseconds after which a task that has not ended is failed.",
  },
  TASK_LEASE_SECONDS: {
    setBy: "agent",
    since: "1.1",
    shape: positive,
    meaning:
      "Seconds after which a task whose replica no longer renews its lease belongs to whoever finds it. Look for such tasks twice as often.",
  },
  TASK_RECOVERY: {
    setBy: "agent",
    since: "1.1",
    shape: choice("resume", "fail"),
    meaning:
      "What that one does: take the task over, or fail it because the replica that worked on it is gone. The deadline stays what it was.",
  },
  SSE_HEARTBEAT_SECONDS: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning: "Seconds between two comments on an open event stream. Without them a hop in front cuts it.",
    when: "the agent sends heartbeats",
  },
  A2A_CORS_ENABLED: {
    setBy: "agent",
    since: "1.0",
    shape: boolean,
    meaning: "Whether browsers of other origins may call it.",
  },
  A2A_CORS_ORIGINS: {
    setBy: "agent",
    since: "1.0",
    shape: list,
    meaning: "Their origins.",
    when: "browsers may call",
    requiredWith: { name: "A2A_CORS_ENABLED", value: "true" },
  },
  RATE_LIMIT_ENABLED: {
    setBy: "agent",
    since: "1.0",
    shape: boolean,
    meaning:
      "Whether it limits callers itself: peers reach it without passing the gateway, which limits the rest.",
  },
  RATE_LIMIT_REQUESTS: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning: "Requests that one caller may send in a window.",
  },
  RATE_LIMIT_WINDOW: { setBy: "agent", since: "1.0", shape: positive, meaning: "The window, in seconds." },
  ENABLE_METRICS: {
    setBy: "agent",
    since: "1.0",
    shape: boolean,
    meaning:
      "Whether it serves Prometheus metrics at `/metrics`: `a2a_requests_total`, `a2a_request_duration_seconds`, `a2a_active_tasks`.",
  },
  METRICS_PORT: {
    setBy: "agent",
    since: "1.0",
    shape: port,
    meaning: "Port of its metrics.",
    when: "ENABLE_METRICS is true",
    requiredWith: { name: "ENABLE_METRICS", value: "true" },
  },
  LOG_LEVEL: {
    setBy: "agent",
    since: "1.0",
    shape: choice("debug", "info", "warning", "error"),
    meaning: "Least severe level to log.",
  },
  LOG_FORMAT: {
    setBy: "agent",
    since: "1.0",
    shape: choice("json"),
    meaning: "One JSON object a line, on stdout.",
  },
  SERVICE_NAME: { setBy: "agent", since: "1.0", shape: text, meaning: "Name for logs: AGENT_NAME." },
  SERVICE_VERSION: { setBy: "agent", since: "1.0", shape: text, meaning: "Version for logs: AGENT_VERSION." },
  SQL_POOL_SIZE: {
    setBy: "agent",
    since: "1.0",
    shape: positive,
    meaning: "Most SQL connections of one process, without overflow.",
  },
  LITELLM_MODEL: {
    setBy: "agent",
    since: "1.0",
    shape: text,
    meaning: "Model to ask the gateway for.",
    when: "the agent has a model",
  },
  TASK_STORE: {
    setBy: "task store",
    since: "1.0",
    shape: choice("redis", "postgres", "memory"),
    meaning: "Where tasks, events and push configurations are kept. `memory`: one process, one replica.",
  },
  MEMORY_PROVIDER: {
    setBy: "task store",
    since: "1.0",
    shape: choice("redis", "postgres", "memory"),
    meaning: "The same, by the name that JAF reads.",
  },
  PGHOST: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning:
      "Host of the database, by libpq's name as all that follow: psycopg, asyncpg and node-postgres read them without code.",
    when: "TASK_STORE is `postgres`",
    requiredWith: { name: "TASK_STORE", value: "postgres" },
  },
  PGPORT: {
    setBy: "task store",
    since: "1.1",
    shape: port,
    meaning: "Its port.",
    when: "TASK_STORE is `postgres`",
    requiredWith: { name: "TASK_STORE", value: "postgres" },
  },
  PGDATABASE: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "The agent's own database. It makes its tables itself, at its start.",
    when: "TASK_STORE is `postgres`",
    requiredWith: { name: "TASK_STORE", value: "postgres" },
  },
  PGUSER: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "The agent's own role.",
    when: "TASK_STORE is `postgres`",
    requiredWith: { name: "TASK_STORE", value: "postgres" },
  },
  PGSSLMODE: {
    setBy: "task store",
    since: "1.1",
    shape: choice("disable", "require", "verify-ca", "verify-full"),
    meaning:
      "How the connection is protected, in libpq's words. `verify-full` without PGSSLROOTCERT: by the public authorities that the image knows.",
    when: "TASK_STORE is `postgres`",
    requiredWith: { name: "TASK_STORE", value: "postgres" },
  },
  PGSSLROOTCERT: {
    setBy: "task store",
    since: "1.1",
    shape: { kind: "text", pattern: "^/" },
    meaning: "PEM file with the authorities that signed the database's certificate.",
    when: "they are not public ones",
  },
  PGPASSWORD: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "Password of the role.",
    when: "TASK_STORE is `postgres` and POSTGRES_LOGIN is not there",
    requiredWith: { name: "TASK_STORE", value: "postgres", orElse: "POSTGRES_LOGIN" },
    secret: true,
  },
  POSTGRES_TASK_TTL_SECONDS: {
    setBy: "task store",
    since: "1.1",
    shape: positive,
    meaning: "Seconds that a task is kept after its last change. The agent itself forgets it.",
    when: "TASK_STORE is `postgres`",
  },
  POSTGRES_LOGIN: {
    setBy: "task store",
    since: "1.1",
    shape: choice("entra"),
    meaning:
      "Says that the password is a token of the managed identity (AZURE_CLIENT_ID), for `https://ossrdbms-aad.database.windows.net/.default`.",
    when: "the database takes them",
  },
  REDIS_URL: {
    setBy: "task store",
    since: "1.0",
    shape: url,
    meaning: "URL of the store with its key, `rediss://…`. All that a client needs.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
    secret: true,
  },
  REDIS_HOST: {
    setBy: "task store",
    since: "1.0",
    shape: text,
    meaning: "Host name of the store.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_PORT: {
    setBy: "task store",
    since: "1.0",
    shape: port,
    meaning: "Port of the store. Azure Managed Redis listens on 10000.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_TLS: {
    setBy: "task store",
    since: "1.0",
    shape: boolean,
    meaning: "Whether the store speaks TLS.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_PASSWORD: {
    setBy: "task store",
    since: "1.0",
    shape: text,
    meaning: "The key alone, for clients that take no URL.",
    when: "the store keeps it as a secret of its own",
    secret: true,
  },
  REDIS_USERNAME: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "Its user, for clients that take no URL. It reaches this agent's keys and channel alone.",
    when: "each agent has a user of its own in the store",
  },
  REDIS_CA_FILE: {
    setBy: "task store",
    since: "1.0",
    shape: { kind: "text", pattern: "^/" },
    meaning: "PEM file with the authorities that signed the store's certificate.",
    when: "they are not public ones",
  },
  REDIS_KEY_PREFIX: {
    setBy: "task store",
    since: "1.0",
    shape: text,
    meaning:
      "Prefix of the key of everything that it keeps about tasks. In braces is what tells this agent from all others: `a2a:task:{staging-orchestrator-acme}:`.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_TASK_TTL_SECONDS: {
    setBy: "task store",
    since: "1.0",
    shape: positive,
    meaning: "Seconds that a task is kept after its last change.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_EVENTS_CHANNEL: {
    setBy: "task store",
    since: "1.0",
    shape: text,
    meaning:
      "Channel on which every replica of this agent publishes the events of its tasks, so that a stream can be open at any other.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  REDIS_MAX_CONNECTIONS: {
    setBy: "task store",
    since: "1.0",
    shape: positive,
    meaning: "Most connections of one process.",
    when: "TASK_STORE is `redis`",
    requiredWith: { name: "TASK_STORE", value: "redis" },
  },
  RATE_LIMIT_PREFIX: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "Prefix of the keys of its rate limit, which its replicas share.",
    when: "TASK_STORE is `redis`",
  },
  RESPONSE_CACHE_PREFIX: {
    setBy: "task store",
    since: "1.1",
    shape: text,
    meaning: "Prefix of the keys of answers that may be given again.",
    when: "RESPONSE_CACHE is `redis`",
  },
  RESPONSE_CACHE: {
    setBy: "task store",
    since: "1.0",
    shape: choice("redis", "memory"),
    meaning: "Where answers that may be given again are kept.",
  },
  RESPONSE_CACHE_TTL_SECONDS: {
    setBy: "task store",
    since: "1.0",
    shape: positive,
    meaning: "Seconds that such an answer is kept.",
  },
  TRACE_ENABLED: {
    setBy: "telemetry",
    since: "1.0",
    shape: boolean,
    meaning: "Whether to trace, and to pass `traceparent` and `tracestate` on to every agent that it calls.",
    when: "the environment has telemetry",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    setBy: "telemetry",
    since: "1.0",
    shape: url,
    meaning: "Base URL of the collector. An exporter appends `/v1/traces` to it, as the specification says.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    setBy: "telemetry",
    since: "1.0",
    shape: choice("http/protobuf"),
    meaning: "Protocol of the collector.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_SERVICE_NAME: {
    setBy: "telemetry",
    since: "1.0",
    shape: text,
    meaning: "AGENT_NAME, for the SDK.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    setBy: "telemetry",
    since: "1.0",
    shape: list,
    meaning:
      "`service.version`, `service.namespace`, `deployment.environment.name`, the definition's name and the customer, percent-encoded.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_PROPAGATORS: {
    setBy: "telemetry",
    since: "1.0",
    shape: list,
    meaning: "W3C trace context and baggage.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_TRACES_SAMPLER: {
    setBy: "telemetry",
    since: "1.0",
    shape: choice("parentbased_traceidratio"),
    meaning: "Follows the caller's decision; the first agent on the way decides.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_TRACES_SAMPLER_ARG: {
    setBy: "telemetry",
    since: "1.0",
    shape: { kind: "ratio" },
    meaning: "Share of traces that is kept, 0 to 1.",
    when: "the environment has telemetry",
    requiredWith: { name: "TRACE_ENABLED" },
  },
  OTEL_METRICS_EXPORTER: {
    setBy: "telemetry",
    since: "1.1",
    shape: choice("otlp", "none"),
    meaning: "Whether metrics go to the collector as well: `otlp` where nothing reads METRICS_PORT.",
    when: "the environment has telemetry",
  },
  OTEL_METRIC_EXPORT_INTERVAL: {
    setBy: "telemetry",
    since: "1.1",
    shape: positive,
    meaning: "Milliseconds between two exports of metrics.",
    when: "OTEL_METRICS_EXPORTER is `otlp`",
    requiredWith: { name: "OTEL_METRICS_EXPORTER", value: "otlp" },
  },
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
    setBy: "telemetry",
    since: "1.1",
    shape: choice("delta"),
    meaning: "Whether counters are sent as the difference since the last time, for the SDK.",
    when: "OTEL_METRICS_EXPORTER is `otlp`, and the collector forwards to Azure Monitor, which adds nothing up",
  },
  AZURE_KEYVAULT_URL: {
    setBy: "vault",
    since: "1.0",
    shape: url,
    meaning:
      "URL of the vault, for agents that read secrets themselves. Read them once at the start: the vault throttles.",
    when: "the vault is a Key Vault",
  },
  AZURE_CLIENT_ID: {
    setBy: "identity",
    since: "1.0",
    shape: text,
    meaning:
      "Client id of its managed identity: what Azure's SDKs ask for tokens with, also for agents that it calls.",
    when: "it runs on Azure",
  },
  PEER_TOKEN_HEADER: {
    setBy: "identity",
    since: "1.0",
    shape: choice("X-Serverless-Authorization"),
    meaning:
      "Header that carries `Bearer <identity token>` for Cloud Run's own check, besides `Authorization` with the token for the agent.",
    when: "it runs on Cloud Run, which lets callers through by their service accounts",
  },
  PEER_TOKEN_AUDIENCES: {
    setBy: "identity",
    since: "1.0",
    shape: json("AgentScopes"),
    meaning:
      "Agents that want such a token: base URL to the audience to ask the metadata server for. Others get none.",
    when: "PEER_TOKEN_HEADER is there",
  },
  PEER_DISCOVERY_SELECTOR: {
    setBy: "platform",
    since: "1.1",
    shape: text,
    meaning: "Label selector of the Services of peers, for the Kubernetes API.",
    when: "it runs on Kubernetes and calls agents",
  },
  PEER_DISCOVERY_NAMESPACE: {
    setBy: "platform",
    since: "1.1",
    shape: text,
    meaning: "Namespace to look for them in.",
    when: "PEER_DISCOVERY_SELECTOR is there",
    requiredWith: { name: "PEER_DISCOVERY_SELECTOR" },
  },
  PEER_URL_TEMPLATE: {
    setBy: "platform",
    since: "1.1",
    shape: text,
    meaning:
      "Base URL of a peer that was found, with `{name}` and `{namespace}` in the place of its Service's. Through a mesh it is the sidecar's.",
    when: "PEER_DISCOVERY_SELECTOR is there",
    requiredWith: { name: "PEER_DISCOVERY_SELECTOR" },
  },
  A2A_AUTH_ENABLED: {
    setBy: "token issuer",
    since: "1.0",
    shape: boolean,
    meaning:
      "Whether every request but the card's needs a token. The gateway checks it as well; the agent does not rely on that.",
    when: "the environment has an identity provider",
  },
  OIDC_ISSUER: {
    setBy: "token issuer",
    since: "1.0",
    shape: url,
    meaning: "Issuer that a token must name (`iss`).",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  OIDC_JWKS_URL: {
    setBy: "token issuer",
    since: "1.0",
    shape: url,
    meaning: "Its keys.",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  OIDC_JWKS_REFRESH_SECONDS: {
    setBy: "token issuer",
    since: "1.0",
    shape: positive,
    meaning:
      "Seconds after which keys are fetched again. Fetch them at once when a token names an unknown key (`kid`).",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  OIDC_AUDIENCE: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning:
      "Audience that a token must name (`aud`). Entra's tokens name the app's client id, not AGENT_AUDIENCE.",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  OIDC_ROLES_CLAIM: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "Claim with the caller's roles, a flat list.",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  REQUIRED_ROLE: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "Role that a caller must have.",
    when: "the environment has an identity provider",
    requiredWith: { name: "A2A_AUTH_ENABLED" },
  },
  OIDC_TOKEN_URL: {
    setBy: "token issuer",
    since: "1.0",
    shape: url,
    meaning: "Where it gets tokens for the agents that it calls, by client credentials.",
    when: "the issuer's token endpoint is known",
  },
  A2A_CLIENT_ID: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "Its client id at the issuer.",
    when: "it calls agents, and the issuer is not Entra (which takes AZURE_CLIENT_ID, or A2A_FEDERATED_CLIENT_ID)",
  },
  A2A_CLIENT_SECRET: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "Its client secret at the issuer.",
    when: "A2A_CLIENT_ID is there",
    requiredWith: { name: "A2A_CLIENT_ID" },
    secret: true,
  },
  A2A_FEDERATED_CLIENT_ID: {
    setBy: "token issuer",
    since: "1.1",
    shape: text,
    meaning:
      "Its client id at an issuer of another cloud, which takes the identity token of its own platform in place of a secret: " +
      "on Google fetch one of the metadata server for A2A_ASSERTION_AUDIENCE, and send it to OIDC_TOKEN_URL as `client_assertion` " +
      "(RFC 7523) with `grant_type=client_credentials` and the peer's scope.",
    when: "it calls agents, runs on Google, and the issuer is Entra",
  },
  A2A_ASSERTION_AUDIENCE: {
    setBy: "token issuer",
    since: "1.1",
    shape: text,
    meaning: "What that identity token must be for (`aud`).",
    when: "A2A_FEDERATED_CLIENT_ID is there",
    requiredWith: { name: "A2A_FEDERATED_CLIENT_ID" },
  },
  KEYCLOAK_URL: {
    setBy: "token issuer",
    since: "1.0",
    shape: url,
    meaning: "Base URL of Keycloak.",
    when: "the issuer is Keycloak",
  },
  KEYCLOAK_REALM: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "Its realm.",
    when: "the issuer is Keycloak",
    requiredWith: { name: "KEYCLOAK_URL" },
  },
  KEYCLOAK_AUDIENCE: {
    setBy: "token issuer",
    since: "1.0",
    shape: text,
    meaning: "OIDC_AUDIENCE, by the name that Keycloak's adapters read.",
    when: "the issuer is Keycloak",
    requiredWith: { name: "KEYCLOAK_URL" },
  },
  LITELLM_URL: {
    setBy: "model gateway",
    since: "1.0",
    shape: url,
    meaning: "Base URL of the LiteLLM gateway.",
    when: "the agent has a model",
    requiredWith: { name: "LITELLM_MODEL" },
  },
  LITELLM_API_KEY: {
    setBy: "model gateway",
    since: "1.0",
    shape: text,
    meaning: "Key for it.",
    when: "the agent has a model",
    requiredWith: { name: "LITELLM_MODEL" },
    secret: true,
  },
} as const satisfies Record<string, ContractVariable>;

/** Name of a variable of the contract. */
export type ContractVariableName = keyof typeof contract;

/** Name of a variable whose value comes from a vault. */
export type ContractSecretName = {
  [Name in ContractVariableName]: (typeof contract)[Name] extends { readonly secret: true } ? Name : never;
}[ContractVariableName];

/** The list, with its keys as plain text. */
export const contractVariables: readonly (ContractVariable & { readonly name: ContractVariableName })[] =
  Object.entries(contract).map(([name, variable]) => ({ name: name as ContractVariableName, ...variable }));

/** Names that the contract owns: an agent cannot set them itself. */
export const CONTRACT_VARIABLES: ReadonlySet<string> = new Set(Object.keys(contract));
