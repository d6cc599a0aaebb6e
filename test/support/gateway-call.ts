import { createContext, runInContext } from "node:vm";
import { type EffectiveOperation, type Statement, statements, texts } from "./effective-policy";

/** What a token says, and whether the issuer signed it. */
export interface SentToken {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly secondsLeft: number;
  readonly signed: boolean;
}

export interface SentCall {
  /** Header names as they were sent. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A token, or what was sent in its place. */
  readonly token?: SentToken | string;
  /** Whether an API key comes with it that opens the operation. @default true */
  readonly key?: boolean;
  /** What becomes of it behind the gateway, where that is no answer of the agent's. */
  readonly failure?: { readonly status: number; readonly reason: string };
  readonly address?: string;
  /** Values of the path's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What came of a call: what the agent gets, or what the caller is told. */
export interface CallOutcome {
  /** 200 where the agent gets it. */
  readonly status: number;
  /** Headers of the request as the agent gets it, in lower case; of the answer where it is refused. */
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what the body holds is what tests ask
  readonly body: any;
}

/** How often each key was counted. */
export type Counters = Map<string, number>;

class Failure {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {}
}

class Answered {
  constructor(readonly outcome: CallOutcome) {}
}

/** Sends a call through the effective policy of an operation, as the service does: statement by statement. */
export function callGateway(
  operation: EffectiveOperation,
  call: SentCall,
  counters: Counters = new Map(),
): CallOutcome {
  const headers = new Map(
    Object.entries(call.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (call.token !== undefined) {
    headers.set(
      "authorization",
      typeof call.token === "string" ? call.token : `Bearer ${JSON.stringify(call.token)}`,
    );
  }
  const context = contextOf(operation, call, headers);
  try {
    // The service looks at keys before any policy.
    if (operation.subscriptionRequired && call.key === false) throw new Failure(401, "Access denied");
    for (const statement of operation.sections.inbound) run(statement, context, headers, counters);
    if (call.failure !== undefined) throw new Failure(call.failure.status, call.failure.reason);
    return { status: 200, headers: Object.fromEntries(headers), body: undefined };
  } catch (thrown) {
    if (thrown instanceof Answered) return thrown.outcome;
    if (!(thrown instanceof Failure)) throw thrown;
    context.Response.StatusCode = thrown.status;
    context.Response.StatusReason = thrown.reason;
    return answer(operation.sections["on-error"], context, thrown.status);
  }
}

type Context = ReturnType<typeof contextOf>;

function contextOf(operation: EffectiveOperation, call: SentCall, headers: Map<string, string>) {
  return {
    Api: { Id: operation.api },
    Operation: { Id: `${operation.method} ${operation.path}` },
    RequestId: { ToString: () => "request-1" },
    Subscription: { Id: "subscription-1" },
    Request: {
      IpAddress: call.address ?? "203.0.113.1",
      Headers: {
        GetValueOrDefault: (name: string, other: string) => headers.get(name.toLowerCase()) ?? other,
      },
      MatchedParameters: call.parameters ?? {},
    },
    Response: { StatusCode: 200, StatusReason: "OK" },
    Variables: {} as Record<string, unknown>,
  };
}

function run(statement: Statement, context: Context, headers: Map<string, string>, counters: Counters): void {
  const { name, attributes, children } = statement;
  switch (name) {
    case "set-header":
      setHeader(statement, context, headers);
      return;
    case "rate-limit-by-key": {
      const key = evaluate(attributes["counter-key"] as string, context);
      const count = (counters.get(key) ?? 0) + 1;
      counters.set(key, count);
      if (count > Number(attributes.calls)) throw new Failure(429, "Too Many Requests");
      return;
    }
    case "validate-jwt":
    case "validate-azure-ad-token":
      validateToken(statement, context);
      return;
    case "choose": {
      const taken = children.find(({ attributes: { condition } }) => evaluate(condition as string, context));
      for (const inner of taken?.children ?? []) run(inner, context, headers, counters);
      return;
    }
    case "return-response": {
      const [status] = statements(children, "set-status");
      throw new Answered(answer(children, context, Number(status?.attributes.code)));
    }
  }
}

function answer(section: readonly Statement[], context: Context, status: number): CallOutcome {
  const headers = new Map<string, string>();
  let body: unknown;
  const visit = (within: readonly Statement[]) => {
    for (const statement of within) {
      if (statement.name === "set-header") setHeader(statement, context, headers);
      if (statement.name === "set-body") body = JSON.parse(evaluate(statement.text, context));
      if (statement.name !== "choose") continue;
      visit(
        statement.children.find(({ attributes: { condition } }) => evaluate(condition as string, context))
          ?.children ?? [],
      );
    }
  };
  visit(section);
  return { status, headers: Object.fromEntries(headers), body };
}

function setHeader(statement: Statement, context: Context, headers: Map<string, string>): void {
  const name = (statement.attributes.name as string).toLowerCase();
  if (statement.attributes["exists-action"] === "delete") headers.delete(name);
  else headers.set(name, evaluate(texts(statement, "value")[0] as string, context));
}

function validateToken(check: Statement, context: Context): void {
  const { attributes } = check;
  const refused = new Failure(
    Number(attributes["failed-validation-httpcode"] ?? 401),
    attributes["failed-validation-error-message"] ?? "Unauthorized",
  );
  const sent = context.Request.Headers.GetValueOrDefault("Authorization", "");
  const token = readToken(sent.replace(/^Bearer /, ""));
  if (!sent.startsWith("Bearer ") || token === null || !token.signed || token.secondsLeft <= 0) throw refused;
  const issuers = texts(check, "issuers", "issuer");
  if (issuers.length > 0 && !issuers.includes(token.issuer)) throw refused;
  const tenant = attributes["tenant-id"];
  if (tenant !== undefined && !token.issuer.includes(tenant)) throw refused;
  if (!texts(check, "audiences", "audience").includes(token.audience)) throw refused;
  for (const claim of statements(check.children, "claim")) {
    if (claim.attributes.name !== "roles") throw new Error(`no token here has ${claim.attributes.name}`);
    if (!texts(claim, "value").some((role) => token.roles.includes(role))) throw refused;
  }
  context.Variables[attributes["output-token-variable-name"] as string] = asJwt(token);
}

function readToken(text: string): SentToken | null {
  try {
    return JSON.parse(text) as SentToken;
  } catch {
    return null;
  }
}

function asJwt(token: SentToken) {
  return {
    Subject: token.subject,
    ExpirationTime: { at: token.secondsLeft },
    Audiences: { Contains: (audience: string) => audience === token.audience },
  };
}

/** What of C# the policies' expressions use, for an engine that reads everything else of them as it stands. */
const csharp = createContext({
  readJwt: (text: string) => {
    const token = readToken(text);
    return token === null ? null : asJwt(token);
  },
});
runInContext(
  `
  String.prototype.AsJwt = function () { return readJwt(String(this)); };
  String.prototype.Substring = String.prototype.substring;
  String.prototype.LastIndexOf = String.prototype.lastIndexOf;
  String.prototype.EndsWith = String.prototype.endsWith;
  class JProperty { constructor(name, value) { this.name = name; this.value = value; } }
  class JObject {
    constructor(...properties) { for (const { name, value } of properties) this[name] = value; }
    ToString() { return JSON.stringify(this); }
  }
  function JArray(...items) { return items; }
  const DateTime = { UtcNow: { at: 0, CompareTo: (other) => Math.sign(0 - other.at) } };
  `,
  csharp,
);

/** @throws where an expression uses something of C# that isn't known here */
function evaluate(value: string, context: Context) {
  if (!value.startsWith("@")) return value;
  const code = value.slice(2, -1).replace(/\((?:Jwt|object)\)(?=[\w"(])/g, "");
  const body = value.startsWith("@{") ? code : `return (${code});`;
  return runInContext(`(function (context) { ${body} })`, csharp)(context);
}
