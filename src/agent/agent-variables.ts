import { agentCard, cardSkills, legacyAgentCard } from "./agent-card";
import type { AgentWorkload } from "./agent-workload";

/** Version of the contract between the fleet and its images. A variable that is taken away or changes its meaning raises it. */
export const CONTRACT_VERSION = "1";

/**
 * The variables that every agent gets from its definition and environment, whatever it runs on. What its dependencies
 * add (store, telemetry, issuer, model gateway) comes from them; together they are the contract with images.
 */
export function agentVariables(workload: AgentWorkload): Record<string, string> {
  const { route, peers, externalAgents } = workload;
  const registry = [...peers, ...externalAgents].map(({ name, url }) => [name, url]);
  const scopes = [...peers, ...externalAgents].flatMap(({ url, scope }) =>
    scope === null ? [] : [[url, scope]],
  );
  return {
    A2A_CONTRACT_VERSION: CONTRACT_VERSION,
    AGENT_NAME: workload.name,
    AGENT_DESCRIPTION: workload.description,
    AGENT_VERSION: workload.version,
    AGENT_URL: route.publicUrl,
    AGENT_SKILLS: JSON.stringify(cardSkills(workload)),
    AGENT_CARD: JSON.stringify(agentCard(workload)),
    ...(workload.protocolVersions.includes("0.3")
      ? { AGENT_CARD_V03: JSON.stringify(legacyAgentCard(workload)) }
      : {}),
    AGENT_REGISTRY: JSON.stringify(Object.fromEntries(registry)),
    AGENT_SCOPES: JSON.stringify(Object.fromEntries(scopes)),
    AGENT_AUDIENCE: route.audience,
    ...(workload.customer === null ? {} : { CUSTOMER: workload.customer }),
    A2A_HOST: "0.0.0.0",
    A2A_PORT: String(workload.port),
    PORT: String(workload.port),
    WORKERS: String(workload.workers),
    REQUEST_TIMEOUT_SECONDS: String(workload.requestTimeoutSeconds),
    GRACEFUL_TIMEOUT_SECONDS: String(workload.gracefulTimeoutSeconds),
    TASK_TIMEOUT_MS: String(workload.taskDeadlineSeconds * 1000),
    ...(workload.heartbeatSeconds === null
      ? {}
      : { SSE_HEARTBEAT_SECONDS: String(workload.heartbeatSeconds) }),
    A2A_CORS_ENABLED: String(workload.corsOrigins.length > 0),
    A2A_CORS_ORIGINS: workload.corsOrigins.join(","),
    RATE_LIMIT_ENABLED: "true",
    RATE_LIMIT_REQUESTS: String(workload.rateLimitPerMinute),
    RATE_LIMIT_WINDOW: "60",
    ENABLE_METRICS: String(workload.metricsPort !== null),
    ...(workload.metricsPort === null ? {} : { METRICS_PORT: String(workload.metricsPort) }),
    LOG_LEVEL: workload.logLevel,
    LOG_FORMAT: "json",
    SERVICE_NAME: workload.name,
    SERVICE_VERSION: workload.version,
    ...(workload.taskStore === "memory" ? { TASK_STORE: "memory", MEMORY_PROVIDER: "memory" } : {}),
    SQL_POOL_SIZE: "20",
    RESPONSE_CACHE_TTL_SECONDS: "300",
    ...(workload.model === null ? {} : { LITELLM_MODEL: workload.model }),
  };
}

/** Names that the contract owns: an agent cannot set them itself. */
export const CONTRACT_VARIABLES: ReadonlySet<string> = new Set([
  "A2A_CONTRACT_VERSION",
  "AGENT_NAME",
  "AGENT_DESCRIPTION",
  "AGENT_VERSION",
  "AGENT_URL",
  "AGENT_SKILLS",
  "AGENT_CARD",
  "AGENT_CARD_V03",
  "AGENT_REGISTRY",
  "AGENT_SCOPES",
  "AGENT_AUDIENCE",
  "CUSTOMER",
  "A2A_HOST",
  "A2A_PORT",
  "PORT",
  "WORKERS",
  "REQUEST_TIMEOUT_SECONDS",
  "GRACEFUL_TIMEOUT_SECONDS",
  "TASK_TIMEOUT_MS",
  "SSE_HEARTBEAT_SECONDS",
  "A2A_CORS_ENABLED",
  "A2A_CORS_ORIGINS",
  "RATE_LIMIT_ENABLED",
  "RATE_LIMIT_REQUESTS",
  "RATE_LIMIT_WINDOW",
  "ENABLE_METRICS",
  "METRICS_PORT",
  "LOG_LEVEL",
  "LOG_FORMAT",
  "SERVICE_NAME",
  "SERVICE_VERSION",
  "TASK_STORE",
  "MEMORY_PROVIDER",
  "SQL_POOL_SIZE",
  "RESPONSE_CACHE_TTL_SECONDS",
  "LITELLM_MODEL",
]);
