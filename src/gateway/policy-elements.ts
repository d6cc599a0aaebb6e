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

/** The address that a request comes from, as the gateway sees it. */
export const CALLER_ADDRESS = "@(context.Request.IpAddress)";

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
  /** Whether an answer says how many are left. @default true */
  readonly tellsRemaining?: boolean;
}): PolicyElement {
  return {
    name: "rate-limit-by-key",
    attributes: {
      calls: String(props.calls),
      "renewal-period": String(props.periodSeconds),
      "counter-key": props.key,
      "retry-after-header-name": "Retry-After",
      ...(props.tellsRemaining === false ? {} : { "remaining-calls-header-name": "X-RateLimit-Remaining" }),
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

/** Refuses a request without a token of the right issuer and audience (401), and one whose token lacks the role (403). */
export function requireToken(check: TokenCheck): PolicyElement[] {
  const role = {
    name: "required-claims",
    content: [
      {
        name: "claim",
        attributes: { name: "roles", match: "any" },
        content: [{ name: "value", content: check.role }],
      },
    ],
  };
  // One check has one status for whatever fails, so who the caller is and what it may are asked one after the other.
  return [
    validateToken(check, { status: 401, message: "Unauthorized", claims: [] }),
    validateToken(check, { status: 403, message: "Forbidden", claims: [role] }),
  ];
}

function validateToken(
  check: TokenCheck,
  {
    status,
    message,
    claims,
  }: { readonly status: number; readonly message: string; readonly claims: readonly PolicyElement[] },
): PolicyElement {
  const failure = {
    "failed-validation-httpcode": String(status),
    "failed-validation-error-message": message,
    "output-token-variable-name": TOKEN,
  };
  const audiences = { name: "audiences", content: [{ name: "audience", content: check.audience }] };
  // The order of the elements is the one that the service asks for.
  return check.kind === "tenant"
    ? {
        name: "validate-azure-ad-token",
        attributes: { "tenant-id": check.tenantId, "header-name": "Authorization", ...failure },
        content: [audiences, ...claims],
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
          ...claims,
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
