import { beforeAll, describe, expect, it } from "vitest";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import { registry } from "../support/fleet/stacks/environments/registry";
import { type Deployed, type StackPlan, TerraformRefusal, usePlanning } from "../support/plan-stack";
import { billing, environment } from "../support/sample-fleet";
import { environmentStack, testApp } from "../support/synth";

const { deployStack, planStack } = usePlanning();

const digest = `sha256:${"a1".repeat(32)}`;
const production: Environment = {
  ...environment,
  stage: "production",
  azure: environment.azure && { ...environment.azure, network: { kind: "created" } },
  registry,
  taskStore: { kind: "managed-redis", sku: "Balanced_B5" },
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
  agents: { billing: { image: digest } },
};
const staging: Environment = { ...production, stage: "staging" };
const bigger = (of: Environment): Environment => ({
  ...of,
  taskStore: { kind: "managed-redis", sku: "Balanced_B10" },
});

describe("a change that recreates the store, and loses its tasks", () => {
  let protectedStore: Deployed;
  let openStore: Deployed;
  beforeAll(async () => {
    const images = await deployStack(new RegistryStack(testApp(), registry));
    protectedStore = await deployStack(environmentStack(production, [billing]), { cloud: images });
    openStore = await deployStack(environmentStack(staging, [billing]), { cloud: images });
  });

  it("is refused by the plan in production", async () => {
    const refused = planStack(environmentStack(bigger(production), [billing]), { prior: protectedStore });
    await expect(refused).rejects.toThrow(TerraformRefusal);
    await expect(refused).rejects.toThrow(/azurerm_managed_redis[\s\S]*prevent_destroy/);
  });

  it("is a replacement that the plan names elsewhere", async () => {
    const plan = await planStack(environmentStack(bigger(staging), [billing]), { prior: openStore });
    expect(replacedStores(plan)).toHaveLength(1);
  });

  it("is planned in production once somebody takes the protection away", async () => {
    const open = { ...bigger(production), deletionProtection: false };
    const plan = await planStack(environmentStack(open, [billing]), { prior: protectedStore });
    expect(replacedStores(plan)).toHaveLength(1);
  });
});

function replacedStores({ actions }: StackPlan): string[] {
  return [...actions.keys()].filter(
    (address) => actions.get(address) === "replace" && address.startsWith("azurerm_managed_redis."),
  );
}
