import { type EffectiveOperation, type Statement, statements, texts } from "./effective-policy";

/** What an agent's own container says of its streams, read from the finished stack. */
export interface Streams {
  readonly deadlineSeconds: number;
  readonly heartbeatSeconds: number | undefined;
}

/** Seconds after which a silent stream is cut in front of the gateway, whatever it says. */
const SILENCE = 240;

const CLAIMED = ["X-MS-CLIENT-PRINCIPAL", "dapr-caller-app-id", "X-Forwarded-Client-Cert"];
const TELLING = ["Server", "X-Powered-By"];
const FORWARDING = [
  "Forwarded",
  "X-Forwarded-Host",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Original-URL",
];
const PASSED_ON = ["A2A-Version", "A2A-Extensions", "Authorization", "Accept", "Last-Event-ID"];

/** Statements that read a whole response before they let it go. */
const HOLDING = [
  "validate-content",
  "set-body",
  "find-and-replace",
  "json-to-xml",
  "xml-to-json",
  "xsl-transform",
];

/** Everything in the effective policy of an agent's operation that breaks streams, or lets in whom it should not. */
export function gatewayFaults(operation: EffectiveOperation, streams: Streams): string[] {
  const { sections, path, method, subscriptionRequired } = operation;
  const card = method === "GET" && path.startsWith("/.well-known/");
  return [
    ...wayFaults(sections, streams),
    ...headerFaults(sections),
    ...(card ? cardFaults(operation) : subscriptionRequired ? keyFaults(sections) : callFaults(sections)),
  ];
}

function wayFaults(
  { inbound, backend, outbound }: EffectiveOperation["sections"],
  { deadlineSeconds, heartbeatSeconds }: Streams,
): string[] {
  const forwards = statements(backend, "forward-request");
  const [forward] = forwards;
  const timeout = Number(forward?.attributes.timeout ?? 300);
  const beats = heartbeatSeconds !== undefined && heartbeatSeconds < Math.min(timeout, SILENCE);
  return [
    ...(forwards.length === 1 ? [] : [`the request is sent ${forwards.length} times`]),
    ...(forward?.attributes["buffer-response"] === "false" ? [] : ["the response is buffered"]),
    ...(timeout >= deadlineSeconds && (deadlineSeconds <= SILENCE || beats)
      ? []
      : [
          `the stream is cut: timeout ${timeout}, deadline ${deadlineSeconds}, heartbeat ${heartbeatSeconds}`,
        ]),
    ...(statements(inbound, "set-backend-service").length === 1 ? [] : ["no backend is set"]),
    ...HOLDING.filter((name) => statements(outbound, name).length > 0).map(
      (name) => `${name} holds the response`,
    ),
  ];
}

function headerFaults({ inbound, outbound }: EffectiveOperation["sections"]): string[] {
  const deleted = (section: readonly Statement[]) =>
    statements(section, "set-header")
      .filter(({ attributes }) => attributes["exists-action"] === "delete")
      .map(({ attributes }) => attributes.name);
  const touched = statements(inbound, "set-header").map(({ attributes }) => attributes.name);
  return [
    ...CLAIMED.filter((name) => !deleted(inbound).includes(name)).map((name) => `${name} is let in`),
    ...FORWARDING.filter((name) => !touched.includes(name)).map((name) => `a caller's ${name} is let in`),
    ...TELLING.filter((name) => !deleted(outbound).includes(name)).map((name) => `${name} is let out`),
    ...PASSED_ON.filter((name) => touched.includes(name)).map((name) => `${name} is not passed on`),
  ];
}

function cardFaults({ sections: { inbound } }: EffectiveOperation): string[] {
  const [limit] = statements(inbound, "rate-limit-by-key");
  return [
    ...(tokenChecks(inbound).length === 0 ? [] : ["the card asks for a token"]),
    ...(limit?.attributes["counter-key"]?.includes("context.Request.IpAddress")
      ? []
      : ["the card is not limited by address"]),
  ];
}

function callFaults({ inbound, outbound }: EffectiveOperation["sections"]): string[] {
  const checks = tokenChecks(inbound);
  const [who, may] = checks;
  if (who === undefined || may === undefined || checks.length !== 2) {
    return [`a call is checked ${checks.length} times: for whose token it is, and for its role`];
  }
  const limits = inbound.filter(({ name }) => name === "rate-limit-by-key");
  const counted = (statement: Statement | undefined) => statement?.attributes["counter-key"] ?? "";
  const [ofAddress, ofCaller] = limits;
  const key = counted(ofCaller);
  const place = (statement: Statement | undefined) =>
    statement === undefined ? -1 : inbound.indexOf(statement);
  const roles = may.children
    .filter(({ name }) => name === "required-claims")
    .flatMap(({ children }) => children)
    .filter(({ attributes }) => attributes.name === "roles");
  return [
    ...checks.flatMap((check) =>
      texts(check, "audiences", "audience").length === 1 ? [] : ["no audience is asked for"],
    ),
    ...(who.attributes["failed-validation-httpcode"] === "401" &&
    may.attributes["failed-validation-httpcode"] === "403"
      ? []
      : ["whose token it is and what it may have the same status"]),
    ...(counted(ofAddress).includes("context.Request.IpAddress") && !counted(ofAddress).includes(".Subject")
      ? []
      : ["the first limit's key is not the address"]),
    ...(place(ofAddress) < place(who) ? [] : ["nothing is counted before the token is checked"]),
    ...(roles.length === 1 && texts(roles[0] as Statement, "value").length === 1
      ? []
      : ["no role is asked for"]),
    ...(key.includes("context.Api.Id") ? [] : ["the limit's key is not the API's own"]),
    ...(key.includes(".Subject") ? [] : ["the limit's key is not the caller's"]),
    ...(place(ofCaller) > place(may) ? [] : ["the caller's limit is counted before the token is checked"]),
    ...cacheFaults(inbound, outbound),
  ];
}

function keyFaults({ inbound, outbound }: EffectiveOperation["sections"]): string[] {
  const [limit] = statements(inbound, "rate-limit-by-key");
  const key = limit?.attributes["counter-key"] ?? "";
  return [
    ...(key.includes("context.Api.Id") && key.includes("context.Subscription.Id")
      ? []
      : ["the limit's key is not the subscription's"]),
    ...(statements(inbound, "authentication-managed-identity").length === 1
      ? []
      : ["the agent gets no token for a caller with a key"]),
    ...cacheFaults(inbound, outbound),
  ];
}

function cacheFaults(inbound: readonly Statement[], outbound: readonly Statement[]): string[] {
  const caches = [...statements(inbound, "cache-lookup"), ...statements(outbound, "cache-store")];
  return caches.length === 0 ? [] : ["answers to calls are cached"];
}

function tokenChecks(inbound: readonly Statement[]): Statement[] {
  return inbound.filter(({ name }) => name === "validate-jwt" || name === "validate-azure-ad-token");
}
