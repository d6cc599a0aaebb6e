import { ApiManagementApi } from "@cdktf/provider-azurerm/lib/api-management-api";
import { ApiManagementApiDiagnostic } from "@cdktf/provider-azurerm/lib/api-management-api-diagnostic";
import { ApiManagementDiagnostic } from "@cdktf/provider-azurerm/lib/api-management-diagnostic";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { resolveFleet } from "../../src/agent/resolve-fleet";
import type { Environment } from "../../src/environment/environment";
import { definitions, environment as sample } from "../support/sample-fleet";
import { environmentStack, FinishedStack } from "../support/synth";

const passing: Environment = { ...sample, gateway: {}, identityProvider: { kind: "entra" } };
const [desk, billing] = definitions as [AgentDefinition, AgentDefinition];

/** Rules that a fleet breaks: one pair differs in one place and breaks one. */
function broken(change: Partial<Environment>, agents: readonly AgentDefinition[] = definitions): string[] {
  return resolveFleet(agents, { ...passing, ...change }).problems.map(({ rule }) => rule);
}

const google = { projectId: "acme", projectNumber: "1234567890", region: "europe-west4" };
const onCloudRun: Partial<Environment> = {
  google,
  platform: "cloud-run",
  agents: { desk: { reach: "vnet" }, billing: { reach: "vnet" } },
};

describe("a fleet that passes, and its twin that doesn't", () => {
  test.each<[string, string, Partial<Environment>, Partial<Environment>]>([
    [
      "a tier that neither streams nor limits by key",
      "gateway-tier",
      { gateway: { sku: "StandardV2_1" } },
      { gateway: { sku: "Consumption_0" } },
    ],
    [
      "Basic v2 before a network",
      "gateway-tier",
      { gateway: { sku: "PremiumV2_2" } },
      { gateway: { sku: "BasicV2_1" } },
    ],
    [
      "a tier that there isn't",
      "gateway-tier",
      { gateway: { sku: "StandardV2_3" } },
      { gateway: { sku: "StandardV3_1" } },
    ],
    ["a gateway that knows no callers", "gateway-knows-callers", {}, { identityProvider: undefined }],
    [
      "Keycloak in development mode where it matters",
      "keycloak-keeps-its-data",
      { stage: "development", identityProvider: { kind: "keycloak", mode: "development" } },
      { stage: "staging", identityProvider: { kind: "keycloak", mode: "development" } },
    ],
    [
      "Keycloak with its console in the open",
      "keycloak-keeps-its-data",
      { identityProvider: { kind: "keycloak" } },
      { identityProvider: { kind: "keycloak" }, gateway: undefined },
    ],
    [
      "an agent beside the gateway",
      "nothing-beside-the-gateway",
      { agents: { billing: { reach: "vnet" } } },
      { agents: { billing: { reach: "internet" } } },
    ],
    [
      "an agent that the gateway cannot reach",
      "nothing-beside-the-gateway",
      {},
      { agents: { billing: { reach: "environment" } } },
    ],
    [
      "a tenant that Entra takes no audiences under",
      "entra-knows-the-tenant",
      { tenant: "11111111-1111-4111-8111-111111111111" },
      { tenant: "acme" },
    ],
    [
      "API keys without Entra",
      "api-keys-need-entra",
      { gateway: { applications: { crm: ["billing"] } } },
      { gateway: { applications: { crm: ["billing"] } }, identityProvider: { kind: "keycloak" } },
    ],
    [
      "API keys for nobody's agent",
      "api-keys-need-entra",
      { gateway: { applications: { crm: ["billing"] } } },
      { gateway: { applications: { crm: ["bilings"] } } },
    ],
    [
      "an application that calls nobody's agent",
      "callers-exist",
      { identityProvider: { kind: "entra", applications: { crm: ["billing"] } } },
      { identityProvider: { kind: "entra", applications: { crm: ["bilings"] } } },
    ],
    [
      "an application that is called like an agent",
      "callers-exist",
      { identityProvider: { kind: "entra", applications: { crm: ["billing"] } } },
      { identityProvider: { kind: "entra", applications: { "desk-globex": ["billing"] } } },
    ],
    [
      "a role that no skill asks for",
      "callers-exist",
      { identityProvider: { kind: "entra", skillRoles: {} } },
      { identityProvider: { kind: "entra", skillRoles: { "customer-globex": ["admin"] } } },
    ],
    [
      "a token that lives too long",
      "environment",
      { identityProvider: { kind: "keycloak", accessTokenSeconds: 900 } },
      { identityProvider: { kind: "keycloak", accessTokenSeconds: 901 } },
    ],
  ])("%s", (_what, rule, good, bad) => {
    expect(broken(good)).toEqual([]);
    expect(broken(bad)).toEqual([rule]);
  });

  test("Basic v2 in front of another cloud is no problem of the tier", () => {
    expect(broken({ ...onCloudRun, gateway: { sku: "BasicV2_1" } })).not.toContain("gateway-tier");
  });

  test("a deadline beyond the gateway's, which heartbeats and a way back make good", () => {
    const slow = { ...billing, taskDeadlineSeconds: 300 };
    const good = broken({}, [desk, { ...slow, heartbeatSeconds: 15, resubscribe: true }]);
    expect(good).toEqual([]);
    const { problems } = resolveFleet([desk, slow], passing);
    expect(problems.map(({ rule }) => rule)).toEqual(["deadline-within-hops"]);
    expect(problems[0]?.message).toContain("gateway");
  });

  test("a skill that asks for another agent's role", () => {
    const asking = (requiredRole: string) =>
      broken({}, [desk, { ...billing, skills: billing.skills.map((skill) => ({ ...skill, requiredRole })) }]);
    expect(asking("billing.read")).toEqual([]);
    expect(asking("desk-globex")).toEqual(["skill-roles-are-their-own"]);
  });

  test("an agent that is called like an app of the environment", () => {
    expect(broken({}, [desk, billing, { ...billing, name: "keycloak-2", secrets: {} }])).toEqual([]);
    expect(broken({}, [desk, billing, { ...billing, name: "keycloak", secrets: {} }])).toEqual([
      "app-names-are-free",
    ]);
  });
});

describe("what somebody adds to the stack beside our constructs", () => {
  const service = { apiManagementName: "apim-acme-test", resourceGroupName: "rg-acme-test" };
  const api = {
    ...service,
    name: "own",
    revision: "1",
    displayName: "Own",
    path: "own",
    protocols: ["https"],
  };
  const log = { ...service, identifier: "azuremonitor", apiManagementLoggerId: "logger" };

  function finish(add: (stack: TerraformStack) => void): () => FinishedStack {
    return () => {
      const stack = environmentStack(passing, definitions);
      add(stack);
      return new FinishedStack(stack);
    };
  }

  test("a diagnostic of all APIs that logs bodies is refused", () => {
    const logging = (bodyBytes: number) =>
      finish(
        (stack) => new ApiManagementDiagnostic(stack, "own", { ...log, backendResponse: { bodyBytes } }),
      );
    expect(logging(0)).not.toThrow();
    expect(logging(512)).toThrow(/logs 512 bytes of bodies \(backend_response.body_bytes\) for all APIs/);
  });

  test("a diagnostic of one API that logs bodies is refused", () => {
    const logging = (bodyBytes: number) =>
      finish(
        (stack) =>
          new ApiManagementApiDiagnostic(stack, "own", {
            ...log,
            apiName: "own",
            frontendResponse: { bodyBytes },
          }),
      );
    expect(logging(0)).not.toThrow();
    expect(logging(1)).toThrow(/logs 1 bytes of bodies \(frontend_response.body_bytes\) for one API/);
  });

  test("an API that needs a subscription by accident is refused", () => {
    const needing = (subscriptionRequired?: boolean) =>
      finish((stack) => new ApiManagementApi(stack, "own", { ...api, subscriptionRequired }));
    expect(needing(false)).not.toThrow();
    expect(needing(true)).not.toThrow();
    expect(needing()).toThrow(/says nothing of subscription_required/);
  });
});
