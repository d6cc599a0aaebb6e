import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { RegistryStack } from "../../src/azure/registry-stack";
import { agents } from "../support/fleet/agents";
import { registry } from "../support/fleet/stacks/environments/registry";
import { staging } from "../support/fleet/stacks/environments/staging";
import { type Deployed, type StackPlan, usePlanning } from "../support/plan-stack";
import { environmentStack, testApp } from "../support/synth";

const billing: AgentDefinition = {
  name: "billing",
  description: "Writes invoices",
  version: "1.0.0",
  audience: "internal",
  secrets: { BILLING_KEY: "billing-key" },
  skills: [{ id: "invoice", name: "Invoice", description: "Writes an invoice", tags: ["invoice"] }],
};

/** The app that applies the realm: every agent is a role there. */
const THE_REALM = "update azurerm_container_app.shared_identity-provider_realm_resource";

/** The time of its deployment, by which it knows which of two realms is the later one. */
const ITS_TIME = "replace time_static.shared_identity-provider_realm_generation";

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
  deployed = await deployStack(environmentStack(staging), { cloud: images });
});

test("deploying again changes nothing", async () => {
  expect((await planStack(environmentStack(staging), { prior: deployed })).isEmpty).toBe(true);
});

describe("adding an agent", () => {
  test("that nobody calls adds its own resources, among them its API and operations, and changes the realm alone", async () => {
    const alone = { ...billing, audience: "customer-facing" as const };
    const plan = await planStack(environmentStack(staging, [...agents, alone]), { prior: deployed });
    expect(changes(plan)).toMatchSnapshot();
    expect(changes(plan).filter((change) => !change.startsWith("create"))).toEqual([ITS_TIME, THE_REALM]);
  });

  test("that the orchestrators call changes them, because it enters their registries, and nothing else", async () => {
    const plan = await planStack(environmentStack(staging, [...agents, billing]), { prior: deployed });
    expect(changes(plan).filter((change) => !change.startsWith("create"))).toEqual([
      ITS_TIME,
      "update azurerm_container_app.orchestrator-acme_resource",
      "update azurerm_container_app.orchestrator-globex_resource",
      THE_REALM,
    ]);
    const [orchestrator] = [...plan.actions.keys()].filter((address) =>
      address.startsWith("azurerm_container_app.orchestrator-acme_resource"),
    );
    const changed = plan.changedArguments(orchestrator as string).map(({ path }) => path);
    // A changed template is a new revision: its name is Azure's to say.
    expect(
      changed.filter((path) => !/^template\.0\.container\.[\w-]+\.env|^latest_revision_/.test(path)),
    ).toEqual([]);
  });
});

test("adding a customer adds that customer's orchestrator and changes no other workload", async () => {
  const more = { ...staging, customers: [...(staging.customers ?? []), "umbrella"] };
  const plan = await planStack(environmentStack(more), { prior: deployed });
  expect(changes(plan)).toMatchSnapshot();
  expect(changes(plan).filter((change) => !/(?:orchestrator|customer)-umbrella/.test(change))).toEqual([
    // It reads the secrets of two more clients, and waits until it may.
    "replace time_sleep.shared_identity-provider_realm_grants-hold",
    ITS_TIME,
    THE_REALM,
  ]);
});

test("taking an agent away destroys what was its own", async () => {
  const fewer = agents.filter(({ name }) => name !== "escalation");
  const plan = await planStack(environmentStack(staging, fewer), { prior: deployed });
  const destroyed = changes(plan).filter((change) => change.startsWith("delete"));
  expect(destroyed.every((change) => /escalation/.test(change))).toBe(true);
  expect(destroyed).toContain("delete azurerm_container_app.escalation_resource");
});
