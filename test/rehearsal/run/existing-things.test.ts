import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readExistingThings } from "../../../src/rehearsal/run/existing-things";
import { RehearsalFailure } from "../../../src/rehearsal/run/failure";

const folder = mkdtempSync(join(tmpdir(), "a2a-existing-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function problemsOf(path: string): Promise<{ what: string; details?: readonly string[] }> {
  try {
    await readExistingThings(path);
  } catch (error) {
    if (error instanceof RehearsalFailure) return error.report;
    throw error;
  }
  throw new Error("it was taken");
}

const GROUP = { type: "azurerm_resource_group", attributes: { name: "rg-shared", location: "westeurope" } };

test("a list is read from JSON and from YAML alike", async () => {
  expect(await readExistingThings(write("list.json", JSON.stringify([GROUP])))).toEqual([GROUP]);
  const yaml = "- type: azurerm_resource_group\n  attributes: { name: rg-shared, location: westeurope }\n";
  expect(await readExistingThings(write("list.yaml", yaml))).toEqual([GROUP]);
});

test("the page's example is one", async () => {
  const page = readFileSync(join(__dirname, "../../../docs/rehearsal-alone.md"), "utf8");
  const [, example = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const types = (await readExistingThings(write("existing.yaml", example))).map(({ type }) => type);
  expect(types).toEqual(["azurerm_resource_group", "azurerm_virtual_network"]);
});

test("a state gives what it manages, without data sources and what no simulated cloud has", async () => {
  const instance = {
    schema_version: 0,
    attributes: { id: "/subscriptions/s/resourceGroups/rg-a", name: "rg-a" },
  };
  const resource = (mode: string, type: string) => ({ mode, type, name: "x", instances: [instance] });
  const state = {
    version: 4,
    terraform_version: "1.11.4",
    resources: [
      resource("managed", "azurerm_resource_group"),
      resource("data", "azurerm_resource_group"),
      resource("managed", "aws_vpc"),
    ],
  };
  expect(await readExistingThings(write("theirs.tfstate", JSON.stringify(state)))).toEqual([
    { type: "azurerm_resource_group", attributes: instance.attributes },
  ]);
});

test("all that is wrong is said at once, by entry", async () => {
  const path = write(
    "wrong.json",
    JSON.stringify([
      { ...GROUP, attributes: { name: "rg-shared", region: "westeurope" } },
      GROUP,
      { type: "azurerm_vnet", attributes: {} },
      { type: "aws_vpc", attributes: {} },
    ]),
  );
  const { what, details } = await problemsOf(path);
  expect(what).toBe(`${path} names what can't exist`);
  expect(details).toEqual([
    "entry 1: azurerm_resource_group has no argument 'region' (id, location, managed_by, name, tags, timeouts)",
    "entry 3: azurerm has no resource type 'azurerm_vnet'",
    "entry 4: no simulated cloud has 'aws_vpc' (azuread, azurerm, google, helm, kubernetes, random, time)",
  ]);
});

test.each([
  ["isn't there", undefined, /isn't there; give a list of \{ type, attributes \}/],
  ["is neither", '{ "groups": [] }', /doesn't say what exists; give a list/],
  ["is no YAML", "- [", /can't be read: .*; give a list/],
])("a file that %s is refused with what one looks like", async (_what, text, said) => {
  const path = text === undefined ? join(folder, "nowhere.json") : write("odd.yaml", text);
  expect((await problemsOf(path)).what).toMatch(said);
});
