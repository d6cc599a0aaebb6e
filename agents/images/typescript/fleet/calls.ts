/** What a request asks for, read once from its path or body: every check in front of the SDK goes by it. */

/** A request in the protocol's terms. */
export interface Call {
  /** As on the card. */
  readonly binding: "JSONRPC" | "HTTP+JSON";
  /** Name in A2A 1.0, or `other`: a label of metrics, so callers can't make new ones up. */
  readonly method: string;
  /** The skill that the message names. */
  readonly skill: string | undefined;
  /** The task that the message goes on with. */
  readonly taskId: string | undefined;
  /** Of JSON-RPC. */
  readonly requestId: string | number | null;
  readonly beginsWork: boolean;
}

/** Method names of 0.3 by their names in 1.0. */
const V03_METHODS: Readonly<Record<string, string>> = {
  "message/send": "SendMessage",
  "message/stream": "SendStreamingMessage",
  "tasks/get": "GetTask",
  "tasks/cancel": "CancelTask",
  "tasks/resubscribe": "SubscribeToTask",
  "tasks/pushNotificationConfig/set": "CreateTaskPushNotificationConfig",
  "tasks/pushNotificationConfig/get": "GetTaskPushNotificationConfig",
  "tasks/pushNotificationConfig/list": "ListTaskPushNotificationConfigs",
  "tasks/pushNotificationConfig/delete": "DeleteTaskPushNotificationConfig",
  "agent/getAuthenticatedExtendedCard": "GetExtendedAgentCard",
};
const METHODS = new Set([...Object.values(V03_METHODS), "ListTasks"]);
const REST: readonly (readonly [RegExp, string])[] = [
  [/^POST (?:\/v1)?\/message:send$/, "SendMessage"],
  [/^POST (?:\/v1)?\/message:stream$/, "SendStreamingMessage"],
  [/^GET (?:\/v1)?\/tasks$/, "ListTasks"],
  [/^GET (?:\/v1)?\/tasks\/[^/:]+$/, "GetTask"],
  [/^POST (?:\/v1)?\/tasks\/[^/]+:cancel$/, "CancelTask"],
  [/^(?:GET|POST) (?:\/v1)?\/tasks\/[^/]+:subscribe$/, "SubscribeToTask"],
  [/^POST (?:\/v1)?\/tasks\/[^/]+\/pushNotificationConfigs$/, "CreateTaskPushNotificationConfig"],
  [/^GET (?:\/v1)?\/tasks\/[^/]+\/pushNotificationConfigs$/, "ListTaskPushNotificationConfigs"],
  [/^GET (?:\/v1)?\/tasks\/[^/]+\/pushNotificationConfigs\/[^/]+$/, "GetTaskPushNotificationConfig"],
  [/^DELETE (?:\/v1)?\/tasks\/[^/]+\/pushNotificationConfigs\/[^/]+$/, "DeleteTaskPushNotificationConfig"],
  [/^GET (?:\/v1)?\/(?:extendedAgentCard|card)$/, "GetExtendedAgentCard"],
];

/** What a request asks for. Nothing is refused here: what isn't understood is `other`. */
export function readCall(verb: string, path: string, body: unknown): Call {
  const document = asObject(body);
  if (path === "/") {
    const name = String(document.method);
    const method = V03_METHODS[name] ?? name;
    const id = document.id;
    return call("JSONRPC", METHODS.has(method) ? method : "other", document.params, isId(id) ? id : null);
  }
  const found = REST.find(([pattern]) => pattern.test(`${verb} ${path}`));
  return call("HTTP+JSON", found?.[1] ?? "other", document, null);
}

function call(binding: Call["binding"], method: string, params: unknown, requestId: Call["requestId"]): Call {
  const message = asObject(asObject(params).message);
  return {
    binding,
    method,
    requestId,
    skill: asText(asObject(message.metadata).skill),
    taskId: asText(message.taskId),
    beginsWork: method === "SendMessage" || method === "SendStreamingMessage",
  };
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
