import { ApiManagementApi } from "@cdktf/provider-azurerm/lib/api-management-api";
import { ApiManagementApiDiagnostic } from "@cdktf/provider-azurerm/lib/api-management-api-diagnostic";
import { ApiManagementDiagnostic } from "@cdktf/provider-azurerm/lib/api-management-diagnostic";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { findGatewayProblems } from "../../src/gateway/find-gateway-problems";
import { callsFromNetwork, gatewayTier } from "../../src/gateway/gateway-tier";
import { definitions, environment as sample } from "../support/sample-fleet";
import { environmentStack, FinishedStack } from "../support/synth";

const passing: Environment = { ...sample, gateway: {}, identityProvider: { kind: "entra" } };

test("Basic v2, without a network, may be in front of agents of another cloud", () => {
  const tierProblems = (change: Partial<Environment>) =>
    resolveFleet(definitions, { ...passing, gateway: { sku: "BasicV2_1" }, ...change }).problems.filter(
      ({ rule }) => rule === "gateway-tier",
    );
  const google = { projectId: "acme-agents", projectNumber: "1234567890", region: "europe-west4" };
  expect(tierProblems({ google, platform: "cloud-run" })).toEqual([]);
  expect(tierProblems({ google, platform: "container-apps" })).toHaveLength(1);
});

// https://learn.microsoft.com/azure/api-management/api-management-features
test.each([
  ["Consumption_0", [false, false]],
  ["Developer_1", [true, true]],
  ["Basic_1", [false, true]],
  ["Standard_1", [false, true]],
  ["Premium_1", [true, true]],
  ["BasicV2_1", [false, true]],
  ["StandardV2_1", [true, true]],
  ["PremiumV2_1", [true, true]],
])("what %s can do is what agents may ask of it (into a network, streams: %j)", (sku, [network, streams]) => {
  expect(gatewayTier(sku)).toEqual({ network, streams });
});

test("whose calls leave from an address that stays is made by the fleet, with a subnet", () => {
  expect([{}, { sku: "BasicV2_1" }, { sku: "PremiumV2_1" }].map(callsFromNetwork)).toEqual([
    true,
    false,
    true,
  ]);
  expect(callsFromNetwork({ existing: { name: "apim-company", resourceGroup: "rg-company" } })).toBe(false);
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
    expect(logging(512)).toThrowErrorMatchingSnapshot();
    expect(logging(512)).toThrow(/logs 512 bytes of bodies \(backend_response.body_bytes\) for all APIs/);
  });

  test("a diagnostic of one API that logs bodies is refused", () => {
    const logging = (bodyBytes: number) =>
      finish(
        (stack) =>
          new ApiManagementApiDiagnostic(stack, "own", {
            ...log,
            identifier: "applicationinsights",
            apiName: "own",
            frontendResponse: { bodyBytes },
          }),
      );
    expect(logging(0)).not.toThrow();
    expect(logging(1)).toThrowErrorMatchingSnapshot();
    expect(logging(1)).toThrow(/logs 1 bytes of bodies \(frontend_response.body_bytes\) for one API/);
  });

  test("either is refused however its sides are written", () => {
    const said = (frontend_request: unknown) =>
      findGatewayProblems({ resource: { azurerm_api_management_diagnostic: { own: { frontend_request } } } });
    expect(said({ body_bytes: 1 })).toHaveLength(1);
    expect(said([{ body_bytes: 1 }])).toEqual(said({ body_bytes: 1 }));
    for (const nothing of [[{ body_bytes: 0 }], [{}], [], null, undefined]) expect(said(nothing)).toEqual([]);
  });

  test("a diagnostic of one API for Azure Monitor is refused, as no plan gets past it", () => {
    const logging = (identifier: string) =>
      finish((stack) => new ApiManagementApiDiagnostic(stack, "own", { ...log, identifier, apiName: "own" }));
    expect(logging("applicationinsights")).not.toThrow();
    expect(logging("azuremonitor")).toThrowErrorMatchingSnapshot();
    expect(logging("azuremonitor")).toThrow(/logs one API to Azure Monitor, which the provider can't plan/);
  });

  test("an API that needs a subscription by accident is refused", () => {
    const needing = (subscriptionRequired?: boolean) =>
      finish((stack) => new ApiManagementApi(stack, "own", { ...api, subscriptionRequired }));
    expect(needing(false)).not.toThrow();
    expect(needing(true)).not.toThrow();
    expect(needing()).toThrowErrorMatchingSnapshot();
    expect(needing()).toThrow(/says nothing of subscription_required/);
  });
});
