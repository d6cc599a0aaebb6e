import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ServedProvider } from "../../../src/rehearsal/provider/main";
import { SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import { chooseVersions } from "../../../src/rehearsal/provider-process";
import { RehearsalFailure } from "../../../src/rehearsal/run/failure";
import { readProviderSchemas } from "../../../src/rehearsal/run/provider-schemas";
import { rehearse } from "../../../src/rehearsal/run/rehearse";
import { useRehearsalProject } from "../../support/rehearsal-project";

const project = useRehearsalProject();
const folder = mkdtempSync(join(tmpdir(), "a2a-given-"));
afterAll(() => rmSync(folder, { recursive: true }));

const computed = { type: "string", computed: true };
const required = { type: "string", required: true };
const EMPTY = { version: 0, block: {} };

/** What `terraform providers schema -json` prints of some providers. */
function dump(name: string, providers: Readonly<Record<string, object>>): string {
  const path = join(folder, name);
  const addresses = Object.entries(providers).map(([source, schemas]) => [
    `registry.terraform.io/${source}`,
    { provider: EMPTY, ...schemas },
  ]);
  writeFileSync(
    path,
    JSON.stringify({ format_version: "1.0", provider_schemas: Object.fromEntries(addresses) }),
  );
  return path;
}

const AWS = {
  resource_schemas: {
    aws_vpc: { version: 1, block: { attributes: { id: computed, cidr_block: required, arn: computed } } },
  },
  data_source_schemas: {
    aws_region: { version: 0, block: { attributes: { id: computed, name: computed } } },
  },
};

async function failureOf(work: Promise<unknown>): Promise<RehearsalFailure["report"]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RehearsalFailure)) throw error ?? new Error("it passed");
  return error.report;
}

const VPC = `
  terraform {
    required_providers {
      aws = { source = "hashicorp/aws", version = "~> 6.0" }
    }
  }
  data "aws_region" "here" {}
  resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
  resource "aws_vpc" "other" { cidr_block = "10.1.0.0/16" }
  output "different" { value = aws_vpc.main.id != aws_vpc.other.id }
  output "region" { value = data.aws_region.here.name != null }`;

test("a provider of which only the schema is known is served, and the summary says so", async () => {
  const refused = await failureOf(rehearse({ ...project.props("foreign", VPC), command: "again" }));
  expect(refused.details?.join()).toContain("give its schema with --provider-schema");
  const givenProviders = await readProviderSchemas(dump("aws.json", { "hashicorp/aws": AWS }));
  const props = { ...project.props("foreign", VPC), givenProviders, verbose: true };
  await rehearse({ ...props, command: "again" });
  const said = props.said.join("\n");
  expect(said).toMatch(/✔ second plan foreign \(.*\) no changes/);
  expect(said).toMatch(/✔ nothing is left \(.*\) 0 in the cloud/);
  expect(said).toContain("different = true");
  expect(said).toContain("region = true");
  expect(said).toMatch(/schema only +1 type .*: aws_vpc/);
});

const azurerm = new SchemaStore("azurerm");

/** The resource group of a version to come, which has an owner. */
function nextAzurerm(): object {
  const block = azurerm.find("resource", "azurerm_resource_group")?.block;
  const attributes = { ...block?.attributes, owner: { type: "string", optional: true } };
  return {
    provider: azurerm.find("provider", "azurerm"),
    resource_schemas: { azurerm_resource_group: { version: 0, block: { ...block, attributes } } },
  };
}

const group = (version: string, more: string) => `
  terraform {
    required_providers {
      azurerm = { source = "hashicorp/azurerm", version = "${version}" }
    }
  }
  provider "azurerm" {
    features {}
    subscription_id = "6f1b2c3d-0000-4000-8000-000000000001"
  }
  resource "azurerm_resource_group" "group" {
    name     = "rg-shop"
    location = "westeurope"
    ${more}
  }`;

test("a constraint picks one of the versions that stand side by side", async () => {
  const next = group("~> 5.0", 'owner = "web"');
  const refused = await failureOf(rehearse({ ...project.props("next", next), command: "again" }));
  expect(refused.details?.join()).toMatch(/asked for in version ~> 5\.0, and simulated in version 4\./);
  const path = dump("azurerm.json", { "hashicorp/azurerm": nextAzurerm() });
  const givenProviders = await readProviderSchemas(`5.2.0=${path}`);
  const props = { ...project.props("next", next), givenProviders };
  await rehearse({ ...props, command: "again" });
  expect(props.said.join("\n")).toMatch(/✔ nothing is left/);
  // With the same two beside each other, who asks for the old one gets it: it knows no owner.
  const old = { ...project.props("old", group("~> 4.0", 'owner = "web"')), givenProviders };
  const report = await failureOf(rehearse({ ...old, command: "again" }));
  expect(report.details?.join("\n")).toContain('An argument named "owner" is not expected here');
  await old.workFolder.remove();
});

describe("of several versions", () => {
  const served = (version: string | undefined, isHeld = false): ServedProvider => ({
    source: "hashicorp/azurerm",
    protocol: 5,
    socket: `${version}.sock`,
    isHeld,
    ...(version !== undefined && { version }),
  });
  const all = [served("4.55.0", true), served("4.9.0"), served("5.10.0"), served("5.2.0")];
  const choose = (...constraints: string[]) =>
    chooseVersions(
      all,
      constraints.map((constraint) => ({ source: "hashicorp/azurerm", constraint })),
    ).map(({ version }) => version);

  test.each<[what: string, constraints: string[], chosen: string[]]>([
    ["without a constraint, the one that is simulated", [], ["4.55.0"]],
    ["the one that is simulated, where it is admitted beside others", [">= 4.0"], ["4.55.0"]],
    ["the highest that is admitted, by number", ["~> 5.0"], ["5.10.0"]],
    ["one that all constraints admit", [">= 4.0", "< 4.10"], ["4.9.0"]],
    ["none where none is admitted", ["~> 6.0"], []],
  ])("%s", (_what, constraints, chosen) => {
    expect(choose(...constraints)).toEqual(chosen);
  });

  test("a schema without a version stands for all of them", () => {
    const wanted = [{ source: "hashicorp/azurerm", constraint: "~> 9.0" }];
    expect(chooseVersions([served(undefined)], wanted)).toHaveLength(1);
  });
});

test.each([
  ["nowhere.json", undefined, /isn't there; give what `terraform providers schema -json` prints/],
  ["text.json", "schema", /can't be read: .*; give what/],
  ["other.json", "{}", /holds no schemas of providers; give what/],
])("%s is refused with what one gives", async (name, text, said) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  expect((await failureOf(readProviderSchemas(path))).what).toMatch(said);
});

test("a schema of what is simulated needs its version, and another one than that", async () => {
  const path = dump("same.json", { "hashicorp/azurerm": nextAzurerm() });
  for (const given of [path, `4.55.0=${path}`]) {
    expect((await failureOf(readProviderSchemas(given))).what).toContain("with the version before it");
  }
  expect(await readProviderSchemas(`4.54.0=${path}`)).toMatchObject([{ version: "4.54.0", protocol: 5 }]);
});
