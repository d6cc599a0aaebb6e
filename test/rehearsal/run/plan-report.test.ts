import { expect, test } from "vitest";
import { changedArguments } from "../../../src/plan/changed-arguments";
import { describeChanges, type PlanJson, redactPlan } from "../../../src/rehearsal/run/plan-report";

const REPLACEMENT: PlanJson = {
  resource_changes: [
    {
      address: "azurerm_container_app_environment.apps",
      mode: "managed",
      type: "azurerm_container_app_environment",
      name: "apps",
      change: {
        actions: ["delete", "create"],
        before: { name: "apps", infrastructure_resource_group_name: "ME_apps", key: "old-secret" },
        after: { name: "apps", infrastructure_resource_group_name: null, key: "new-secret" },
        after_unknown: { id: true },
        before_sensitive: { key: true },
        after_sensitive: { key: true },
        replace_paths: [["infrastructure_resource_group_name"]],
      },
    },
    {
      address: "azurerm_resource_group.group",
      mode: "managed",
      type: "azurerm_resource_group",
      name: "group",
      change: { actions: ["no-op"], before: {}, after: {} },
    },
  ],
};

test("a replacement is explained by the argument that forces it", () => {
  expect(describeChanges(REPLACEMENT)).toEqual([
    "azurerm_container_app_environment.apps would be replaced:\n    infrastructure_resource_group_name: ME_apps -> null (forces replacement)",
  ]);
});

test("drift says what changed in the cloud", () => {
  const change = { actions: ["update"], before: { sku: "a" }, after: { sku: "b" } };
  expect(
    describeChanges({ resource_drift: [{ address: "x.y", mode: "managed", type: "x", name: "y", change }] }),
  ).toEqual(["x.y was changed in the cloud, not by Terraform:\n    sku: a -> b"]);
});

test("what a block holds that comes or goes whole is not shown where it is sensitive", () => {
  const secret = [{ name: "token", value: "s3cr3t" }];
  const changed = changedArguments({
    actions: ["update"],
    before: { secret: null },
    after: { secret },
    after_sensitive: { secret: [{ value: true }] },
  });
  expect(changed).toMatchObject([
    { path: "secret.token.name", before: undefined, after: "token" },
    { path: "secret.token.value", before: "(sensitive)", after: "(sensitive)" },
  ]);
});

test.each([
  ["the name that it has", "web", "block.web.size"],
  ["its place, where its name is empty", "", "block.0.size"],
])("an element is told by %s", (_what, name, path) => {
  const block = (size: number) => ({ block: [{ name, size }] });
  const changed = changedArguments({ actions: ["update"], before: block(1), after: block(2) });
  expect(changed).toMatchObject([{ path, before: "1", after: "2" }]);
});

test("a plan for others to see has its values, but nothing sensitive", () => {
  const text = JSON.stringify(redactPlan(REPLACEMENT));
  expect(text).toContain("ME_apps");
  expect(text).not.toContain("old-secret");
  expect(text).not.toContain("new-secret");
});
