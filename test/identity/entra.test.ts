import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { entraRoleId } from "../../src/identity/entra/entra-role-id";
import { definitions, environment as sample } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const [desk, billing] = definitions as [AgentDefinition, AgentDefinition];
const strict: AgentDefinition = {
  ...billing,
  skills: [
    ...billing.skills,
    { id: "refund", name: "Refund", description: "Pays back", tags: ["x"], requiredRole: "billing.refund" },
  ],
};
const environment: Environment = {
  ...sample,
  gateway: { applications: { crm: ["billing"] } },
  identityProvider: {
    kind: "entra",
    applications: { erp: ["billing"] },
    skillRoles: { erp: ["billing.refund"] },
  },
};
const stack = synthEnvironment(environment, [desk, strict]);

/** Who is assigned to which role, by names. */
const assignments = () =>
  stack.resources("azuread_app_role_assignment").map(({ path, arguments: assignment }) => {
    const [owner] =
      /azuread_service_principal\.([\w-]+?)_principal/.exec(assignment.resource_object_id)?.slice(1) ?? [];
    return `${path} at ${owner?.replace("shared_identity-provider_", "")}`;
  });

describe("a registration", () => {
  const { arguments: registration } = stack.at("shared/identity-provider/billing/resource");

  test("has the audience of its agent, and gives tokens of version 2", () => {
    expect(registration.identifier_uris).toEqual([`api://${environment.tenant}/test-billing`]);
    expect(registration.api.requested_access_token_version).toBe(2);
    expect(registration.sign_in_audience).toBe("AzureADMyOrg");
  });

  test("has the agent's role and those of its skills, with ids that are always the same", () => {
    expect(registration.app_role).toEqual([
      expect.objectContaining({
        value: "billing",
        id: entraRoleId(`api://${environment.tenant}/test-billing`, "billing"),
        allowed_member_types: ["Application"],
      }),
      expect.objectContaining({ value: "billing.refund" }),
    ]);
    for (const { description } of registration.app_role) expect(description).toMatch(/\(test\)$/);
  });

  test("gives no token to whoever has no role", () => {
    expect(
      stack.at("shared/identity-provider/billing/principal").arguments.app_role_assignment_required,
    ).toBe(true);
  });
});

test("everybody is assigned to exactly the roles of the agents that they call", () => {
  expect(assignments().toSorted()).toEqual([
    // The agent that calls, as its managed identity; the customer; an application, with its skill's role.
    "desk-globex/may-call-billing at billing",
    // For those who call with a key: the gateway as itself.
    "shared/gateway/may-call-billing at billing",
    "shared/identity-provider/customer-globex/may-call-desk-globex at desk-globex",
    "shared/identity-provider/erp/may-call-billing at billing",
    "shared/identity-provider/erp/may-call-billing.refund at billing",
  ]);
  const agent = stack.at("desk-globex/may-call-billing").arguments;
  expect(agent.principal_object_id).toMatch(
    /azurerm_user_assigned_identity\.desk-globex_identity.*principal_id/,
  );
});

test("no credential is made for anybody", () => {
  expect(
    stack.resources().filter(({ type }) => /password|certificate$/.test(type) && type.startsWith("azuread")),
  ).toEqual([]);
  expect(JSON.stringify(stack.json.ephemeral ?? {})).toBe("{}");
});

test("an agent is told the audience that tokens of version 2 really carry", () => {
  const env = stack.at("billing/resource").arguments.template.container[0].env as {
    name: string;
    value: string;
  }[];
  const values = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  expect(values.OIDC_AUDIENCE).toMatch(/^\$\{azuread_application\..*billing_resource.*\.client_id\}$/);
  expect(values.OIDC_ISSUER).toBe(`https://login.microsoftonline.com/${environment.tenant}/v2.0`);
  expect(values.REQUIRED_ROLE).toBe("billing");
});

describe("the id of a role", () => {
  test("is a UUID of version 5, as everybody derives it", () => {
    // python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, "api://t/test-billing#billing"))'
    expect(entraRoleId("api://t/test-billing", "billing")).toBe("63e08429-750f-572b-abf9-1988df526802");
  });

  test("is another for another agent, environment or role", () => {
    const ids = [
      entraRoleId("api://t/test-billing", "billing"),
      entraRoleId("api://t/test-desk", "billing"),
      entraRoleId("api://t/prod-billing", "billing"),
      entraRoleId("api://t/test-billing", "refund"),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});
