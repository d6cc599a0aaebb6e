import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agents } from "../support/fleet/agents";
import { production } from "../support/fleet/stacks/environments/production";
import { registry } from "../support/fleet/stacks/environments/registry";
import { clusterStack } from "../support/kubernetes-fleet";
import { type Deployed, type StackPlan, usePlanning } from "../support/plan-stack";
import { environmentStack, testApp } from "../support/synth";

const billing: AgentDefinition = {
  name: "billing",
  description: "Writes invoices",
  version: "1.0.0",
  skills: [{ id: "invoice", name: "Invoice", description: "Writes an invoice", tags: ["invoice"] }],
};

const digest = `sha256:${"1".repeat(64)}`;
const withBilling: Environment = {
  ...production,
  agents: { ...production.agents, billing: { image: digest } },
};

/** The environment once all of the changes below are made. */
const grown: Environment = { ...withBilling, customers: [...(production.customers ?? []), "umbrella"] };

/** Address without cdktf's hash: what a person recognises. */
function changes(plan: StackPlan): string[] {
  return [...plan.actions]
    .filter(([, action]) => action !== "no-op" && action !== "read")
    .map(([address, action]) => `${action} ${address.replace(/_[0-9A-F]{8}$/, "")}`)
    .toSorted();
}

const { deployStack, planStack } = usePlanning();
let deployed: Deployed;

beforeAll(async () => {
  const images = await deployStack(new RegistryStack(testApp(), registry));
  // The environment's own stack goes first: it registers whoever comes into the cluster.
  const shared = await deployStack(environmentStack(grown, [...agents, billing]), { cloud: images });
  deployed = await deployStack(clusterStack(production), { cloud: shared });
});

test("deploying again changes nothing", async () => {
  expect((await planStack(clusterStack(production), { prior: deployed })).isEmpty).toBe(true);
});

test("adding a customer adds its orchestrator, and rolls whom it calls for nothing but their access lists", async () => {
  const more = { ...production, customers: grown.customers };
  const plan = await planStack(clusterStack(more), { prior: deployed });
  const found = changes(plan);
  const shared = resolveFleet(agents, production)
    .workloads.filter(({ platform, customer }) => platform === "kubernetes" && customer === null)
    .map(({ name }) => name);
  expect(found.filter((change) => !change.includes("orchestrator-umbrella"))).toEqual(
    shared
      .flatMap((name) => [
        `update helm_release.shared_mesh_${name}_resource`,
        `update kubernetes_deployment_v1.${name}_deployment_resource`,
        `update kubernetes_network_policy_v1.${name}_network-policy`,
      ])
      .toSorted(),
  );
  const rolled = [...plan.actions].filter(
    ([address, action]) => action === "update" && address.startsWith("kubernetes_deployment_v1."),
  );
  for (const [address] of rolled) {
    expect(plan.changedArguments(address).map(({ path }) => path)).toEqual([
      "spec.0.template.0.metadata.0.annotations.checksum/mesh",
    ]);
  }
  const own = found.filter((change) => change.includes("orchestrator-umbrella"));
  expect(own.every((change) => change.startsWith("create "))).toBe(true);
  expect(own).toContain("create kubernetes_deployment_v1.orchestrator-umbrella_deployment_resource");
});

describe("adding an agent", () => {
  test("that nobody calls adds its own resources and changes no other", async () => {
    const alone = { ...billing, audience: "customer-facing" as const };
    const plan = await planStack(clusterStack(withBilling, [...agents, alone]), { prior: deployed });
    expect(changes(plan)).toMatchInlineSnapshot(`
      [
        "create azurerm_federated_identity_credential.billing_federation",
        "create azurerm_role_assignment.billing_read-task-store-key",
        "create azurerm_role_assignment.billing_read-task-store-url",
        "create azurerm_user_assigned_identity.billing_identity",
        "create helm_release.billing_resources_resource",
        "create helm_release.billing_secrets_resource",
        "create helm_release.shared_mesh_billing_resource",
        "create kubernetes_config_map_v1.billing_deployment_settings",
        "create kubernetes_deployment_v1.billing_deployment_resource",
        "create kubernetes_network_policy_v1.billing_network-policy",
        "create kubernetes_pod_disruption_budget_v1.billing_deployment_disruption-budget",
        "create kubernetes_service_account_v1.billing_account",
        "create kubernetes_service_v1.billing_deployment_service",
        "create time_sleep.billing_grants-hold",
      ]
    `);
  });

  test("that the orchestrators call rolls them, because it enters their registries, and nothing else", async () => {
    const plan = await planStack(clusterStack(withBilling, [...agents, billing]), { prior: deployed });
    const others = changes(plan).filter((change) => !/billing/.test(change));
    expect(others).toEqual(
      (production.customers ?? [])
        .map((customer) => `orchestrator-${customer}`)
        .flatMap((name) => [
          `update helm_release.shared_mesh_${name}_resource`,
          `update kubernetes_config_map_v1.${name}_deployment_settings`,
          `update kubernetes_deployment_v1.${name}_deployment_resource`,
          `update kubernetes_network_policy_v1.${name}_network-policy`,
        ])
        .toSorted(),
    );
    const [orchestrator] = [...plan.actions.keys()].filter((address) =>
      address.startsWith("kubernetes_deployment_v1.orchestrator-acme_deployment_resource"),
    );
    expect(plan.changedArguments(orchestrator as string).map(({ path }) => path)).toEqual([
      "spec.0.template.0.metadata.0.annotations.checksum/mesh",
      "spec.0.template.0.metadata.0.annotations.checksum/settings",
    ]);
  });
});
