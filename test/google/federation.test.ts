import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { helper, onBothClouds } from "../support/fleet-on-google";
import { synthEnvironment } from "../support/synth";

const clerk: AgentDefinition = { ...helper, name: "clerk", calls: ["ledger"] };
const ledger: AgentDefinition = { ...helper, name: "ledger" };

/** Entra signs, `clerk` runs on Cloud Run and calls `ledger` on Azure. */
const acrossClouds: Environment = {
  ...onBothClouds,
  identityProvider: { kind: "entra" },
  platform: "container-apps",
  agents: { clerk: { platform: "cloud-run" }, helper: { platform: "cloud-run" } },
};

describe("an agent on Cloud Run that calls others with Entra's tokens", () => {
  const stack = synthEnvironment(acrossClouds, [clerk, ledger, helper]);
  const referenceTo = (path: string, argument: string) => `\${${stack.at(path).address}.${argument}}`;
  const serviceOf = (agent: string) =>
    stack
      .resources("google_cloud_run_v2_service")
      .find(({ arguments: { name } }) => name === `trial-${agent}`)?.arguments;
  const variablesOf = (agent: string): Record<string, string> =>
    Object.fromEntries(
      serviceOf(agent)
        .template.containers.find(({ name }: { name: string }) => name === "agent")
        .env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
    );

  test("is its own registration at Entra, by the token that Google signs for its service account", () => {
    const credentials = stack.resources("azuread_application_federated_identity_credential");
    expect(credentials.map(({ arguments: given }) => given)).toEqual([
      expect.objectContaining({
        application_id: referenceTo("shared/identity-provider/clerk/resource", "id"),
        issuer: "https://accounts.google.com",
        subject: referenceTo("clerk/identity", "unique_id"),
        audiences: ["api://AzureADTokenExchange"],
      }),
    ]);
  });

  test("holds the role of each agent that it calls, and of no other", () => {
    const principal = referenceTo("shared/identity-provider/clerk/principal", "object_id");
    const held = stack
      .resources("azuread_app_role_assignment")
      .filter(({ arguments: { principal_object_id } }) => principal_object_id === principal);
    expect(held.map(({ arguments: { resource_object_id } }) => resource_object_id)).toEqual([
      referenceTo("shared/identity-provider/ledger/principal", "object_id"),
    ]);
  });

  test("is told its client and what Google's token must be for, and has no secret", () => {
    const variables = variablesOf("clerk");
    expect(variables).toMatchObject({
      A2A_FEDERATED_CLIENT_ID: referenceTo("shared/identity-provider/clerk/resource", "client_id"),
      A2A_ASSERTION_AUDIENCE: "api://AzureADTokenExchange",
      OIDC_TOKEN_URL: `https://login.microsoftonline.com/${acrossClouds.tenant}/oauth2/v2.0/token`,
    });
    expect(Object.keys(variables)).not.toContain("A2A_CLIENT_ID");
    expect(Object.keys(variables)).not.toContain("A2A_CLIENT_SECRET");
  });

  test("starts when Entra knows it: its service waits for credential and role", () => {
    expect(serviceOf("clerk").depends_on).toEqual(
      expect.arrayContaining([
        stack.at("clerk/federation").address,
        stack.at("clerk/may-call-ledger").address,
      ]),
    );
  });

  test("one that calls nobody is no client, and checks its callers all the same", () => {
    const variables = variablesOf("helper");
    expect(Object.keys(variables)).not.toContain("A2A_FEDERATED_CLIENT_ID");
    expect(variables.OIDC_AUDIENCE).toBe(
      referenceTo("shared/identity-provider/helper/resource", "client_id"),
    );
  });
});
