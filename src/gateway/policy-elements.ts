import type { PolicyElement } from "./policy";
import type { TokenCheck } from "./token-check";

/** Name of the variable that holds the checked token. */
const TOKEN = "token";

/** Who sends the request: the subject of the checked token. The counter of a key is one for all scopes, so the API leads it. */
export const CALLER_KEY = `@(context.Api.Id + ":" + (((Jwt)context.Variables["${TOKEN}"]).Subject ?? context.Request.IpAddress))`;

/** The subscription that an API key belongs to. */
export const SUBSCRIPTION_KEY = '@(context.Api.Id + ":" + context.Subscription.Id)';

/** The address that an anonymous request comes from, counted for each operation. */
export const ADDRESS_KEY = '@(context.Api.Id + ":" + context.Operation.Id + ":" + context.Request.IpAddress)';

/** Sends the request on and the response back as it comes: nothing is held back, an event stream passes event by event. */
export function forwardRequest({ timeoutSeconds }: { readonly timeoutSeconds: number }): PolicyElement {
  return {
    name: "forward-request",
    attributes: {
      timeout: String(timeoutSeconds),
      "buffer-request-body": "false",
      "buffer-response": "false",
      "follow-redirects": "false",
    },
  };
}

/** Sends the request to a backend of the service, by its name. */
export function sendTo(backend: string): PolicyElement {
  return { name: "set-backend-service", attributes: { "backend-id": backend } };
}

/** Takes a header off. */
export function withoutHeader(name: string): PolicyElement {
  return { name: "set-header", attributes: { name, "exists-action": "delete" } };
}

/** Sets a header, whatever it was. */
export function withHeader(name: string, value: string): PolicyElement {
  return {
    name: "set-header",
    attributes: { name, "exists-action": "override" },
    content: [{ name: "value", content: value }],
  };
}

/** Requests that one key may send in a period, at most 300 s. */
export function limitRate(props: {
  readonly calls: number;
  readonly periodSeconds: number;
  readonly key: string;
}): PolicyElement {
  return {
    name: "rate-limit-by-key",
    attributes: {
      calls: String(props.calls),
      "renewal-period": String(props.periodSeconds),
      "counter-key": props.key,
      "retry-after-header-name": "Retry-After",
      "remaining-calls-header-name": "X-RateLimit-Remaining",
    },
  };
}

/** Browsers of these origins may call, and send and read the headers of the protocol. */
export function allowOrigins(origins: readonly string[]): PolicyElement {
  const list = (name: string, item: string, values: readonly string[]) => ({
    name,
    content: values.map((value) => ({ name: item, content: value })),
  });
  return {
    name: "cors",
    attributes: { "allow-credentials": "false", "terminate-unmatched-request": "true" },
    content: [
      list("allowed-origins", "origin", origins),
      {
        ...list("allowed-methods", "method", ["GET", "POST", "DELETE"]),
        attributes: { "preflight-result-max-age": "300" },
      },
      list("allowed-headers", "header", [
        "Accept",
        "Authorization",
        "Content-Type",
        "Last-Event-ID",
        "A2A-Version",
        "A2A-Extensions",
      ]),
      list("expose-headers", "header", ["A2A-Version", "A2A-Extensions", "Retry-After"]),
    ],
  };
}

/** Refuses a request without a token of the right issuer, audience and role. */
export function requireToken(check: TokenCheck): PolicyElement {
  const failure = {
    "failed-validation-httpcode": "401",
    "failed-validation-error-message": "A valid token for this agent is missing",
    "output-token-variable-name": TOKEN,
  };
  const audiences = { name: "audiences", content: [{ name: "audience", content: check.audience }] };
  const claims = {
    name: "required-claims",
    content: [
      {
        name: "claim",
        attributes: { name: "roles", match: "any" },
        content: [{ name: "value", content: check.role }],
      },
    ],
  };
  // The order of the elements is the one that the service asks for.
  return check.kind === "tenant"
    ? {
        name: "validate-azure-ad-token",
        attributes: { "tenant-id": check.tenantId, "header-name": "Authorization", ...failure },
        content: [audiences, claims],
      }
    : {
        name: "validate-jwt",
        attributes: {
          "header-name": "Authorization",
          "require-scheme": "Bearer",
          "require-expiration-time": "true",
          "require-signed-tokens": "true",
          ...failure,
        },
        content: [
          { name: "openid-config", attributes: { url: check.discoveryUrl } },
          audiences,
          { name: "issuers", content: [{ name: "issuer", content: check.issuer }] },
          claims,
        ],
      };
}

/** Answers from the gateway's cache, one entry for each version of the protocol. */
export function answerFromCache(): PolicyElement {
  return {
    name: "cache-lookup",
    attributes: {
      "vary-by-developer": "false",
      "vary-by-developer-groups": "false",
      "downstream-caching-type": "public",
      "must-revalidate": "false",
    },
    content: [{ name: "vary-by-header", content: "A2A-Version" }],
  };
}

/** Keeps the answer for a while. */
export function keepInCache({ seconds }: { readonly seconds: number }): PolicyElement {
  return { name: "cache-store", attributes: { duration: String(seconds) } };
}

/** Replaces a text in the body of the response. Reads the whole body: for documents, never for streams. */
export function replaceInBody(from: string, to: string): PolicyElement {
  return { name: "find-and-replace", attributes: { from, to } };
}

/** Takes a token for an application at Entra as the gateway's own identity, and sends it on as the caller's. */
export function authenticateAs(resource: string): PolicyElement {
  return { name: "authentication-managed-identity", attributes: { resource } };
}

/** Refuses the request with a status unless the condition holds. */
export function refuseUnless(condition: string, status: number, reason: string): PolicyElement {
  return {
    name: "choose",
    content: [
      { name: "when", attributes: { condition: `@(!(${condition}))` }, content: [refusal(status, reason)] },
    ],
  };
}

/**
 * Turns what failed at the gateway into a JSON-RPC error. Only the status is told: the message of the failure may name
 * hosts of the network.
 */
export function answerAsJsonRpcError(): PolicyElement[] {
  const body =
    "@{ return new JObject(" +
    'new JProperty("jsonrpc", "2.0"), ' +
    'new JProperty("id", (object)null), ' +
    'new JProperty("error", new JObject(' +
    'new JProperty("code", -32000), ' +
    'new JProperty("message", context.Response.StatusReason), ' +
    'new JProperty("data", new JObject(' +
    'new JProperty("status", context.Response.StatusCode), ' +
    'new JProperty("requestId", context.RequestId.ToString())))))).ToString(); }';
  return [withHeader("Content-Type", "application/json"), { name: "set-body", content: body }];
}

function refusal(status: number, reason: string): PolicyElement {
  return {
    name: "return-response",
    content: [{ name: "set-status", attributes: { code: String(status), reason } }],
  };
}
