import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AzureFoundations } from "../../src/azure/azure-foundations";
import { createIdentityProvider } from "../../src/azure/identity-provider/azure-identity-provider";
import { RegistryStack } from "../../src/azure/registry-stack";
import { findPlaceholders } from "../../src/environment/find-placeholders";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { dev as shippedDev } from "../support/fleet/stacks/environments/dev";
import { registry } from "../support/fleet/stacks/environments/registry";
import { useFleetProject } from "../support/fleet-project";
import { TerraformRefusal, usePlanning } from "../support/plan-stack";
import { FinishedStack, testApp } from "../support/synth";

const dev = { ...shippedDev, agents: {} };
const id = "3f1b7a52-9d0c-4c1e-8e55-6a2f8f1d2b11";
const ours = {
  ...dev,
  prefix: "contoso",
  domain: "dev.contoso.io",
  tenant: id,
  azure: { subscriptionId: id, location: "westeurope", deployerObjectIds: [id] },
  registry: { kind: "azure", name: "contosoimages", resourceGroup: "rg-images" },
  state: { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "contosostate" },
} as const;

const clouds = { AzureFoundations, createIdentityProvider };

const { planStack } = usePlanning();
const project = useFleetProject();
beforeAll(() => void vi.spyOn(process, "cwd").mockReturnValue(project.folder));
afterAll(() => void vi.restoreAllMocks());

function deployable(environment: typeof dev) {
  return new EnvironmentStack(testApp({}), { environment, agents: [], clouds });
}

describe("outside a rehearsal", () => {
  test("the shipped placeholders stop the plan with one error that names file and line", async () => {
    const plan = planStack(deployable(dev));
    await expect(plan).rejects.toBeInstanceOf(TerraformRefusal);
    const { errors } = (await plan.catch((error: TerraformRefusal) => error)) as TerraformRefusal;
    expect(errors).toHaveLength(1);
    const text = errors[0]?.text.replace(/\s+/g, " ");
    expect(text).toMatch(/dev still holds placeholders: .*a2a \(stacks\/company\.json:2\)/);
    expect(text).toMatch(/a2afleetimages \(stacks\/company\.json:\d+\)/);
  });

  test("a stack that is held back keeps no state where others do", () => {
    expect(new FinishedStack(deployable(dev)).json.terraform.backend).toBeUndefined();
  });

  test("the registry's placeholders hold it back as well", async () => {
    await expect(planStack(new RegistryStack(testApp({}), registry))).rejects.toThrow(
      /still holds placeholders/,
    );
  });

  test("an environment with values of its own is not held back", async () => {
    const { json } = new FinishedStack(deployable(ours));
    expect(json.terraform.backend.azurerm).toMatchObject({
      storage_account_name: "contosostate",
      use_azuread_auth: true,
    });
    expect(json.resource).not.toHaveProperty("terraform_data");
    expect(findPlaceholders(ours)).toEqual([]);
  });
});

test("in a rehearsal placeholders are let through", () => {
  const stack = new EnvironmentStack(testApp(), {
    environment: dev,
    agents: [],
    clouds,
  });
  expect(new FinishedStack(stack).json.resource).not.toHaveProperty("terraform_data");
});
