import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { type DeployedAgent, deployedAgents } from "../support/deployed-agents";
import { effectiveOperations, statements, texts } from "../support/effective-policy";
import { agents } from "../support/fleet/agents";
import { environments } from "../support/fleet/stacks/environments";
import { environment as sample } from "../support/sample-fleet";
import { type FinishedStack, synthEnvironment } from "../support/synth";

/**
 * What everybody says of one agent must be one thing. Nothing here asks the resolver: every value is read where its
 * reader finds it.
 */
function disagreements(stack: FinishedStack): string[] {
  const all = deployedAgents(stack);
  return all.flatMap((agent) =>
    [...urlsOf(stack, agent), ...checksOf(stack, agent), ...scopesOf(agent, all), ...issuerOf(stack, agent)]
      .filter(({ values }) => new Set(values).size !== 1)
      .map(({ what, values }) => `${agent.name}: ${what}: ${values.join(" | ")}`),
  );
}

interface Agreement {
  readonly what: string;
  readonly values: readonly unknown[];
}

/** Card, variable, and the gateway's host and path. */
function urlsOf(stack: FinishedStack, { name, templates: variables }: DeployedAgent): Agreement[] {
  const { AGENT_URL, AGENT_CARD, AGENT_CARD_V03 } = variables;
  const card = JSON.parse(AGENT_CARD as string) as { supportedInterfaces: { url: string }[] };
  const legacy = AGENT_CARD_V03 === undefined ? undefined : (JSON.parse(AGENT_CARD_V03) as { url: string });
  const [domain] = stack.resources("azurerm_api_management_custom_domain");
  const api = stack
    .resources("azurerm_api_management_api")
    .find(({ arguments: each }) => each.name === `agent-${name}`);
  return [
    {
      what: "URL",
      values: [
        AGENT_URL,
        ...card.supportedInterfaces.map(({ url }) => url),
        ...(legacy === undefined ? [] : [legacy.url]),
        ...(domain === undefined
          ? []
          : [`https://${domain.arguments.gateway[0].host_name}/${api?.arguments.path ?? "no API"}/`]),
      ],
    },
  ];
}

/** What the gateway asks of a token, and what the agent is told to ask. */
function checksOf(stack: FinishedStack, { name, templates: variables }: DeployedAgent): Agreement[] {
  const checks = effectiveOperations(stack)
    .filter(({ api }) => api === `agent-${name}`)
    .flatMap(({ sections }) => [
      ...statements(sections.inbound, "validate-jwt"),
      ...statements(sections.inbound, "validate-azure-ad-token"),
    ]);
  return [
    {
      what: "role",
      values: [
        variables.REQUIRED_ROLE,
        ...checks.flatMap((check) => texts(check, "required-claims", "claim", "value")),
      ],
    },
    {
      what: "audience",
      values: [variables.OIDC_AUDIENCE, ...checks.flatMap((check) => texts(check, "audiences", "audience"))],
    },
    {
      what: "issuer",
      values: [variables.OIDC_ISSUER, ...checks.flatMap((check) => texts(check, "issuers", "issuer"))],
    },
  ];
}

/** What callers ask a token for, and what this agent is. */
function scopesOf({ name, templates: variables }: DeployedAgent, all: readonly DeployedAgent[]): Agreement[] {
  const asked = all.flatMap((caller) => {
    const registry = JSON.parse(caller.templates.AGENT_REGISTRY as string) as Record<string, string>;
    const scopes = JSON.parse(caller.templates.AGENT_SCOPES as string) as Record<string, string>;
    const url = registry[name];
    return url === undefined ? [] : [scopes[url]];
  });
  return [{ what: "scope", values: [`${variables.AGENT_AUDIENCE}/.default`, ...asked] }];
}

/** What the issuer calls the agent: a client scope of Keycloak, a registration at Entra. */
function issuerOf(stack: FinishedStack, { name, templates: variables }: DeployedAgent): Agreement[] {
  const { AGENT_AUDIENCE: audience, OIDC_AUDIENCE, REQUIRED_ROLE } = variables;
  const [realmApp] = stack
    .resources("azurerm_container_app")
    .filter(({ arguments: app }) => app.name === "keycloak-realm");
  if (realmApp !== undefined) {
    const env = realmApp.arguments.template.container[0].env as { name: string; value: string }[];
    const realm = JSON.parse(
      (env.find((each) => each.name === "REALM")?.value ?? "").replace(/([$%])\1\{/g, "$1{"),
    ) as Realm;
    const scope = realm.clientScopes.find((each) => each.name === `${audience}/.default`);
    const mapped = scope?.protocolMappers.find(
      ({ config }) => config["included.custom.audience"] !== undefined,
    );
    const mapping = realm.scopeMappings.find(({ clientScope }) => clientScope === scope?.name);
    return [
      { what: "audience at Keycloak", values: [OIDC_AUDIENCE, mapped?.config["included.custom.audience"]] },
      { what: "role at Keycloak", values: [REQUIRED_ROLE, mapping?.roles[0]] },
    ];
  }
  const registration = stack
    .resources("azuread_application")
    .find(({ arguments: application }) => application.identifier_uris?.[0] === audience);
  if (stack.resources("azuread_application").length === 0) return [];
  return [
    {
      what: "audience at Entra",
      values: [OIDC_AUDIENCE, registration === undefined ? name : `\${${registration.address}.client_id}`],
    },
    { what: "role at Entra", values: [REQUIRED_ROLE, registration?.arguments.app_role[0].value] },
  ];
}

interface Realm {
  readonly clientScopes: { name: string; protocolMappers: { config: Record<string, string> }[] }[];
  readonly scopeMappings: { clientScope: string; roles: string[] }[];
}

describe("card URL, AGENT_URL, API path, role, audience and token scope agree", () => {
  test.each(environments.map((environment) => [environment.name, environment] as const))(
    "in %s",
    (_name, environment) => {
      expect(disagreements(synthEnvironment(environment))).toEqual([]);
    },
  );

  test("in generated fleets, behind a gateway", () => {
    const identityProvider = fc.constantFrom<NonNullable<Environment["identityProvider"]>>(
      { kind: "entra" },
      { kind: "keycloak" },
      { kind: "existing", issuer: "https://id.example.org", jwksUrl: "https://id.example.org/keys" },
    );
    const gateway = fc.constantFrom({}, { host: "agents.example.net" });
    const settings = fc.record({ identityProvider, gateway });
    fc.assert(
      fc.property(
        settings.chain((environment) => arbitraryFleet({ maxAgents: 4, environment })),
        ({ definitions, environment }) => {
          const stack = synthEnvironment(environment, definitions);
          expect(deployedAgents(stack).length).toBeGreaterThan(0);
          expect(disagreements(stack)).toEqual([]);
        },
      ),
      // Shrinking would synthesize for minutes, and cdktf keeps every token: the seed that is printed is enough.
      { numRuns: 25, endOnFailure: true },
    );
  });

  test("and it is found out when one of them differs", () => {
    const stack = synthEnvironment(
      { ...sample, gateway: {}, identityProvider: { kind: "keycloak" } },
      agents,
    );
    expect(disagreements(stack)).toEqual([]);
    stack.at("shared/gateway/inventory/resource");
    const apis = stack.json.resource.azurerm_api_management_api;
    const [id] = Object.keys(apis).filter((each) => apis[each].name === "agent-inventory");
    apis[id as string].path = "agents/stock";
    expect(disagreements(stack)).toEqual([
      "inventory: URL: https://api.test.acme.example/agents/inventory/ | " +
        "https://api.test.acme.example/agents/inventory/ | https://api.test.acme.example/agents/inventory/ | " +
        "https://api.test.acme.example/agents/inventory/ | https://api.test.acme.example/agents/stock/",
    ]);
  });
});

describe("routes", () => {
  const paths = (environment: Environment) =>
    synthEnvironment(environment)
      .resources("azurerm_api_management_api")
      .map(({ arguments: { path } }) => path as string)
      .filter((path) => path.startsWith("agents/"))
      .toSorted();
  const behindGateway: Environment = {
    ...sample,
    customers: [],
    gateway: {},
    identityProvider: { kind: "entra" },
  };
  const shared = ["anomaly", "contracts", "escalation", "inventory", "procurement", "research"].map(
    (name) => `agents/${name}`,
  );

  test("are one for each agent of the fleet", () => {
    expect(paths(behindGateway)).toEqual([...shared, "agents/orchestrator"].toSorted());
  });

  test("have an orchestrator for each customer", () => {
    expect(paths({ ...behindGateway, customers: ["acme", "globex"] })).toEqual(
      [...shared, "agents/orchestrator-acme", "agents/orchestrator-globex"].toSorted(),
    );
  });
});
