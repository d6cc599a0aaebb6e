import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { type EffectiveOperation, effectiveOperations, statements, texts } from "../support/effective-policy";
import { agents } from "../support/fleet/agents";
import { staging } from "../support/fleet/stacks/environments/staging";
import { callGateway, type SentCall, type SentToken } from "../support/gateway-call";
import { synthEnvironment } from "../support/synth";

const bilingual = agents.map(
  (agent): AgentDefinition => ({ ...agent, protocolBindings: ["JSONRPC", "HTTP+JSON"] }),
);
const environments: [string, Environment][] = [
  ["keycloak", staging],
  ["entra", { ...staging, identityProvider: { kind: "entra" } }],
];

describe.each(environments)("at a gateway that checks tokens of %s", (_kind, environment) => {
  let operations: EffectiveOperation[];
  let good: SentToken;
  beforeAll(() => {
    operations = effectiveOperations(synthEnvironment(environment, bilingual)).filter(
      ({ apiPath }) => apiPath === "agents/inventory",
    );
    const [check] = operationAt("/").sections.inbound.filter(({ name }) => name.startsWith("validate-"));
    if (check === undefined) throw new Error("calls are not checked");
    good = {
      issuer:
        texts(check, "issuers", "issuer")[0] ?? `https://login.example/${check.attributes["tenant-id"]}`,
      audience: texts(check, "audiences", "audience")[0] as string,
      subject: "crm",
      roles: ["inventory"],
      secondsLeft: 600,
      signed: true,
    };
  });

  function operationAt(path: string): EffectiveOperation {
    const found = operations.find((operation) => operation.path === path);
    if (found === undefined) throw new Error(`there is no operation ${path}`);
    return found;
  }

  const refusals: [string, () => SentCall, number, RegExp, string][] = [
    ["no token", () => ({}), 401, /No token was sent/, "Bearer"],
    [
      "no token but a word",
      () => ({ token: "Bearer nonsense" }),
      401,
      /cannot be read/,
      'Bearer error="invalid_token"',
    ],
    [
      "an expired token",
      () => ({ token: { ...good, secondsLeft: -1 } }),
      401,
      /has expired/,
      'Bearer error="invalid_token"',
    ],
    [
      "a token for another agent",
      () => ({ token: { ...good, audience: "api://other" } }),
      401,
      /is for somebody else/,
      'Bearer error="invalid_token"',
    ],
    [
      "a token that somebody else signed",
      () => ({ token: { ...good, signed: false } }),
      401,
      /is not signed by the issuer/,
      'Bearer error="invalid_token"',
    ],
    [
      "a token without the role",
      () => ({ token: { ...good, roles: ["inventory-audit"] } }),
      403,
      /has no role/,
      'Bearer error="insufficient_scope"',
    ],
  ];

  test.each(refusals)("%s: told as a JSON-RPC error", (_what, call, status, text, challenge) => {
    const outcome = callGateway(operationAt("/"), call());
    expect(outcome.status).toBe(status);
    expect(outcome.headers).toMatchObject({
      "content-type": "application/json",
      "www-authenticate": challenge,
    });
    expect(outcome.body).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: {
        code: -32000,
        message: expect.stringMatching(text),
        data: { status, requestId: "request-1" },
      },
    });
  });

  test.each(refusals)("%s: told as a status of the REST binding", (_what, call, status, text, challenge) => {
    const outcome = callGateway(operationAt("/message:stream"), call());
    expect(outcome.status).toBe(status);
    expect(outcome.headers).toMatchObject({ "www-authenticate": challenge });
    expect(outcome.body).toEqual({
      error: {
        code: status,
        status: status === 401 ? "UNAUTHENTICATED" : "PERMISSION_DENIED",
        message: expect.stringMatching(text),
        details: [{ "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: "request-1" }],
      },
    });
  });

  test.each([
    [400, "INVALID_ARGUMENT"],
    [404, "NOT_FOUND"],
    [429, "RESOURCE_EXHAUSTED"],
    [500, "INTERNAL"],
    [502, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
    [418, "UNKNOWN"],
  ])("a failure behind it, %i, is %s to the REST binding, and a code to JSON-RPC", (status, name) => {
    const failure = { status, reason: "That went wrong" };
    const rest = callGateway(operationAt("/message:send"), { token: good, failure });
    expect(rest.body.error).toMatchObject({ code: status, status: name, message: "That went wrong" });
    expect(rest.headers).toEqual({ "content-type": "application/json" });
    const rpc = callGateway(operationAt("/"), { token: good, failure });
    expect(rpc.body.error).toMatchObject({ message: "That went wrong", data: { status } });
    expect(rpc.headers).toEqual({ "content-type": "application/json" });
  });

  test("a card that can't be had is told as a status, too", () => {
    const failure = { status: 503, reason: "Nobody there" };
    const { status, body } = callGateway(operationAt("/.well-known/agent-card.json"), { failure });
    expect([status, body.error]).toEqual([
      503,
      expect.objectContaining({ code: 503, status: "UNAVAILABLE", message: "Nobody there" }),
    ]);
  });

  test("a good token gets through", () => {
    expect(callGateway(operationAt("/"), { token: good }).status).toBe(200);
    expect(callGateway(operationAt("/message:send"), { token: good }).status).toBe(200);
  });

  test("a verb that the protocol doesn't have is not found, in the binding's terms", () => {
    const ask = (task: string) =>
      callGateway(
        operations.find(
          ({ path, method }) => path === "/tasks/{task}" && method === "POST",
        ) as EffectiveOperation,
        { token: good, parameters: { task } },
      );
    expect(ask("7:cancel").status).toBe(200);
    expect(ask("7:explode")).toMatchObject({
      status: 404,
      body: { error: { code: 404, status: "NOT_FOUND" } },
    });
  });

  test("calls are counted for their address before the token is looked at, and for their caller after", () => {
    const counters = new Map<string, number>();
    const guess = (address: string) =>
      callGateway(operationAt("/"), { token: "Bearer guess", address }, counters);
    const limits = statements(operationAt("/").sections.inbound, "rate-limit-by-key");
    const [ofAddress, ofCaller] = limits.map(({ attributes }) => Number(attributes.calls));
    expect(ofAddress).toBe(10 * (ofCaller as number));
    const told = Array.from({ length: (ofAddress as number) + 1 }, () => guess("198.51.100.9").status);
    expect(new Set(told.slice(0, -1))).toEqual(new Set([401]));
    expect(told.at(-1)).toBe(429);
    expect(guess("198.51.100.10").status).toBe(401);

    const calls = Array.from(
      { length: (ofCaller as number) + 1 },
      () => callGateway(operationAt("/"), { token: good, address: "192.0.2.7" }, counters).status,
    );
    expect(new Set(calls.slice(0, -1))).toEqual(new Set([200]));
    expect(calls.at(-1)).toBe(429);
    const another = { ...good, subject: "erp" };
    expect(callGateway(operationAt("/"), { token: another, address: "192.0.2.7" }, counters).status).toBe(
      200,
    );
  });

  test.each(["/", "/message:send", "/.well-known/agent-card.json"])(
    "who a request at %s is from is what the gateway says, and its answer doesn't tell how the inside is built",
    (path) => {
      const claims = [
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
      const sent = Object.fromEntries(claims.map((name) => [name, "somebody"]));
      const { status, headers } = callGateway(operationAt(path), {
        token: good,
        headers: { ...sent, X: "1" },
      });
      expect(status).toBe(200);
      expect(headers).toHaveProperty("x");
      expect(Object.keys(headers).filter((name) => name in lower(sent))).toEqual([]);
      const taken = statements(operationAt(path).sections.outbound, "set-header")
        .filter(({ attributes }) => attributes["exists-action"] === "delete")
        .map(({ attributes }) => attributes.name);
      expect(taken.toSorted()).toEqual([
        "Ocp-Apim-Trace-Location",
        "Server",
        "X-AspNet-Version",
        "X-Envoy-Decorator-Operation",
        "X-Envoy-Upstream-Service-Time",
        "X-Powered-By",
      ]);
    },
  );

  test.each(["/", "/message:send", "/.well-known/agent-card.json"])(
    "whom a request at %s was for is what the gateway says, whatever its sender says",
    (path) => {
      const lies = {
        Forwarded: "host=evil.example",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Port": "1",
        "X-Original-URL": "/evil",
        "X-Real-IP": "10.0.0.1",
      };
      const { status, headers } = callGateway(operationAt(path), { token: good, headers: lies });
      expect(status).toBe(200);
      const forwarded = Object.entries(headers).filter(([name]) => name in lower(lies));
      expect(Object.fromEntries(forwarded)).toEqual({
        "x-forwarded-for": "203.0.113.1",
        "x-forwarded-host": "api.staging.example.com",
        "x-forwarded-proto": "https",
      });
    },
  );
});

describe("with an API key", () => {
  const operations = effectiveOperations(
    synthEnvironment(
      {
        ...staging,
        identityProvider: { kind: "entra" },
        gateway: { applications: { reporting: ["inventory"] } },
      },
      bilingual,
    ),
  ).filter(({ apiPath, path, method }) => apiPath === "keys/agents/inventory" && method === "POST" && path);
  const [call] = operations.filter(({ path }) => path === "/message:send");
  const [rpc] = operations.filter(({ path }) => path === "/");

  test("a call is let through, as the gateway and without its key", () => {
    const { status, headers } = callGateway(call as EffectiveOperation, { headers: { "X-Api-Key": "k" } });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty("x-api-key");
    const [token] = statements(
      (call as EffectiveOperation).sections.inbound,
      "authentication-managed-identity",
    );
    expect(token?.attributes.resource).toMatch(/staging-inventory$/);
  });

  test("that is missing or another's, it is told so in its binding's terms, without a challenge for tokens", () => {
    const message = "The API key is missing, or not one for this agent";
    const rest = callGateway(call as EffectiveOperation, { key: false });
    expect(rest.body.error).toMatchObject({ code: 401, status: "UNAUTHENTICATED", message });
    const told = callGateway(rpc as EffectiveOperation, { key: false });
    expect(told.body).toMatchObject({ jsonrpc: "2.0", error: { code: -32000, message } });
    for (const { status, headers } of [rest, told]) {
      expect([status, headers]).toEqual([401, { "content-type": "application/json" }]);
    }
  });

  test("calls are counted for their subscription, and told what failed otherwise", () => {
    const counters = new Map<string, number>();
    const [limit] = statements((call as EffectiveOperation).sections.inbound, "rate-limit-by-key");
    const calls = Number(limit?.attributes.calls);
    const answers = Array.from({ length: calls + 1 }, () =>
      callGateway(call as EffectiveOperation, {}, counters),
    );
    expect(answers.slice(0, -1).every(({ status }) => status === 200)).toBe(true);
    expect(answers.at(-1)?.body.error).toMatchObject({
      code: 429,
      status: "RESOURCE_EXHAUSTED",
      message: "Too Many Requests",
    });
  });
});

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
