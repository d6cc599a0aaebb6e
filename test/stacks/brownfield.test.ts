import { beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { findEnvironmentProblems } from "../../src/fleet/find-environment-problems";
import { corporateCloud } from "../support/corporate-cloud";
import { brownfield } from "../support/fleet/examples/brownfield";
import { environments } from "../support/fleet/stacks/environments";
import { type Deployed, usePlanning } from "../support/plan-stack";
import { environmentStack, synthEnvironment } from "../support/synth";

const { deployStack, planStack, destroyStack } = usePlanning();
const subscription = brownfield.azure?.subscriptionId ?? "";
let corporate: Deployed;

beforeAll(async () => {
  corporate = await deployStack(corporateCloud(subscription));
});

/** What is in a cloud by id, without what Azure adds by itself and never takes away. */
function contents({ ledger }: Deployed): Map<string, unknown> {
  const own = Object.values(ledger.entries).filter(({ addedBy }) => addedBy === undefined);
  return new Map(own.map(({ id, attributes, writeOnly }) => [id, { attributes, writeOnly }]));
}

test("the example has no problems, and is not one of those that are built by default", () => {
  expect(findEnvironmentProblems(brownfield, "2026-11-21")).toEqual([]);
  expect(environments).not.toContain(brownfield);
});

test("nothing that people have is made a second time", () => {
  const stack = synthEnvironment(brownfield);
  for (const type of [
    "azurerm_resource_group",
    "azurerm_virtual_network",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
    "azurerm_key_vault",
    "azurerm_container_registry",
    "azurerm_log_analytics_workspace",
  ]) {
    expect(stack.resources(type), type).toEqual([]);
  }
  const written = stack.resources("azurerm_key_vault_secret").map((secret) => secret.arguments.name);
  expect(written.every((name) => name.startsWith("a2a-brownfield-"))).toBe(true);
});

test("deploys beside what people have, stays as it is, and leaves theirs untouched when it goes", async () => {
  const before = contents(corporate);
  const deployed = await deployStack(environmentStack(brownfield), { cloud: corporate });
  expect(contents(deployed).size).toBeGreaterThan(before.size + 20);
  expect((await planStack(environmentStack(brownfield), { prior: deployed })).isEmpty).toBe(true);

  const left = await destroyStack(environmentStack(brownfield), { prior: deployed });
  expect(contents(left)).toEqual(before);

  // The negative control: a touched secret of theirs would be seen.
  const [[id, entry] = ["", {}]] = [...before].filter(([each]) => each.includes("openai-api-key"));
  const touched = new Map(before).set(id, { ...(entry as object), writeOnly: { value_wo: "placeholder" } });
  expect(contents(left)).not.toEqual(touched);
});

describe("what a user meets", () => {
  const without = (network: object): Environment =>
    ({
      ...brownfield,
      azure: { ...brownfield.azure, network: { ...brownfield.azure?.network, ...network } },
    }) as never;

  test("a network that is linked to the zone already needs privateDnsResourceGroup", async () => {
    const stack = environmentStack(without({ privateDnsResourceGroup: undefined }));
    await expect(deployStack(stack, { cloud: corporate })).rejects.toThrow(
      /cannot be linked to multiple zones with\s+overlapping namespaces/,
    );
  });

  test("a network that is not linked to it needs none", async () => {
    const unlinked = await deployStack(corporateCloud(subscription, { linked: false }));
    const environment = without({ privateDnsResourceGroup: undefined });
    const deployed = await deployStack(environmentStack(environment), { cloud: unlinked });
    expect((await planStack(environmentStack(environment), { prior: deployed })).isEmpty).toBe(true);
  });

  test("a subnet that isn't there is named by the first plan", async () => {
    const stack = environmentStack(without({ containerAppsSubnet: "snet-flet" }));
    await expect(planStack(stack, { cloud: corporate })).rejects.toThrow(/snet-flet/);
  });

  test("a store's name that somebody else has is an error that names it; another prefix is another name", async () => {
    const scenario = { takenNames: ["redis-a2a-brownfield"] };
    await expect(deployStack(environmentStack(brownfield), { cloud: corporate, scenario })).rejects.toThrow(
      /redis-a2a-brownfield/,
    );
    const renamed = { ...brownfield, prefix: "contoso" };
    await expect(
      deployStack(environmentStack(renamed), { cloud: corporate, scenario }),
    ).resolves.toBeDefined();
  });
});
