import type { AgentOperation } from "./agent-operations";
import type { PolicyElement } from "./policy";
import { withHeader } from "./policy-elements";
import type { TokenCheck } from "./token-check";

/** In whose terms a caller is told what went wrong. */
type Binding = AgentOperation["binding"];

/** What a caller is told of a token that wasn't taken. No apostrophes: a policy cannot carry them. */
const TOKEN_REFUSALS = {
  missing: "No token was sent: ask the issuer for one with the scope of this agent",
  unreadable: "What was sent as a token cannot be read",
  expired: "The token has expired: ask the issuer for a new one",
  audience: "The token is for somebody else: ask the issuer for one with the scope of this agent",
  untrusted: "The token is not signed by the issuer that this agent trusts",
  role: "The token has no role to call this agent: ask its owner to be let in",
} as const;

/** What a caller with an API key is told. */
const KEY_REFUSAL = "The API key is missing, or not one for this agent";

const STATUS = "context.Response.StatusCode";
const REASON = "context.Response.StatusReason";
const SENT = 'context.Request.Headers.GetValueOrDefault("Authorization", "")';
const SENT_TOKEN = `${SENT}.Substring(${SENT}.LastIndexOf(" ") + 1).AsJwt()`;

/** Status names of google.rpc.Code, which the REST binding's errors carry. @see https://google.aip.dev/193 */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** Turns what failed at the gateway into an error of the binding. The message of the failure itself may name hosts of the network. */
export function answerFailure(binding: Binding): PolicyElement[] {
  return answer(binding, REASON);
}

/** The same for calls with a token: a refused one learns what is wrong with its token. */
export function answerRefusedCall(binding: Binding, { audience }: TokenCheck): PolicyElement[] {
  const text = (value: string) => JSON.stringify(value);
  // Read, not trusted: it was refused by then, and this only tells its sender why.
  const why = choice(
    [
      [`${STATUS} == 403`, text(TOKEN_REFUSALS.role)],
      [`${STATUS} != 401`, REASON],
      [`${SENT} == ""`, text(TOKEN_REFUSALS.missing)],
      [`${SENT_TOKEN} == null`, text(TOKEN_REFUSALS.unreadable)],
      [
        `DateTime.UtcNow.CompareTo(${SENT_TOKEN}.ExpirationTime ?? DateTime.UtcNow) == 1`,
        text(TOKEN_REFUSALS.expired),
      ],
      [`!${SENT_TOKEN}.Audiences.Contains("${audience}")`, text(TOKEN_REFUSALS.audience)],
    ],
    text(TOKEN_REFUSALS.untrusted),
  );
  const challenge = choice(
    [
      [`${STATUS} == 403`, text('Bearer error="insufficient_scope"')],
      [`${SENT} == ""`, text("Bearer")],
    ],
    text('Bearer error="invalid_token"'),
  );
  return [
    {
      name: "choose",
      content: [
        {
          name: "when",
          attributes: { condition: `@(${STATUS} == 401 || ${STATUS} == 403)` },
          content: [withHeader("WWW-Authenticate", `@(${challenge})`)],
        },
      ],
    },
    ...answer(binding, why),
  ];
}

/** The same for calls with an API key. */
export function answerRefusedKey(binding: Binding): PolicyElement[] {
  return answer(binding, choice([[`${STATUS} == 401`, JSON.stringify(KEY_REFUSAL)]], REASON));
}

/** Refuses the request with a status unless the condition holds. */
export function refuseUnless(
  condition: string,
  {
    status,
    reason,
    binding,
  }: { readonly status: number; readonly reason: string; readonly binding: Binding },
): PolicyElement {
  return {
    name: "choose",
    content: [
      {
        name: "when",
        attributes: { condition: `@(!(${condition}))` },
        content: [
          {
            name: "return-response",
            content: [
              { name: "set-status", attributes: { code: String(status), reason } },
              ...answer(binding, JSON.stringify(reason), String(status)),
            ],
          },
        ],
      },
    ],
  };
}

/** @param message C# expression of the text; @param status C# expression of the number */
function answer(binding: Binding, message: string, status: string = STATUS): PolicyElement[] {
  const body = binding === "JSONRPC" ? jsonRpcError(message, status) : restError(message, status);
  return [
    withHeader("Content-Type", "application/json"),
    { name: "set-body", content: `@{ return ${body}.ToString(); }` },
  ];
}

function jsonRpcError(message: string, status: string): string {
  const data = object({ status, requestId: "context.RequestId.ToString()" });
  return object({
    jsonrpc: '"2.0"',
    id: "(object)null",
    error: object({ code: "-32000", message, data }),
  });
}

function restError(message: string, status: string): string {
  const names = Object.entries(STATUS_NAMES).map(([code, name]): [string, string] => [
    `${status} == ${code}`,
    JSON.stringify(name),
  ]);
  const request = object({
    "@type": '"type.googleapis.com/google.rpc.RequestInfo"',
    requestId: "context.RequestId.ToString()",
  });
  return object({
    error: object({
      code: status,
      status: choice(names, '"UNKNOWN"'),
      message,
      details: `new JArray(${request})`,
    }),
  });
}

function object(properties: Readonly<Record<string, string>>): string {
  const list = Object.entries(properties).map(([name, value]) => `new JProperty("${name}", ${value})`);
  return `new JObject(${list.join(", ")})`;
}

/** A C# expression that is the value beside the first condition that holds. */
function choice(cases: readonly (readonly [string, string])[], otherwise: string): string {
  return `(${cases.map(([condition, value]) => `${condition} ? ${value} : `).join("")}${otherwise})`;
}
