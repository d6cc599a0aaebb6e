import { expect, test } from "vitest";
import { parseFault } from "../../../src/cli/fault-option";
import { orderStacks } from "../../../src/cli/stack-order";

const STACKS = ["dev", "production", "production-cluster", "registry", "staging"];

test.each([
  [["staging"], ["registry", "staging"]],
  [["production"], ["registry", "production", "production-cluster"]],
  [["all"], ["registry", "dev", "production", "production-cluster", "staging"]],
  [
    ["staging", "dev", "staging"],
    ["registry", "staging", "dev"],
  ],
])("%j deploys %j", (environments, order) => {
  expect(orderStacks(environments, STACKS)).toEqual(order);
});

test("an environment deploys the registries that it pulls from, and no other", () => {
  const stacks = [...STACKS, "google-registry"];
  const registriesOf = (name: string) =>
    name === "production" ? ["registry", "google-registry"] : ["registry"];
  expect(orderStacks(["staging"], stacks, registriesOf)).toEqual(["registry", "staging"]);
  expect(orderStacks(["production", "staging"], stacks, registriesOf)).toEqual([
    "registry",
    "google-registry",
    "production",
    "production-cluster",
    "staging",
  ]);
});

test.each(["stagin", "registry", "production-cluster"])("'%s' is no environment", (name) => {
  expect(() => orderStacks([name], STACKS)).toThrow(
    `there is no environment '${name}' (dev, production, staging, all)`,
  );
});

test("a fault is a type, and if need be a name, an attempt, an action and a delay", () => {
  expect(parseFault("azurerm_key_vault")).toMatchObject({
    type: "azurerm_key_vault",
    error: expect.any(String),
  });
  expect(parseFault("azurerm_key_vault:kv-shop@2/update")).toMatchObject({
    name: "kv-shop",
    attempt: 2,
    action: "update",
  });
  expect(parseFault("azurerm_key_vault=500")).toEqual({ type: "azurerm_key_vault", delayMs: 500 });
  expect(() => parseFault("Key Vault")).toThrow(/Write a resource type/);
});

test("a fault of a type that no simulated cloud has is refused, since it would never happen", () => {
  expect(() => parseFault("azurerm_container_ap:inventory")).toThrow(
    "No simulated cloud has resources of type 'azurerm_container_ap'; correct the name to 'azurerm_container_app'.",
  );
  expect(() => parseFault("aws_instance")).toThrow(/'aws_instance'; start it with .*azurerm/);
});
