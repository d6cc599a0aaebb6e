import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { TerraformStack, Testing } from "cdktf";
import { expect, test } from "vitest";
import { reducePlan, usePlanning } from "../../support/plan-stack";

const { planStack, deployStack, destroyStack, validateStack } = usePlanning();

const TENANT = "6f1b2c3d-0000-4000-8000-000000000001";

function vaultStack(props: { readonly location?: string; readonly skuName?: string } = {}): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "shop");
  new AzurermProvider(stack, "azurerm", { features: [{}], subscriptionId: TENANT });
  const group = new ResourceGroup(stack, "group", {
    name: "rg-shop",
    location: props.location ?? "westeurope",
  });
  new KeyVault(stack, "vault", {
    name: "kv-shop",
    location: "westeurope",
    resourceGroupName: group.name,
    tenantId: TENANT,
    skuName: props.skuName ?? "standard",
  });
  return stack;
}

test("a first plan creates everything", async () => {
  const plan = await planStack(vaultStack());
  expect(reducePlan(plan, { azurerm_key_vault: ["name", "sku_name", "vault_uri"] })).toMatchInlineSnapshot(`
    {
      "azurerm_key_vault.vault": {
        "action": "create",
        "name": "kv-shop",
        "sku_name": "standard",
        "vault_uri": "(known after apply)",
      },
      "azurerm_resource_group.group": "create",
    }
  `);
});

test("a plan on top of a deploy is empty, and a changed argument shows as what it is", async () => {
  const prior = await deployStack(vaultStack());
  expect(prior.state.resources.map(({ address }) => address)).toEqual([
    "azurerm_key_vault.vault",
    "azurerm_resource_group.group",
  ]);
  expect((await planStack(vaultStack(), { prior })).isEmpty).toBe(true);

  const upgraded = await planStack(vaultStack({ skuName: "premium" }), { prior });
  expect(upgraded.isEmpty).toBe(false);
  expect(upgraded.actions.get("azurerm_key_vault.vault")).toBe("update");
  expect(upgraded.changedArguments("azurerm_key_vault.vault")).toEqual([
    { path: "sku_name", before: "standard", after: "premium", forcesReplacement: false },
  ]);

  const moved = await planStack(vaultStack({ location: "northeurope" }), { prior });
  expect(moved.actions.get("azurerm_resource_group.group")).toBe("replace");
});

test("a destroy leaves nothing in state and cloud", async () => {
  const prior = await deployStack(vaultStack());
  const after = await destroyStack(vaultStack(), { prior });
  expect(after.state.resources).toEqual([]);
  expect(Object.keys(after.ledger.entries)).toEqual([]);
});

test("each plan starts from an empty cloud of its own", async () => {
  await deployStack(vaultStack());
  const plan = await planStack(vaultStack());
  expect([...plan.actions.values()]).toEqual(["create", "create"]);
  await expect(deployStack(vaultStack())).resolves.toBeDefined();
});

test("a refusal carries Terraform's own words and the address", async () => {
  const errors = await validateStack(vaultStack({ skuName: "gold" }));
  expect(errors).toHaveLength(1);
  expect(errors[0]?.address).toBe("azurerm_key_vault.vault");
  expect(errors[0]?.text).toContain("gold");
  await expect(planStack(vaultStack({ skuName: "gold" }))).rejects.toThrow(/sku_name/);
});
