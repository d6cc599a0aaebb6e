import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { deployedAgents } from "../support/deployed-agents";
import {
  type EffectiveOperation,
  effectiveOperations,
  follow,
  statements,
  texts,
} from "../support/effective-policy";
import { agents } from "../support/fleet/agents";
import { staging } from "../support/fleet/stacks/environments/staging";
import { gatewayFaults, type Streams } from "../support/gateway-faults";
import { environmentStack, FinishedStack, synthEnvironment } from "../support/synth";

const origins = ["https://app.example.com"];
/** Both bindings, so that every kind of operation is there. */
const bilingual = agents.map(
  (agent): AgentDefinition => ({ ...agent, protocolBindings: ["JSONRPC", "HTTP+JSON"] }),
);
const environments: Environment[] = [
  { ...staging, corsOrigins: origins },
  {
    ...staging,
    corsOrigins: origins,
    identityProvider: { kind: "entra" },
    gateway: { applications: { reporting: ["inventory", "contracts"] } },
  },
];

function streamsOf(stack: FinishedStack, operation: EffectiveOperation): Streams {
  const name = operation.apiPath.split("/").at(-1);
  const agent = deployedAgents(stack).find((candidate) => candidate.name === name);
  if (agent === undefined) throw new Error(`the API ${operation.api} leads to no agent`);
  const { TASK_TIMEOUT_MS, SSE_HEARTBEAT_SECONDS } = agent.variables;
  return {
    deadlineSeconds: Number(TASK_TIMEOUT_MS) / 1000,
    heartbeatSeconds: SSE_HEARTBEAT_SECONDS === undefined ? undefined : Number(SSE_HEARTBEAT_SECONDS),
  };
}

const ofAgents = (stack: FinishedStack) =>
  effectiveOperations(stack).filter(({ apiPath }) => /^(?:keys\/)?agents\//.test(apiPath));

describe.each(environments.map((environment) => [environment.identityProvider?.kind, environment] as const))(
  "%s",
  (_name, environment) => {
    const stack = synthEnvironment(environment, bilingual);
    const operations = ofAgents(stack);

    test("every operation of every agent streams, limits, and lets in whom it should", () => {
      const faults = operations.flatMap((operation) =>
        gatewayFaults(operation, streamsOf(stack, operation)).map(
          (fault) => `${operation.method} ${operation.apiPath}${operation.path}: ${fault}`,
        ),
      );
      expect(faults).toEqual([]);
      // 8 agents or more, with 23 operations each.
      expect(operations.length).toBeGreaterThan(8 * 20);
    });

    test("only cards are for everybody", () => {
      const anonymous = operations.filter(
        ({ sections: { inbound }, subscriptionRequired }) =>
          !subscriptionRequired && !inbound.some(({ name }) => name.startsWith("validate-")),
      );
      expect(new Set(anonymous.map(({ path }) => path))).toEqual(
        new Set(["/.well-known/agent-card.json", "/.well-known/agent.json"]),
      );
    });

    test("each API leads to its own agent, by the address that only the network knows", () => {
      for (const operation of operations) {
        const [backend] = statements(operation.sections.inbound, "set-backend-service");
        const id = follow(stack, backend?.attributes["backend-id"] as string);
        const { arguments: target } = stack
          .resources("azurerm_api_management_backend")
          .find(({ arguments: { name } }) => name === id) as { arguments: { url: string } };
        const name = operation.apiPath.split("/").at(-1);
        expect(target.url).toMatch(
          new RegExp(`^https://${name}\\.\\$\\{azurerm_container_app_environment\\.`),
        );
      }
    });

    test("browsers of the environment's origins may call, and send the protocol's headers", () => {
      for (const { sections } of operations) {
        const [cors] = statements(sections.inbound, "cors");
        expect(texts(cors as never, "allowed-origins", "origin")).toEqual(origins);
        const headers = texts(cors as never, "allowed-headers", "header");
        expect(headers).toEqual(expect.arrayContaining(["Authorization", "A2A-Version", "A2A-Extensions"]));
      }
    });

    test("no scope logs bodies, and keys are asked for where they are meant only", () => {
      const diagnostics = [
        ...stack.resources("azurerm_api_management_diagnostic"),
        ...stack.resources("azurerm_api_management_api_diagnostic"),
      ];
      expect(diagnostics.map(({ arguments: { identifier } }) => identifier).toSorted()).toEqual([
        "applicationinsights",
        "azuremonitor",
      ]);
      for (const { arguments: diagnostic } of diagnostics) {
        for (const side of ["frontend_request", "frontend_response", "backend_request", "backend_response"]) {
          expect(diagnostic[side].body_bytes).toBe(0);
        }
      }
      for (const { arguments: api } of stack.resources("azurerm_api_management_api")) {
        expect(api.subscription_required).toBe(api.path.startsWith("keys/"));
      }
    });

    test("a failure tells no names of the inside", () => {
      for (const { sections } of operations) {
        const bodies = statements(sections["on-error"], "set-body");
        expect(bodies.length).toBeGreaterThan(0);
        for (const { text } of bodies) expect(text).not.toContain("LastError");
      }
    });

    test("policies wait for the way to the agents, and for the issuer that is asked when they are saved", () => {
      const dependsOn = (type: string) =>
        stack.resources(type).flatMap((each) => each.arguments.depends_on ?? []);
      const zone = stack
        .resources("azurerm_private_dns_zone_virtual_network_link")
        .map(({ address }) => address);
      expect(zone).toEqual(expect.arrayContaining([expect.stringContaining("apps_link")]));
      for (const { arguments: backend } of stack.resources("azurerm_api_management_backend")) {
        expect(backend.depends_on).toEqual(
          expect.arrayContaining([
            expect.stringMatching(/azurerm_private_dns_zone_virtual_network_link\..*apps_link/),
          ]),
        );
      }
      if (environment.identityProvider?.kind === "keycloak") {
        expect(dependsOn("azurerm_api_management_api_operation_policy")).toContainEqual(
          expect.stringMatching(/time_sleep\..*realm-applied/),
        );
      }
    });
  },
);

describe("Keycloak's public face", () => {
  const stack = synthEnvironment(staging);
  const operations = effectiveOperations(stack).filter(({ apiPath }) => apiPath === "identity");

  test("is three paths of one realm, limited by address", () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      "GET /realms/a2a/.well-known/openid-configuration",
      "GET /realms/a2a/protocol/openid-connect/certs",
      "POST /realms/a2a/protocol/openid-connect/token",
    ]);
    for (const { sections } of operations) {
      const [limit] = statements(sections.inbound, "rate-limit-by-key");
      expect(limit?.attributes).toMatchObject({ calls: "120", "renewal-period": "60" });
      expect(limit?.attributes["counter-key"]).toContain("context.Request.IpAddress");
      const [forward] = statements(sections.backend, "forward-request");
      expect(forward?.attributes).toMatchObject({ timeout: "30" });
    }
  });

  test("is asked by the gateway from the inside, under the issuer of the outside", () => {
    const checks = ofAgents(stack).flatMap(({ sections }) => statements(sections.inbound, "validate-jwt"));
    expect(checks.length).toBeGreaterThan(0);
    for (const check of checks) {
      const [config] = statements(check.children, "openid-config");
      expect(config?.attributes.url).toMatch(/^https:\/\/keycloak\.\$\{azurerm_container_app_environment\./);
      expect(texts(check, "issuers", "issuer")).toEqual([
        "https://api.staging.example.com/identity/realms/a2a",
      ]);
    }
  });
});

describe("a policy that is broken in one place is found out", () => {
  /** The finished stack with one policy text changed. */
  function broken(type: string, path: string, change: (xml: string) => string): string[] {
    const stack = new FinishedStack(environmentStack(staging));
    const { address } = stack.at(path);
    const id = address.slice(type.length + 1);
    const policy = stack.json.resource[type][id];
    const changed = change(policy.xml_content);
    expect(changed).not.toBe(policy.xml_content);
    policy.xml_content = changed;
    return [
      ...new Set(
        ofAgents(stack).flatMap((operation) => gatewayFaults(operation, streamsOf(stack, operation))),
      ),
    ];
  }
  const api = (change: (xml: string) => string) =>
    broken("azurerm_api_management_api_policy", "shared/gateway/inventory/policy", change);
  const call = (change: (xml: string) => string) =>
    broken("azurerm_api_management_api_operation_policy", "shared/gateway/inventory/json-rpc/policy", change);
  const card = (change: (xml: string) => string) =>
    broken("azurerm_api_management_api_operation_policy", "shared/gateway/inventory/card/policy", change);

  test.each([
    [
      "a response that is buffered",
      () => api((xml) => xml.replace("buffer-response='false'", "buffer-response='true'")),
      ["the response is buffered"],
    ],
    [
      "Azure's own forwarding before ours",
      () => api((xml) => xml.replace("<backend>", "<backend><base/>")),
      ["the request is sent 2 times", "the response is buffered"],
    ],
    [
      "a timeout below the deadline",
      () => api((xml) => xml.replace("timeout='310'", "timeout='120'")),
      ["the stream is cut: timeout 120, deadline 300, heartbeat 15"],
    ],
    [
      "a backend section without its base",
      () =>
        call((xml) => xml.replace(/<backend>[\s\S]*<\/backend>/, "<backend><forward-request/></backend>")),
      ["the response is buffered"],
    ],
    [
      "an inbound section without its base",
      () => call((xml) => xml.replace("<inbound>\n    <base/>", "<inbound>")),
      [
        "no backend is set",
        "X-MS-CLIENT-PRINCIPAL is let in",
        "dapr-caller-app-id is let in",
        "X-Forwarded-Client-Cert is let in",
        "a caller's Forwarded is let in",
        "a caller's X-Forwarded-Host is let in",
        "a caller's X-Forwarded-For is let in",
        "a caller's X-Forwarded-Proto is let in",
        "a caller's X-Original-URL is let in",
      ],
    ],
    [
      "a call without a check",
      () => call((xml) => xml.replace(/<validate-jwt[\s\S]*<\/validate-jwt>/, "")),
      ["a call is checked 0 times: for whose token it is, and for its role"],
    ],
    [
      "a check without an audience",
      () => call((xml) => xml.replace(/<audiences>[\s\S]*?<\/audiences>/, "")),
      ["no audience is asked for"],
    ],
    [
      "a check without a role",
      () => call((xml) => xml.replace(/<required-claims>[\s\S]*<\/required-claims>/, "")),
      ["no role is asked for"],
    ],
    [
      "a limit for all APIs together",
      () => call((xml) => xml.replace('context.Api.Id + ":" + (((Jwt)', "(((Jwt)")),
      ["the limit's key is not the API's own"],
    ],
    [
      "a limit for all callers together",
      () => call((xml) => xml.replace(/counter-key='[^']*Subject[^']*'/, "counter-key='@(context.Api.Id)'")),
      ["the limit's key is not the caller's"],
    ],
    [
      "tokens that are checked without a limit",
      () => call((xml) => xml.replace(/<rate-limit-by-key[^>]*IpAddress\)' retry[^>]*>/, "")),
      [
        "the first limit's key is not the address",
        "nothing is counted before the token is checked",
        "the limit's key is not the API's own",
        "the limit's key is not the caller's",
        "the caller's limit is counted before the token is checked",
      ],
    ],
    [
      "a missing role that is told like a missing token",
      () => call((xml) => xml.replace("httpcode='403'", "httpcode='401'")),
      ["whose token it is and what it may have the same status"],
    ],
    [
      "a caller that says which host it asked",
      () => api((xml) => xml.replace("name='X-Forwarded-Host'", "name='X-Other'")),
      ["a caller's X-Forwarded-Host is let in"],
    ],
    [
      "a card that asks for a token",
      () => card((xml) => xml.replace("<cache-lookup", "<validate-jwt/><cache-lookup")),
      ["the card asks for a token"],
    ],
    [
      "a card without a limit",
      () => card((xml) => xml.replace(/<rate-limit-by-key[^>]*>/, "")),
      ["the card is not limited by address"],
    ],
    [
      "answers that are cached",
      () => call((xml) => xml.replace("<outbound>", "<outbound><cache-store duration='60'/>")),
      ["answers to calls are cached"],
    ],
    [
      "a version that is not passed on",
      () => api((xml) => xml.replace("name='dapr-app-id'", "name='A2A-Version'")),
      ["A2A-Version is not passed on"],
    ],
    [
      "a server that tells its name",
      () => api((xml) => xml.replace("<set-header name='Server' exists-action='delete'/>", "")),
      ["Server is let out"],
    ],
  ] as const)("%s", (_what, breakIt, faults) => {
    expect(breakIt()).toEqual(faults);
  });
});
