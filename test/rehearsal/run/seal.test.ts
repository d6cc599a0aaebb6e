import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { providerVersions } from "../../../src/rehearsal/provider/schema/schema-store";
import {
  findUnsealed,
  forgetOtherBackend,
  type SealProps,
  sealTerraformFolder,
} from "../../../src/rehearsal/run/seal";
import { OVERRIDE_FILE } from "../../../src/rehearsal/run/terraform-folder";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PROPS: SealProps = {
  statePath: "/work/state/shop.tfstate",
  served: new Set(["hashicorp/azurerm"]),
  remoteStatePath: ({ config }) => (config.key === "hub" ? "/work/state/hub.tfstate" : undefined),
};

async function seal(text: string, props: Partial<SealProps> = {}, name = "main.tf") {
  writeFileSync(join(folder, name), name.endsWith(".json") ? text : spread(text));
  const problems = await sealTerraformFolder(folder, { ...PROPS, ...props });
  return { problems, override: JSON.parse(readFileSync(join(folder, OVERRIDE_FILE), "utf8")) };
}

/** HCL wants nested blocks on lines of their own. */
function spread(text: string): string {
  return text.replaceAll("{", "{\n").replaceAll("}", "\n}\n");
}

const LOCAL = { backend: { local: { path: "/work/state/shop.tfstate" } } };

test.each([
  ['terraform { backend "azurerm" { key = "real" } }', "main.tf"],
  ['terraform { cloud { organization = "acme" } }', "main.tf"],
  ['{"terraform":{"backend":{"gcs":{"bucket":"real"}}}}', "cdk.tf.json"],
  ["", "main.tf"],
])("whatever the backend, state is a file of the work folder: %s", async (text, name) => {
  const { problems, override } = await seal(text, {}, name);
  expect(problems).toEqual([]);
  expect(override.terraform).toEqual(LOCAL);
});

const STATE_ADDRESS = "http://127.0.0.1:1/token/shop";
const SERVED = {
  address: STATE_ADDRESS,
  lock_address: STATE_ADDRESS,
  unlock_address: STATE_ADDRESS,
};

test("a state that is served is read and locked where it is", async () => {
  const { override } = await seal('terraform { backend "azurerm" { key = "real" } }', {
    stateAddress: STATE_ADDRESS,
  });
  expect(override.terraform).toEqual({ backend: { http: SERVED } });
});

test("a remote state is read from the file of the stack that writes it, in its default workspace", async () => {
  const { problems, override } = await seal(`
    data "terraform_remote_state" "hub" {
      backend   = "azurerm"
      workspace = "prod"
      config    = { key = "hub" }
    }`);
  expect(problems).toEqual([]);
  expect(override.data.terraform_remote_state.hub).toEqual({
    backend: "local",
    config: { path: "/work/state/hub.tfstate" },
    workspace: null,
  });
});

test.each([
  ['terraform { required_providers { azurerm = { source = "hashicorp/azurerm"\n version = "~> 5.0" } } }'],
  ['terraform { required_providers { azurerm = "~> 5.0" } }'],
])("a version of a provider that isn't the simulated one is refused, with both: %s", async (text) => {
  const { azurerm } = providerVersions;
  const { problems } = await seal(text);
  expect(problems).toEqual([
    expect.stringContaining(
      `hashicorp/azurerm is asked for in version ~> 5.0, and simulated in version ${azurerm?.version}`,
    ),
  ]);
  expect((await seal(text.replace("~> 5.0", "~> 4.0"))).problems).toEqual([]);
});

const PROVISIONER = '{ "local-exec": { "command": "true" } }';

test.each([
  `{ "resource": { "azurerm_x": { "a": { "provisioner": ${PROVISIONER} } } }, "resource": {} }`,
  `{ "resource": { "azurerm_x": { "a": { "provisioner": ${PROVISIONER}, "provisioner": null } } } }`,
  `{ "data": { "terraform_remote_state": { "a": {} } }, "data": {} }`,
])("a key that stands twice in JSON is refused, since Terraform reads both: %s", async (text) => {
  await expect(seal(text, {}, "main.tf.json")).rejects.toThrow(
    /main\.tf\.json is no Terraform configuration/,
  );
  await expect(seal(text, {}, "main.tf.json")).rejects.toMatchObject({
    report: { details: [expect.stringContaining("Map keys must be unique")] },
  });
});

test("text that looks like a key is none", async () => {
  const text = JSON.stringify({ locals: { a: '"resource": {}', "b:": ["a", "a", '\\":'] } });
  expect((await seal(text, {}, "main.tf.json")).problems).toEqual([]);
});

test("a remote state that no stack here writes is refused", async () => {
  const { problems } = await seal(
    'data "terraform_remote_state" "x" { backend = "s3"\n config = { key = "other" } }',
  );
  expect(problems).toEqual([expect.stringMatching(/terraform_remote_state\.x .*key="other"/)]);
});

test.each([
  ['resource "aws_s3_bucket" "b" {}', /hashicorp\/aws isn't served/],
  ['terraform { required_providers { x = { source = "acme/x" } } }', /acme\/x isn't served/],
  ['data "external" "e" { program = ["sh"] }', /hashicorp\/external isn't served/],
  [
    'removed { from = azurerm_x.a\n lifecycle { destroy = true }\n provisioner "local-exec" { command = "true"\n when = destroy } }',
    /removed .*azurerm_x\.a.* has a provisioner/,
  ],
  ['module "m" { source = "git::https://example.com/m.git" }', /module m comes from git::/],
  [
    'check "c" { data "terraform_remote_state" "x" { backend = "gcs" } }',
    /check c reads a remote state, which no override reaches/,
  ],
  [
    'resource "terraform_data" "d" {\n provisioner "local-exec" { command = "rm -rf /" } }',
    /terraform_data\.d has a provisioner/,
  ],
])("what can't be kept from the real world is refused: %s", async (text, message) => {
  expect((await seal(text)).problems).toEqual([expect.stringMatching(message)]);
});

test("an override file that would win over the rehearsal's is refused", async () => {
  const { problems } = await seal('terraform { backend "gcs" {} }', {}, "zzzz_override.tf");
  expect(problems).toEqual([expect.stringMatching(/zzzz_override\.tf would override/)]);
});

const GUARDED = `
  resource "azurerm_key_vault" "kv" { lifecycle { prevent_destroy = true } }
  resource "azurerm_key_vault" "free" { lifecycle { prevent_destroy = false } }`;

test("prevent_destroy is taken off only when asked, and only where it is", async () => {
  expect((await seal(GUARDED)).override.resource).toBeUndefined();
  expect((await seal(GUARDED, { unprotect: true })).override.resource).toEqual({
    azurerm_key_vault: { kv: { lifecycle: { prevent_destroy: false } } },
  });
});

test.each<[what: string, backend: object | undefined, modules: object[], problems: string[]]>([
  ["its own file and folders", { type: "local", config: { path: PROPS.statePath } }, [], []],
  [
    "another file",
    { type: "local", config: { path: "/elsewhere.tfstate" } },
    [],
    ["Terraform keeps its state in the backend local"],
  ],
  [
    "a real backend",
    { type: "azurerm", config: { key: "shop" } },
    [],
    ["Terraform keeps its state in the backend azurerm"],
  ],
  ["no backend at all", undefined, [], ["Terraform keeps its state in the backend that it has by default"]],
  [
    "a module that was fetched",
    { type: "local", config: { path: PROPS.statePath } },
    [{ Key: "network", Dir: ".terraform/modules/network" }],
    ["Terraform reads module network from .terraform/modules/network"],
  ],
])("Terraform that has read %s is told from what was sealed", async (_what, backend, modules, problems) => {
  mkdirSync(join(folder, ".terraform/modules"), { recursive: true });
  writeFileSync(join(folder, ".terraform/terraform.tfstate"), JSON.stringify({ version: 3, backend }));
  const all = [{ Key: "", Dir: "." }, { Key: "near", Dir: "../near" }, ...modules];
  writeFileSync(join(folder, ".terraform/modules/modules.json"), JSON.stringify({ Modules: all }));
  const configurationFolders = [folder, join(folder, "../near")];
  expect(await findUnsealed(folder, { statePath: PROPS.statePath ?? "", configurationFolders })).toEqual(
    problems,
  );
});

test.each<[string, object, string | undefined, string[]]>([
  ["its own address", { type: "http", config: SERVED }, STATE_ADDRESS, []],
  [
    "another's lock",
    { type: "http", config: { ...SERVED, lock_address: "http://elsewhere" } },
    STATE_ADDRESS,
    ["Terraform keeps its state in the backend http"],
  ],
  [
    "the file behind its back",
    { type: "local", config: { path: PROPS.statePath } },
    STATE_ADDRESS,
    ["Terraform keeps its state in the backend local"],
  ],
  [
    "an address that nobody serves any more",
    { type: "http", config: SERVED },
    undefined,
    ["Terraform keeps its state in the backend http"],
  ],
])(
  "Terraform that keeps a served state in %s is told, and forgets it",
  async (_what, backend, stateAddress, problems) => {
    const place = { statePath: PROPS.statePath ?? "", stateAddress };
    mkdirSync(join(folder, ".terraform"));
    writeFileSync(join(folder, ".terraform/terraform.tfstate"), JSON.stringify({ version: 3, backend }));
    expect(await findUnsealed(folder, { ...place, configurationFolders: [folder] })).toEqual(problems);
    await forgetOtherBackend(folder, place);
    expect(existsSync(join(folder, ".terraform"))).toBe(problems.length === 0);
  },
);
