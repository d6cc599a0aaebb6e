/**
 * The variables of an agent, by hand from the contract: the one place where the tests say what an environment gives.
 */
import { agents } from "../../support/fleet/agents";

/** What an environment decides of an agent. */
export interface AgentEnvironment {
  readonly agent: string;
  readonly port: number;
  /** Variables of its task store; none: memory. */
  readonly store?: Record<string, string>;
  /** Variables of its issuer of tokens; none: nobody is asked for one. */
  readonly issuer?: Record<string, string>;
  /** Name to base URL of the agents that it may call, and what else says how. */
  readonly peers?: Record<string, string>;
  readonly scopes?: Record<string, string>;
  /** Whatever else it has, or has otherwise. */
  readonly more?: Record<string, string>;
}

/** Everything that the agent's container is started with. */
export function variablesOf({ agent, port, store, issuer, peers = {}, scopes = {}, more }: AgentEnvironment) {
  const definition = agents.find(({ name }) => name === agent);
  if (definition === undefined) throw new Error(`the sample fleet has no agent '${agent}'`);
  const { name, description, version } = definition;
  const title = definition.title ?? name;
  const skills = definition.skills.map(({ id, name, description, tags, examples }) => ({
    id,
    name,
    description,
    tags: [...tags],
    ...(examples === undefined ? {} : { examples: [...examples] }),
  }));
  const url = more?.AGENT_URL ?? `http://127.0.0.1:${port}/`;
  const variables: Record<string, string> = {
    A2A_CONTRACT_VERSION: "1.1",
    AGENT_NAME: name,
    AGENT_DESCRIPTION: description,
    AGENT_VERSION: version,
    AGENT_URL: url,
    AGENT_SKILLS: JSON.stringify(skills),
    AGENT_CARD: JSON.stringify(cardOf({ title, description, version, skills }, url)),
    AGENT_CARD_V03: JSON.stringify(legacyCardOf({ title, description, version, skills }, url)),
    AGENT_REGISTRY: JSON.stringify(peers),
    AGENT_SCOPES: JSON.stringify(scopes),
    AGENT_AUDIENCE: `api://acme.example/dev-${name}`,
    A2A_HOST: "127.0.0.1",
    A2A_PORT: String(port),
    PORT: String(port),
    WORKERS: "1",
    REQUEST_TIMEOUT_SECONDS: "120",
    GRACEFUL_TIMEOUT_SECONDS: "30",
    TASK_TIMEOUT_MS: "60000",
    TASK_LEASE_SECONDS: "30",
    TASK_RECOVERY: "fail",
    SSE_HEARTBEAT_SECONDS: "15",
    A2A_CORS_ENABLED: "false",
    RATE_LIMIT_ENABLED: "false",
    RATE_LIMIT_REQUESTS: "100",
    RATE_LIMIT_WINDOW: "60",
    ENABLE_METRICS: "false",
    LOG_LEVEL: "info",
    LOG_FORMAT: "json",
    SERVICE_NAME: name,
    SERVICE_VERSION: version,
    SQL_POOL_SIZE: "5",
    TASK_STORE: "memory",
    MEMORY_PROVIDER: "memory",
    RESPONSE_CACHE: "memory",
    RESPONSE_CACHE_TTL_SECONDS: "300",
  };
  return { ...variables, ...store, ...issuer, ...more };
}

/** The other card, where peers use another URL than callers from outside. */
export function peerCards(variables: Record<string, string>, peerUrl: string): Record<string, string> {
  const to = (text = "") => text.replaceAll(JSON.stringify(variables.AGENT_URL), JSON.stringify(peerUrl));
  return { AGENT_PEER_CARD: to(variables.AGENT_CARD), AGENT_PEER_CARD_V03: to(variables.AGENT_CARD_V03) };
}

interface Described {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly skills: readonly object[];
}

const BINDINGS = ["JSONRPC", "HTTP+JSON"];

const common = ({ title, description, version, skills }: Described) => ({
  name: title,
  description,
  version,
  capabilities: { streaming: true, pushNotifications: true },
  defaultInputModes: ["text/plain", "application/json"],
  defaultOutputModes: ["text/plain", "application/json"],
  skills,
});

function cardOf(described: Described, url: string): object {
  return {
    ...common(described),
    supportedInterfaces: ["1.0", "0.3"].flatMap((protocolVersion) =>
      BINDINGS.map((protocolBinding) => ({ url, protocolBinding, protocolVersion })),
    ),
  };
}

function legacyCardOf(described: Described, url: string): object {
  return {
    ...common(described),
    protocolVersion: "0.3.0",
    url,
    preferredTransport: "JSONRPC",
    additionalInterfaces: [{ url, transport: "HTTP+JSON" }],
  };
}
