import { CARD_PATH, LEGACY_CARD_PATH } from "../agent/agent-card";
import type { AgentWorkload } from "../agent/agent-workload";

/** One thing that callers may ask of an agent through the gateway. */
export interface AgentOperation {
  /** Letters, digits and hyphens: the service takes no colon. */
  readonly id: string;
  readonly title: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Path below the agent's own, with `{parameters}`. */
  readonly path: string;
  /** `card`: anonymous and cached; `call`: with a token. */
  readonly access: "card" | "call";
  /** In whose terms it is told what went wrong. */
  readonly binding: "JSONRPC" | "HTTP+JSON";
  /**
   * Endings of the last parameter that the operation takes: a custom verb of the REST binding (`tasks/{id}:cancel`) is
   * part of the parameter's segment, where a template of the service cannot tell it apart.
   *
   * @default - the whole parameter is one
   */
  readonly verbs?: readonly string[];
}

const card: AgentOperation = {
  id: "card",
  title: "Agent card",
  method: "GET",
  path: CARD_PATH,
  access: "card",
  binding: "HTTP+JSON",
};

const legacyCard: AgentOperation = {
  id: "card-legacy",
  title: "Agent card, where clients of older versions look",
  method: "GET",
  path: LEGACY_CARD_PATH,
  access: "card",
  binding: "HTTP+JSON",
};

const jsonRpc: AgentOperation = {
  id: "json-rpc",
  title: "JSON-RPC",
  method: "POST",
  path: "/",
  access: "call",
  binding: "JSONRPC",
};

/** Everything that callers may ask of an agent; whatever isn't listed, the gateway answers with 404. */
export function agentOperations({ protocolBindings, protocolVersions }: AgentWorkload): AgentOperation[] {
  const rest = protocolBindings.includes("HTTP+JSON");
  return [
    card,
    legacyCard,
    ...(protocolBindings.includes("JSONRPC") ? [jsonRpc] : []),
    ...(rest && protocolVersions.includes("1.0") ? restOperations("rest", "", "extendedAgentCard") : []),
    ...(rest && protocolVersions.includes("0.3") ? restOperations("rest-v1", "/v1", "card") : []),
  ];
}

/**
 * The REST binding. Version 0.3 has the same paths under `/v1`, and another name for the extended card.
 *
 * @see https://a2a-protocol.org/latest/specification/
 */
function restOperations(prefix: string, root: string, extendedCard: string): AgentOperation[] {
  const operation = (
    id: string,
    title: string,
    method: AgentOperation["method"],
    path: string,
    verbs?: readonly string[],
  ): AgentOperation => ({
    id: `${prefix}-${id}`,
    title: root === "" ? title : `${title} (0.3)`,
    method,
    path: `${root}${path}`,
    access: "call",
    binding: "HTTP+JSON",
    ...(verbs === undefined ? {} : { verbs }),
  });
  const configs = "/tasks/{task}/pushNotificationConfigs";
  return [
    operation("send", "Send a message", "POST", "/message:send"),
    operation("stream", "Send a message and stream events", "POST", "/message:stream"),
    operation("tasks", "List tasks", "GET", "/tasks"),
    // Also what subscribes: `{task}:subscribe`.
    operation("task", "Get a task, or subscribe to it", "GET", "/tasks/{task}"),
    operation("task-verb", "Cancel a task, or subscribe to it", "POST", "/tasks/{task}", [
      ":cancel",
      ":subscribe",
    ]),
    operation("push-configs", "List push notification configurations", "GET", configs),
    operation("push-config-create", "Create a push notification configuration", "POST", configs),
    operation("push-config", "Get a push notification configuration", "GET", `${configs}/{config}`),
    operation(
      "push-config-delete",
      "Delete a push notification configuration",
      "DELETE",
      `${configs}/{config}`,
    ),
    operation("extended-card", "Extended agent card", "GET", `/${extendedCard}`),
  ];
}

/** Names of the parameters in a path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}
