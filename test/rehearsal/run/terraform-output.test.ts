import { expect, test } from "vitest";
import {
  missingThingsAdvice,
  protectedBy,
  readTerraformLine,
  terraformErrors,
} from "../../../src/rehearsal/run/terraform-output";

test.each([
  ["Plan: 150 to add, 2 to change, 3 to destroy.", { kind: "planned", total: 155 }],
  ["Plan: 1 to add, 0 to change, 0 to destroy, 2 to forget.", { kind: "planned", total: 1 }],
  ["Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.", { kind: "planned", total: 1 }],
  [
    "shop  azurerm_key_vault.kv: Creating...",
    { kind: "started", address: "azurerm_key_vault.kv", action: "creating" },
  ],
  [
    "      azurerm_key_vault.kv: Creation complete after 12s [id=/x]",
    { kind: "finished", address: "azurerm_key_vault.kv", action: "created" },
  ],
  [
    'module.a["x: y"].azurerm_key_vault.kv: Destruction complete after 0s',
    { kind: "finished", address: 'module.a["x: y"].azurerm_key_vault.kv', action: "destroyed" },
  ],
])("'%s' is read as progress", (line, event) => {
  expect(readTerraformLine(line, "shop")).toEqual(event);
});

test.each(["", "shop", "Initializing the backend...", "  + name = 'x: Creating'"])(
  "'%s' is no progress",
  (line) => {
    expect(readTerraformLine(line, "shop")).toBeUndefined();
  },
);

const FRAMED = `
shop  ╷
      │ Error: Instance cannot be destroyed
      │
      │   with azurerm_key_vault.kv (kv),
      │   on cdk.tf.json line 3, in resource.azurerm_key_vault:
      │
      │ Resource azurerm_key_vault.kv has lifecycle.prevent_destroy set
      ╵
╷
│ Warning: Deprecated
╵
`;

test("errors carry the address that Terraform names, each once, without warnings", () => {
  const errors = terraformErrors(FRAMED + FRAMED);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.address).toBe("azurerm_key_vault.kv");
  expect(errors[0]?.text).toMatch(/^Error: Instance cannot be destroyed\n[^│]+prevent_destroy set$/);
});

/** As Terraform frames an error in a block of which it names no address. */
const framed = (where: string) =>
  `╷\n│ Error: Invalid\n│\n│   on main.tf line 3, ${where}:\n│    3:   x\n╵\n`;

test.each([
  [
    "a resource of cdktf",
    "in resource.azurerm_key_vault.kv (shop/vault).lifecycle.precondition[0]",
    "azurerm_key_vault.kv",
  ],
  ["a resource in HCL", 'in resource "azurerm_key_vault" "kv"', "azurerm_key_vault.kv"],
  ["a data source", 'in data "azurerm_key_vault" "kv"', "data.azurerm_key_vault.kv"],
  ["a variable, which is no resource", 'in variable "kv"', undefined],
])("an error in %s is about that", (_what, where, address) => {
  expect(terraformErrors(framed(where)).map((error) => error.address)).toEqual([address]);
});

test.each([
  ["Terraform", "Resource azurerm_key_vault.kv has\nlifecycle.prevent_destroy set, but the plan calls"],
  ["OpenTofu before 1.12", "Resource azurerm_key_vault.kv has lifecycle.prevent_destroy set, but"],
  ["OpenTofu", "Resource instance\nazurerm_key_vault.kv has prevent_destroy set, but the plan calls"],
])("what %s protects is told by its address", (_program, said) => {
  expect(protectedBy({ text: `Error: Instance cannot be destroyed\n\n${said}` })).toBe(
    "azurerm_key_vault.kv",
  );
});

test("what a provider protects is told in its words, and another error is none of these", () => {
  const text =
    "Error: Cannot destroy instance without setting deletion_protection=false\n\n  with google_x.y,";
  expect(protectedBy({ text })).toBe("Cannot destroy instance without setting deletion_protection=false");
  expect(protectedBy({ text: "Error: prevent_destroy has to be a boolean" })).toBeUndefined();
});

test("who looks for what nobody made is told how to name it, and nobody else is", () => {
  const missing = {
    address: "data.azurerm_subnet.apps",
    text: 'Error: Subnet (Name: "snet-apps") was not found',
  };
  const onGoogle = {
    address: "data.google_compute_network.shared",
    text: "Error: googleapi: Error 404: not found",
  };
  expect(missingThingsAdvice([missing, missing, onGoogle])).toMatch(
    /--existing .*: azurerm_subnet, google_compute_network$/,
  );
  expect(missingThingsAdvice([{ ...missing, address: "azurerm_subnet.apps" }])).toBeUndefined();
  expect(missingThingsAdvice([{ ...missing, text: "Error: permission denied" }])).toBeUndefined();
});
