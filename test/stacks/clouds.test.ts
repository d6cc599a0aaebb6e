import { expect, test } from "vitest";
import { type Clouds, loadClouds } from "../../src/stacks/clouds";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { definitions as agents, environment } from "../support/sample-fleet";
import { testApp } from "../support/synth";

const behindGateway = { ...environment, gateway: {}, identityProvider: { kind: "entra" as const } };

test("an environment loads what it uses, and nothing else", async () => {
  expect(Object.keys(await loadClouds([environment]))).toEqual(["AzureFoundations"]);
  expect(Object.keys(await loadClouds([behindGateway]))).toEqual([
    "AzureFoundations",
    "AzureGateway",
    "createIdentityProvider",
  ]);
});

test("somebody else's issuer needs no identity provider of ours", async () => {
  const issuer = {
    kind: "existing" as const,
    issuer: "https://id.example.org",
    jwksUrl: "https://id.example.org/keys",
  };
  const clouds = await loadClouds([{ ...behindGateway, identityProvider: issuer }]);
  expect(Object.keys(clouds)).toEqual(["AzureFoundations", "AzureGateway"]);
});

test.each(["AzureFoundations", "AzureGateway", "createIdentityProvider"] as const)(
  "a stack without %s that needs it says so",
  async (part) => {
    const { [part]: _left, ...clouds }: Clouds = await loadClouds([behindGateway]);
    expect(() => new EnvironmentStack(testApp(), { environment: behindGateway, agents, clouds })).toThrow(
      `environment 'test' needs ${part}, which was not loaded; pass clouds: await loadClouds([…]) with it`,
    );
  },
);
