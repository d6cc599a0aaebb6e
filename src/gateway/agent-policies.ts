import { type AgentRoute, CALLERS_PER_ADDRESS } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import type { AgentOperation } from "./agent-operations";
import { pathParameters } from "./agent-operations";
import { base, inherited, type Policy } from "./policy";
import {
  ADDRESS_KEY,
  allowOrigins,
  answerFromCache,
  authenticateAs,
  CALLER_ADDRESS,
  CALLER_KEY,
  forwardRequest,
  keepInCache,
  limitRate,
  requireToken,
  SUBSCRIPTION_KEY,
  sendTo,
  withHeader,
  withoutHeader,
} from "./policy-elements";
import { answerFailure, answerRefusedCall, answerRefusedKey, refuseUnless } from "./refusals";
import type { TokenCheck } from "./token-check";

/** Headers that platform and mesh put onto requests: whoever sends them from outside claims to be somebody. */
export const CLAIMED_HEADERS = [
  "X-MS-CLIENT-PRINCIPAL",
  "X-MS-CLIENT-PRINCIPAL-ID",
  "X-MS-CLIENT-PRINCIPAL-NAME",
  "X-Forwarded-Client-Cert",
  "dapr-app-id",
  "dapr-api-token",
  "dapr-caller-app-id",
  "dapr-caller-namespace",
  "Ocp-Apim-Subscription-Key",
];

/** Headers of a response that tell how the inside is built. */
const TELLING_HEADERS = [
  "Server",
  "X-Powered-By",
  "X-AspNet-Version",
  "X-Envoy-Upstream-Service-Time",
  "X-Envoy-Decorator-Operation",
  "Ocp-Apim-Trace-Location",
];

/** Seconds that the gateway keeps a card, short enough for a new version to be seen within a minute. */
const CARD_CACHE_SECONDS = 60;

/** Requests for cards from one address in a minute. */
const CARD_CALLS_PER_MINUTE = 60;

/** What every request to an agent gets: the way to it and back without a hold, origins, and headers. */
export function agentApiPolicy(
  { route, corsOrigins }: AgentWorkload,
  { backend }: { readonly backend: string },
): Policy {
  const { timeoutSeconds } = gatewayHop(route);
  return {
    inbound: [
      base,
      ...(corsOrigins.length === 0 ? [] : [allowOrigins(corsOrigins)]),
      sendTo(backend),
      ...[...CLAIMED_HEADERS, ...CLAIMED_FORWARDING].map(withoutHeader),
      // The host tells the agent which of its cards the caller can use.
      withHeader(FORWARDED_HOST, new URL(route.publicUrl).host),
      withHeader("X-Forwarded-Proto", "https"),
      withHeader("X-Forwarded-For", CALLER_ADDRESS),
    ],
    // Not after <base />: the service's own forward-request would send the request first, and hold the answer.
    backend: [forwardRequest({ timeoutSeconds })],
    outbound: [base, ...TELLING_HEADERS.map(withoutHeader)],
    onError: [base, ...answerFailure("JSONRPC")],
  };
}

/** The gateway on an agent's route. @throws Error when there is none */
export function gatewayHop({ hops, publicUrl }: AgentRoute): { readonly timeoutSeconds: number } {
  const timeoutSeconds = hops.find(({ name }) => name === "gateway")?.timeoutSeconds;
  if (timeoutSeconds === undefined || timeoutSeconds === null) {
    throw new Error(
      `the route ${publicUrl} leads through no gateway; resolve the fleet for an environment with 'gateway'`,
    );
  }
  return { timeoutSeconds };
}

/** The card: for everybody, from the cache, within a limit for each address. */
export function cardPolicy(): Policy {
  return {
    ...inherited,
    inbound: [
      base,
      limitRate({ calls: CARD_CALLS_PER_MINUTE, periodSeconds: 60, key: ADDRESS_KEY }),
      answerFromCache(),
    ],
    outbound: [base, keepInCache({ seconds: CARD_CACHE_SECONDS })],
    onError: [base, ...answerFailure("HTTP+JSON")],
  };
}

/**
 * A call with a token. Counted for its address before anything is checked, so that guessing tokens costs the gateway
 * little; then checked, and counted for its subject.
 */
export function callPolicy(workload: AgentWorkload, operation: AgentOperation, check: TokenCheck): Policy {
  return {
    ...inherited,
    inbound: [
      base,
      limitRate({
        calls: CALLERS_PER_ADDRESS * workload.rateLimitPerMinute,
        periodSeconds: 60,
        key: ADDRESS_KEY,
        tellsRemaining: false,
      }),
      ...requireToken(check),
      limitRate({ calls: workload.rateLimitPerMinute, periodSeconds: 60, key: CALLER_KEY }),
      ...verbCheck(operation),
    ],
    onError: [base, ...answerRefusedCall(operation.binding, check)],
  };
}

/**
 * A call with an API key, which the service has checked by then: counted for its subscription. The agent checks a token
 * all the same, so the gateway takes one as itself; the key goes no further.
 */
export function keyCallPolicy(workload: AgentWorkload, operation: AgentOperation): Policy {
  return {
    ...inherited,
    inbound: [
      base,
      limitRate({ calls: workload.rateLimitPerMinute, periodSeconds: 60, key: SUBSCRIPTION_KEY }),
      ...verbCheck(operation),
      withoutHeader(API_KEY_HEADER),
      authenticateAs(workload.route.audience),
    ],
    onError: [base, ...answerRefusedKey(operation.binding)],
  };
}

/** Header that carries an API key. */
export const API_KEY_HEADER = "X-Api-Key";

function verbCheck({ path, verbs, binding }: AgentOperation) {
  if (verbs === undefined) return [];
  const parameter = pathParameters(path).at(-1);
  const condition = verbs
    .map((verb) => `context.Request.MatchedParameters["${parameter}"].EndsWith("${verb}")`)
    .join(" || ");
  return [refuseUnless(condition, { status: 404, reason: "Not Found", binding })];
}
