import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { behavioursOf } from "../../../src/rehearsal/provider/behaviours";
import { planChange } from "../../../src/rehearsal/provider/planning/plan-change";
import type { BlockSchema } from "../../../src/rehearsal/provider/schema/schema";
import { SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import { at, canonical, isList, isObject, type Value } from "../../../src/rehearsal/provider/value";
import { Judge } from "./judge";
import { type Json, readVerdicts, type VerdictFile } from "./verdicts";

/** What stands around a resource (networks, vaults, identities) is nobody's business here. */
const withoutSurroundings = (type: string) =>
  behavioursOf(type).map((behaviour) => ({ ...behaviour, beforeCreate: undefined }));

const files = readVerdicts();

/**
 * Arguments where a simulated state and the real provider's differ, in what isn't computed. Nothing and a zero value are
 * the same here: the SDK writes either, and plans no change between them. So is the order of a set.
 */
function* differences(block: BlockSchema, one: Value, other: Value, path = ""): Generator<string> {
  const [simulated, real] = [one, other].map((value) => (isObject(value) ? value : {}));
  for (const [name, { computed, type }] of Object.entries(block.attributes ?? {})) {
    if (computed) continue;
    const isSet = Array.isArray(type) && type[0] === "set";
    const [here, there] = [simulated, real].map((side) => shown(side?.[name] ?? null, isSet));
    if (here !== there) yield `${path}${name}: ${here} instead of ${there}`;
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    if (name === "timeouts") continue;
    const [here = [], there = []] = [simulated, real].map((side) => blocksOf(side?.[name] ?? null));
    if (here.length !== there.length) yield `${path}${name}: ${here.length} instead of ${there.length}`;
    // Of a set, only the number: which element is which can't be told.
    else if (nested.nesting_mode !== "set") {
      for (const [index, element] of here.entries())
        yield* differences(nested.block, element, there[index] ?? null, `${path}${name}.${index}.`);
    }
  }
}

function shown(value: Value, isSet: boolean): string {
  if (value === null || value === "" || value === 0 || value === false) return "nothing";
  if (isList(value) && value.length === 0) return "nothing";
  if (isObject(value) && Object.keys(value).length === 0) return "nothing";
  return isSet && isList(value) ? canonical(value.map(canonical).sort()) : canonical(value);
}

function blocksOf(value: Value): readonly Value[] {
  return isList(value) ? value : isObject(value) ? [value] : [];
}

/** Planned away by the provider and filled in again when it reads the thing. */
const READ_BACK = ["address_type", "ip_version"].map((name) => `google_compute_global_address ${name}`);

async function compare(file: VerdictFile, defaults: "kept" | "dropped" = "kept"): Promise<string[]> {
  const schemas = new SchemaStore(file.provider);
  const judge = new Judge(file, withoutSurroundings);
  try {
    const found: string[] = [];
    for (const [type, real] of Object.entries(file.states)) {
      const { block, rules } = schemas.find("resource", type) ?? { block: {} };
      // A state whose required texts aren't the base's was made of another base.
      const same = Object.fromEntries(
        Object.entries(block.attributes ?? {}).flatMap(([name, { required }]) =>
          required ? [[name, real[name]]] : [],
        ),
      );
      const state = await judge.create(type, { ...file.bases[type], ...same } as Json);
      const dropped = Object.keys(rules?.defaults ?? {}).filter((path) => !path.includes("."));
      const seen =
        defaults === "kept"
          ? state
          : { ...state, ...Object.fromEntries(dropped.map((name) => [name, null])) };
      for (const difference of differences(block, seen, real as Value)) {
        const line = `${type} ${difference}`;
        if (!READ_BACK.some((known) => line.startsWith(known))) found.push(line);
      }
    }
    return found;
  } finally {
    judge.close();
  }
}

describe("a state holds what the real provider writes", () => {
  it.each(files.map((file) => [file.provider, file] as const))("of %s", async (_name, file) => {
    expect(Object.keys(file.states).length).toBeGreaterThan(2);
    expect(await compare(file)).toEqual([]);
  });

  it("and a default that is missing is noticed", async () => {
    const azurerm = files.find(({ provider }) => provider === "azurerm") as VerdictFile;
    const found = await compare(azurerm, "dropped");
    expect(found.length).toBeGreaterThan(50);
    expect(found).toContain('azurerm_redis_cache minimum_tls_version: nothing instead of "1.2"');
  });
});

const folder = mkdtempSync(join(tmpdir(), "a2a-charts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const chart = join(folder, "shop");
mkdirSync(chart);
writeFileSync(
  join(chart, "Chart.yaml"),
  "apiVersion: v2\nname: storefront\nversion: 1.10\nappVersion: 3.0\n",
);

const METADATA = { namespace: "shop", annotations: { note: "one" }, labels: { team: "web" } };
const MAPPING = { name: "shop.example.com", location: "europe-west4", spec: [{ route_name: "shop" }] };
const DEPLOYMENT = { name: "d", resource_group_name: "rg", deployment_mode: "Incremental" };
const SERVER = {
  name: "psql-shop",
  resource_group_name: "rg-shop",
  location: "westeurope",
  administrator_login: "fleet",
  administrator_password: "S3cret!pass",
  sku_name: "GP_Standard_D2s_v3",
  version: "17",
};

/** As measured with the real providers: what each writes where a configuration says nothing. */
describe("what nobody said is written as the real provider writes it", () => {
  it.each<[what: string, type: string, config: Json, state: Readonly<Record<string, unknown>>]>([
    [
      "a release has Helm's defaults",
      "helm_release",
      { name: "shop", chart, set: [{ name: "a", value: "1" }] },
      { wait: true, timeout: 300, render_subchart_notes: true, atomic: false, "set.0.type": "" },
    ],
    [
      "and no list of what it made, which an experiment keeps",
      "helm_release",
      { name: "shop", chart },
      { resources: null, manifest: null },
    ],
    [
      "the version is the chart's, to the letter",
      "helm_release",
      { name: "shop", chart },
      { version: "1.10", "metadata.chart": "storefront", "metadata.app_version": "3.0" },
    ],
    [
      "Google's labels count what Terraform made",
      "google_compute_global_address",
      { name: "front", labels: { team: "web" } },
      { effective_labels: { "goog-terraform-provisioned": "true", team: "web" } },
    ],
    [
      "but not on a forwarding rule",
      "google_compute_global_forwarding_rule",
      { name: "front", target: "t", labels: { team: "web" } },
      { effective_labels: { team: "web" }, terraform_labels: { team: "web" } },
    ],
    [
      "labels and annotations in a block, too",
      "google_cloud_run_domain_mapping",
      { ...MAPPING, metadata: [METADATA] },
      {
        "metadata.0.effective_labels": { "goog-terraform-provisioned": "true", team: "web" },
        "metadata.0.terraform_labels": { "goog-terraform-provisioned": "true", team: "web" },
        "metadata.0.effective_annotations": { note: "one" },
      },
    ],
    [
      "or under another name",
      "google_container_cluster",
      { name: "shop", resource_labels: { team: "web" } },
      { terraform_labels: { "goog-terraform-provisioned": "true", team: "web" } },
    ],
    [
      "the project is the provider's",
      "google_compute_network",
      { name: "shop" },
      { project: "shop-project" },
    ],
    [
      "unless nobody fills it in",
      "google_os_login_ssh_public_key",
      { user: "u", key: "k" },
      { project: null },
    ],
    [
      "what is read as JSON is JSON",
      "azurerm_resource_group_template_deployment",
      { ...DEPLOYMENT, template_content: "{}" },
      { parameters_content: "{}" },
    ],
    [
      "and kept as the provider writes it",
      "azurerm_resource_group_template_deployment",
      { ...DEPLOYMENT, template_content: '{ "b": "<",  "a": [1] }' },
      { template_content: '{"a":[1],"b":"\\u003c"}' },
    ],
    [
      "a bucket's place is in capitals",
      "google_storage_bucket",
      { name: "shop", location: "eu" },
      { location: "EU" },
    ],
    ["a pet has a name of two words", "random_pet", {}, { length: 2, separator: "-" }],
    [
      "a disk that nobody chose is the slowest of the default size",
      "azurerm_postgresql_flexible_server",
      SERVER,
      { storage_mb: 32_768, storage_tier: "P4" },
    ],
    [
      "and of a larger size",
      "azurerm_postgresql_flexible_server",
      { ...SERVER, storage_mb: 262_144 },
      { storage_tier: "P15" },
    ],
    [
      "what its blocks leave out is nothing",
      "azurerm_postgresql_flexible_server",
      { ...SERVER, authentication: [{ active_directory_auth_enabled: false }] },
      { "authentication.0.tenant_id": null, "authentication.0.password_auth_enabled": true },
    ],
    [
      "but empty beside a write-only argument, with which it is planned anew each time",
      "azurerm_postgresql_flexible_server",
      {
        ...SERVER,
        administrator_password: null,
        administrator_password_wo: "S3cret!pass",
        administrator_password_wo_version: 1,
        authentication: [{ active_directory_auth_enabled: false }],
      },
      {
        "authentication.0.tenant_id": "",
        "authentication.0.password_auth_enabled": true,
        source_server_id: null,
      },
    ],
  ])("%s", async (_what, type, config, expected) => {
    const [provider = ""] = type.split("_");
    const settings = [{ azurerm: { features: [{}] }, google: { project: "shop-project" } }[provider] ?? {}];
    const judge = new Judge({ provider, version: "", settings, bases: {}, states: {} }, withoutSurroundings);
    try {
      const state = await judge.create(type, config);
      expect(
        Object.fromEntries(Object.keys(expected).map((path) => [path, at(state, path) ?? null])),
      ).toEqual(expected);
    } finally {
      judge.close();
    }
  });
});

describe("a default that nobody overrides any more", () => {
  const schema = {
    version: 0,
    block: { attributes: { wait: { type: "bool", optional: true, computed: true } } },
    rules: { defaults: { wait: true } },
  };
  const was = { wait: false };

  it.each([
    ["comes back with a provider of the framework", false, true],
    ["stays away with one of the SDK, to which what is computed keeps its value", true, false],
  ])("%s", (_what, isLegacy, wait) => {
    const options = { isLegacy, config: { wait: null } };
    expect(planChange(schema, was, was, options).planned).toEqual({ wait });
  });
});
