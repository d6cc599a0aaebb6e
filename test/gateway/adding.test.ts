import { beforeAll, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import { agents } from "../support/fleet/agents";
import { registry } from "../support/fleet/stacks/environments/registry";
import { staging } from "../support/fleet/stacks/environments/staging";
import { type Deployed, type StackPlan, usePlanning } from "../support/plan-stack";
import { environmentStack, testApp } from "../support/synth";

const withEntra: Environment = {
  ...staging,
  gateway: { applications: { crm: ["inventory"] } },
  identityProvider: { kind: "entra" },
};
const billing: AgentDefinition = {
  name: "billing",
  description: "Writes invoices",
  version: "1.0.0",
  skills: [{ id: "invoice", name: "Invoice", description: "Writes an invoice", tags: ["invoice"] }],
};

const { deployStack, planStack } = usePlanning();
let deployed: Deployed;

beforeAll(async () => {
  const images = await deployStack(new RegistryStack(testApp(), registry));
  deployed = await deployStack(environmentStack(withEntra), { cloud: images });
});

function changes(plan: StackPlan, type = /^/): string[] {
  return [...plan.actions]
    .filter(([address, action]) => action !== "no-op" && action !== "read" && type.test(address))
    .map(([address, action]) => `${action} ${address.replace(/_[0-9A-F]{8}$/, "")}`)
    .toSorted();
}

test("behind Entra an agent brings its API, operations, registration and role, and touches its callers alone", async () => {
  const plan = await planStack(environmentStack(withEntra, [...agents, billing]), { prior: deployed });
  expect(changes(plan, /^azuread|^azurerm_api_management/)).toMatchInlineSnapshot(`
    [
      "create azuread_app_role_assignment.orchestrator-acme_may-call-billing",
      "create azuread_app_role_assignment.orchestrator-globex_may-call-billing",
      "create azuread_application.shared_identity-provider_billing_resource",
      "create azuread_service_principal.shared_identity-provider_billing_principal",
      "create azurerm_api_management_api.shared_gateway_billing_resource",
      "create azurerm_api_management_api_operation.shared_gateway_billing_card-legacy_resource",
      "create azurerm_api_management_api_operation.shared_gateway_billing_card_resource",
      "create azurerm_api_management_api_operation.shared_gateway_billing_json-rpc_resource",
      "create azurerm_api_management_api_operation_policy.shared_gateway_billing_card-legacy_policy",
      "create azurerm_api_management_api_operation_policy.shared_gateway_billing_card_policy",
      "create azurerm_api_management_api_operation_policy.shared_gateway_billing_json-rpc_policy",
      "create azurerm_api_management_api_policy.shared_gateway_billing_policy",
      "create azurerm_api_management_backend.shared_gateway_billing_backend",
    ]
  `);
  expect(changes(plan).filter((change) => !change.startsWith("create"))).toMatchInlineSnapshot(`
    [
      "update azurerm_container_app.orchestrator-acme_resource",
      "update azurerm_container_app.orchestrator-globex_resource",
    ]
  `);
});

test("an application gets a key: its product and subscription, and a way in for keys at the agents it calls", async () => {
  const more = { ...withEntra, gateway: { applications: { crm: ["inventory"], erp: ["contracts"] } } };
  const plan = await planStack(environmentStack(more), { prior: deployed });
  expect(changes(plan)).toMatchInlineSnapshot(`
    [
      "create azuread_app_role_assignment.shared_gateway_may-call-contracts",
      "create azurerm_api_management_api.shared_gateway_contracts_keys_resource",
      "create azurerm_api_management_api_operation.shared_gateway_contracts_keys_json-rpc_resource",
      "create azurerm_api_management_api_operation_policy.shared_gateway_contracts_keys_json-rpc_policy",
      "create azurerm_api_management_api_policy.shared_gateway_contracts_keys_policy",
      "create azurerm_api_management_product.shared_gateway_application-erp_resource",
      "create azurerm_api_management_product_api.shared_gateway_application-erp_contracts",
      "create azurerm_api_management_subscription.shared_gateway_application-erp_subscription",
    ]
  `);
});
