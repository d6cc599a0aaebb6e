import { expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/rehearsal/ledger";
import { findDisagreements, findLeftBehind, titleOf } from "../../../src/rehearsal/run/agreement";
import type { StateResource, TerraformState } from "../../../src/rehearsal/run/terraform-state";

const AZURERM = "registry.terraform.io/hashicorp/azurerm";

function entry(id: string, attributes: LedgerEntry["attributes"] = {}, addedBy?: string): LedgerEntry {
  return { type: "azurerm_thing", id, scope: "s", createdAt: 1, attributes: { id, ...attributes }, addedBy };
}

function resource(
  id: string,
  attributes: StateResource["attributes"] = {},
  provider = AZURERM,
): StateResource {
  return {
    address: `azurerm_thing.${id}`,
    type: "azurerm_thing",
    name: id,
    provider,
    tainted: false,
    attributes: { id, ...attributes },
  };
}

function disagreements(entries: LedgerEntry[], resources: StateResource[]): string[] {
  const state: TerraformState = { resources, outputs: {} };
  return findDisagreements(
    { entries: Object.fromEntries(entries.map((each) => [`key ${each.id}`, each])) },
    new Map([["shop", state]]),
  );
}

test("equal cloud and state agree, whatever the order of a set", () => {
  expect(
    disagreements(
      [entry("a", { zones: ["1", "2"], tags: null })],
      [resource("a", { zones: ["2", "1"], tags: null })],
    ),
  ).toEqual([]);
});

test("a number is the same as a number and as the text that a provider gets it as", () => {
  expect(disagreements([entry("a", { share: "0.8" })], [resource("a", { share: 0.8 })])).toEqual([]);
  expect(disagreements([entry("a", { share: "0.8" })], [resource("a", { share: 0.5 })])).toEqual([
    "shop: azurerm_thing.a: share in the state isn't what the cloud has",
  ]);
});

test("what exists in the cloud alone is an orphan, with type, name and id", () => {
  expect(disagreements([entry("a", { name: "kv-shop" })], [])).toEqual([
    "orphan: azurerm_thing 'kv-shop' exists in the cloud, but in no state (a)",
  ]);
});

test("what exists in the state alone is named by stack and address", () => {
  expect(disagreements([], [resource("a")])).toEqual([
    "shop: azurerm_thing.a is in the state, but the cloud has no azurerm_thing a",
  ]);
});

test("an attribute that differs is named, its value isn't", () => {
  expect(disagreements([entry("a", { key: "new" })], [resource("a", { key: "old" })])).toEqual([
    "shop: azurerm_thing.a: key in the state isn't what the cloud has",
  ]);
});

test("what the cloud adds beside a resource is no orphan while that resource exists", () => {
  const added = entry("rule", {}, "a");
  expect(disagreements([entry("a"), entry("space", {}, "azurerm_thing a")], [resource("a")])).toEqual([]);
  expect(disagreements([entry("a"), added], [resource("a")])).toEqual([]);
  expect(disagreements([added], [])).toHaveLength(1);
});

test("what stays by itself when its resource goes is no orphan, and is said to be left behind", () => {
  const alert: LedgerEntry = { ...entry("rule", { name: "Failure Anomalies" }, "a"), outlives: true };
  expect(disagreements([alert], [])).toEqual([]);
  expect(findLeftBehind({ entries: { alert } }).map(titleOf)).toEqual(["azurerm_thing 'Failure Anomalies'"]);
  expect(findLeftBehind({ entries: { alert, a: entry("a") } })).toEqual([]);
  expect(findLeftBehind({ entries: { a: entry("a"), added: entry("b", {}, "gone") } })).toEqual([]);
});

test("random values and waits exist in the state alone", () => {
  expect(disagreements([], [resource("a", {}, "registry.terraform.io/hashicorp/random")])).toEqual([]);
});

test("what the cloud has filled in is no difference to who was asked, and keeps what was asked for", () => {
  const filled = { ...entry("a", { actions: ["join"] }), asked: { actions: null } };
  expect(disagreements([filled], [resource("a", { actions: null })])).toEqual([]);
  expect(disagreements([filled], [resource("a", { actions: ["join"] })])).toEqual([]);
  expect(disagreements([filled], [resource("a", { actions: ["leave"] })])).toEqual([
    "shop: azurerm_thing.a: actions in the state isn't what the cloud has",
  ]);
  expect(disagreements([entry("a", { actions: ["join"] })], [resource("a", { actions: null })])).toHaveLength(
    1,
  );
});

test("what only a state has is compared with no cloud", () => {
  const known = resource("a", {}, "registry.terraform.io/hashicorp/random");
  const given = resource("b", {}, "registry.terraform.io/hashicorp/aws");
  expect(disagreements([], [known, given])).toEqual([]);
});
