import { agentCard, cardSkills, legacyAgentCard } from "./agent-card";
import { CONTRACT_VERSION, type ContractSecretName, type ContractVariableName } from "./agent-contract";
import type { AgentWorkload } from "./agent-workload";
import type { TokenIssuer } from "./token-issuer";

/** Values by the contract's names; null leaves a variable out. Secrets are never among them. */
type ContractValues = {
  readonly [Name in Exclude<ContractVariableName, ContractSecretName>]?: string | null;
};

/** Variables that carry a secret: the name under which a dependency hands over its reference. */
export const secretVariables = {
  taskStoreUrl: "REDIS_URL",
  taskStorePassword: "REDIS_PASSWORD",
  databasePassword: "PGPASSWORD",
  clientSecret: "A2A_CLIENT_SECRET",
  modelGatewayKey: "LITELLM_API_KEY",
} as const satisfies Record<string, ContractSecretName>;

/**
 * The variables that every agent gets from its definition and environment, whatever it runs on. What its dependencies
 * add comes from them, through the functions below; together they are the contract with images.
 */
export function agentVariables(workload: AgentWorkload): Record<string, string> {
  const { route, peers, externalAgents, corsOrigins, metricsPort, heartbeatSeconds } = workload;
  const registry = [...peers, ...externalAgents].map(({ name, url }) => [name, url]);
  const scopes = [...peers, ...externalAgents].flatMap(({ url, scope }) =>
    scope === null ? [] : [[url, scope]],
  );
  const roles = workload.skills.flatMap(({ id, requiredRole }) =>
    requiredRole === undefined ? [] : [[id, requiredRole]],
  );
  return {
    ...present({
      A2A_CONTRACT_VERSION: CONTRACT_VERSION,
      AGENT_NAME: workload.name,
      AGENT_DESCRIPTION: workload.description,
      AGENT_VERSION: workload.version,
      AGENT_URL: route.publicUrl,
      AGENT_SKILLS: JSON.stringify(cardSkills(workload)),
      AGENT_CARD: JSON.stringify(agentCard(workload)),
      AGENT_CARD_V03: workload.protocolVersions.includes("0.3")
        ? JSON.stringify(legacyAgentCard(workload))
        : null,
      AGENT_PEER_CARD:
        route.peerCardUrl === null ? null : JSON.stringify(agentCard(workload, route.peerCardUrl)),
      AGENT_PEER_CARD_V03:
        route.peerCardUrl === null || !workload.protocolVersions.includes("0.3")
          ? null
          : JSON.stringify(legacyAgentCard(workload, route.peerCardUrl)),
      AGENT_REGISTRY: JSON.stringify(Object.fromEntries(registry)),
      AGENT_SCOPES: JSON.stringify(Object.fromEntries(scopes)),
      AGENT_AUDIENCE: route.audience,
      AGENT_SKILL_ROLES: roles.length === 0 ? null : JSON.stringify(Object.fromEntries(roles)),
      CUSTOMER: workload.customer,
      A2A_HOST: "0.0.0.0",
      A2A_PORT: String(workload.port),
      PORT: String(workload.port),
      WORKERS: String(workload.workers),
      REQUEST_TIMEOUT_SECONDS: String(workload.requestTimeoutSeconds),
      GRACEFUL_TIMEOUT_SECONDS: String(workload.gracefulTimeoutSeconds),
      TASK_TIMEOUT_MS: String(workload.taskDeadlineSeconds * 1000),
      TASK_LEASE_SECONDS: String(workload.taskLeaseSeconds),
      TASK_RECOVERY: workload.resumesTasks ? "resume" : "fail",
      SSE_HEARTBEAT_SECONDS: heartbeatSeconds === null ? null : String(heartbeatSeconds),
      A2A_CORS_ENABLED: String(corsOrigins.length > 0),
      A2A_CORS_ORIGINS: corsOrigins.length === 0 ? null : corsOrigins.join(","),
      RATE_LIMIT_ENABLED: "true",
      RATE_LIMIT_REQUESTS: String(workload.rateLimitPerMinute),
      RATE_LIMIT_WINDOW: "60",
      ENABLE_METRICS: String(metricsPort !== null),
      METRICS_PORT: metricsPort === null ? null : String(metricsPort),
      LOG_LEVEL: workload.logLevel,
      LOG_FORMAT: "json",
      SERVICE_NAME: workload.name,
      SERVICE_VERSION: workload.version,
      SQL_POOL_SIZE: "20",
      LITELLM_MODEL: workload.model,
    }),
    ...(workload.taskStore === "memory" ? storeKind("memory") : {}),
  };
}

/** Where a shared task store is. */
export interface TaskStoreAddress {
  /** May be a Terraform reference. */
  readonly host: string;
  /** A string where it is a Terraform reference. */
  readonly port: number | string;
  readonly tls: boolean;
  /** The agent's own user in the store. @default - all agents are one user */
  readonly username?: string;
  /** Path of a PEM file with the store's own certificate authorities. @default - public ones signed it */
  readonly caFile?: string;
}

/** A task that nobody has asked for in a day is nobody's any more. */
const SECONDS_TO_KEEP_TASKS = 24 * 60 * 60;

/** What the shared store tells an agent that uses it; its URL is a secret (`secretVariables.taskStoreUrl`). */
export function taskStoreVariables(
  workload: AgentWorkload,
  { host, port, tls, caFile, username }: TaskStoreAddress,
): Record<string, string> {
  const own = `{${keyspaceOf(workload)}}`;
  return {
    ...storeKind("redis"),
    ...present({
      REDIS_HOST: host,
      REDIS_PORT: String(port),
      REDIS_TLS: String(tls),
      REDIS_CA_FILE: caFile ?? null,
      REDIS_USERNAME: username ?? null,
      REDIS_KEY_PREFIX: `a2a:task:${own}:`,
      REDIS_TASK_TTL_SECONDS: String(SECONDS_TO_KEEP_TASKS),
      REDIS_EVENTS_CHANNEL: `a2a:events:${own}`,
      REDIS_MAX_CONNECTIONS: "20",
      RESPONSE_CACHE_PREFIX: `a2a:cache:${own}:`,
      RATE_LIMIT_PREFIX: `a2a:limit:${own}:`,
    }),
  };
}

/** Where an agent's database is, and how it logs in there. */
export interface TaskDatabaseAddress {
  /** May be a Terraform reference. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly sslMode: "disable" | "require" | "verify-ca" | "verify-full";
  /** Path of a PEM file with the database's own certificate authorities. @default - public ones signed it */
  readonly caFile?: string;
  /** Says that a token of the agent's managed identity is the password. @default - the password is a secret */
  readonly login?: "entra";
}

/** What a Postgres tells an agent that keeps its tasks there, by the names that libpq gave these things. */
export function postgresVariables(
  workload: AgentWorkload,
  { host, port, user, sslMode, caFile, login }: TaskDatabaseAddress,
): Record<string, string> {
  return {
    ...storeKind("postgres"),
    ...present({
      PGHOST: host,
      PGPORT: String(port),
      PGDATABASE: databaseOf(workload),
      PGUSER: user,
      PGSSLMODE: sslMode,
      PGSSLROOTCERT: caFile ?? null,
      POSTGRES_TASK_TTL_SECONDS: String(SECONDS_TO_KEEP_TASKS),
      POSTGRES_LOGIN: login ?? null,
    }),
  };
}

/** Name of an agent's own database: its keyspace, as SQL writes names without quotes. */
export function databaseOf(workload: AgentWorkload): string {
  return keyspaceOf(workload).replaceAll("-", "_");
}

/**
 * What separates one agent from all others in a store that they share, the instances of other customers included. In
 * braces it is a hash tag: all keys of an agent are in one slot of a Redis cluster, where scripts need them.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function keyspaceOf({ environment, name }: AgentWorkload): string {
  return `${environment}-${name}`;
}

/** What telemetry tells an agent. */
export function telemetryVariables(
  workload: AgentWorkload,
  telemetry: {
    /** Base URL of the collector, OTLP over HTTP. May be a Terraform reference. */
    readonly endpoint: string;
    /** Share of traces that is kept, 0 to 1. */
    readonly sampleRatio: number;
    /** Whether counters go there as differences, for what adds nothing up itself. @default - as they stand */
    readonly temporality?: "delta";
    /** Whether it takes metrics besides traces. @default true */
    readonly takesMetrics?: boolean;
  },
): Record<string, string> {
  const attributes = {
    "service.version": workload.version,
    "service.namespace": workload.definition,
    "deployment.environment.name": workload.environment,
    ...(workload.customer === null ? {} : { "a2a.customer": workload.customer }),
  };
  const sendsMetrics = !workload.metricsAreScraped && telemetry.takesMetrics !== false;
  return present({
    TRACE_ENABLED: "true",
    OTEL_METRICS_EXPORTER: sendsMetrics ? "otlp" : "none",
    OTEL_METRIC_EXPORT_INTERVAL: sendsMetrics ? "60000" : null,
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: sendsMetrics ? (telemetry.temporality ?? null) : null,
    OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_SERVICE_NAME: workload.name,
    OTEL_RESOURCE_ATTRIBUTES: Object.entries(attributes)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join(","),
    OTEL_PROPAGATORS: "tracecontext,baggage",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: String(telemetry.sampleRatio),
  });
}

/**
 * How an agent finds peers that its registry doesn't name: by the label of their Services.
 *
 * @param urlTemplate base URL of a peer, with `{name}` and `{namespace}` in the place of its Service's
 */
export function peerDiscoveryVariables(props: {
  readonly selector: string;
  readonly namespace: string;
  readonly urlTemplate: string;
}): Record<string, string> {
  return present({
    PEER_DISCOVERY_SELECTOR: props.selector,
    PEER_DISCOVERY_NAMESPACE: props.namespace,
    PEER_URL_TEMPLATE: props.urlTemplate,
  });
}

/** What the vault tells an agent. `url` may be a Terraform reference. */
export function keyVaultVariables({ url }: { readonly url: string }): Record<string, string> {
  return present({ AZURE_KEYVAULT_URL: url });
}

/** What an Azure identity tells its agent. `clientId` may be a Terraform reference. */
export function azureIdentityVariables({ clientId }: { readonly clientId: string }): Record<string, string> {
  return present({ AZURE_CLIENT_ID: clientId });
}

/**
 * What an agent is told whose platform checks callers itself: which peers want a token of the platform's, and in which
 * header.
 *
 * @param audiences base URL of each such peer to the audience of its tokens
 */
export function peerTokenVariables(
  header: string,
  audiences: Readonly<Record<string, string>>,
): Record<string, string> {
  return present({
    PEER_TOKEN_HEADER: header,
    PEER_TOKEN_AUDIENCES: JSON.stringify(audiences),
  });
}

/** What an agent has to know of itself at the issuer of tokens. */
export interface IssuerAccess {
  /** What tokens for it name: its audience, or the client id of its app at Entra. May be a Terraform reference. */
  readonly audience: string;
  /** Role that a caller must have. */
  readonly requiredRole: string;
  /** Its own client at the issuer. @default - it has none, or its platform's identity is one */
  readonly clientId?: string;
  /** Its client at an issuer that takes identity tokens of its platform, made for an audience. @default - it has none such */
  readonly federated?: { readonly clientId: string; readonly assertionAudience: string };
}

/** What the issuer of tokens tells an agent; its client's secret is a secret (`secretVariables.clientSecret`). */
export function issuerVariables(
  { issuer, jwksUrl, tokenUrl, keycloak }: TokenIssuer,
  { audience, requiredRole, clientId, federated }: IssuerAccess,
): Record<string, string> {
  return present({
    A2A_AUTH_ENABLED: "true",
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URL: jwksUrl,
    // An hour, as long as keys are published before they sign; an unknown key is fetched at once.
    OIDC_JWKS_REFRESH_SECONDS: "3600",
    OIDC_AUDIENCE: audience,
    OIDC_ROLES_CLAIM: "roles",
    REQUIRED_ROLE: requiredRole,
    OIDC_TOKEN_URL: tokenUrl,
    A2A_CLIENT_ID: clientId ?? null,
    A2A_FEDERATED_CLIENT_ID: federated?.clientId ?? null,
    A2A_ASSERTION_AUDIENCE: federated?.assertionAudience ?? null,
    KEYCLOAK_URL: keycloak?.url ?? null,
    KEYCLOAK_REALM: keycloak?.realm ?? null,
    KEYCLOAK_AUDIENCE: keycloak === null ? null : audience,
  });
}

/** What the model gateway tells an agent with a model; its key is a secret (`secretVariables.modelGatewayKey`). */
export function modelGatewayVariables({ url }: { readonly url: string }): Record<string, string> {
  return present({ LITELLM_URL: url });
}

function storeKind(kind: "redis" | "postgres" | "memory"): Record<string, string> {
  return present({
    TASK_STORE: kind,
    MEMORY_PROVIDER: kind,
    // Answers that may be given again are no tasks: with a database, each process keeps its own.
    RESPONSE_CACHE: kind === "redis" ? "redis" : "memory",
    RESPONSE_CACHE_TTL_SECONDS: "300",
  });
}

function present(values: ContractValues): Record<string, string> {
  const entries = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[1] !== null && entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
