/**
 * Rewrites the schemas from `terraform providers schema -json`, at the versions that the `@cdktf/provider-*`
 * packages bind.
 *
 *   npm run schemas:refresh                       asks the registry, keeps the rules as they are
 *   npm run schemas:refresh -- --from <folder>    takes <name>.json and <name>.rules.json from a folder
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Command } from "commander";
import { boundProviderVersions } from "./bound-versions";
import { type ProviderDump, protocolOf, type RulesByKind, schemaLines } from "./provider-dump";
import type { TypeRules } from "./schema";
import { type ProviderVersion, type SchemaKind, SchemaStore, schemaFile, schemaFolder } from "./schema-store";

function askRegistry(bound: Readonly<Record<string, ProviderVersion>>): Record<string, ProviderDump> {
  const folder = mkdtempSync(join(tmpdir(), "a2a-schemas-"));
  try {
    const required = Object.fromEntries(
      Object.entries(bound).map(([name, { source, version }]) => [name, { source, version }]),
    );
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: required } }),
    );
    const terraform = (...args: string[]) =>
      execFileSync("terraform", args, {
        cwd: folder,
        encoding: "utf8",
        maxBuffer: 1 << 30,
        stdio: ["ignore", "pipe", "inherit"],
      });
    terraform("init", "-input=false", "-no-color");
    const dump = JSON.parse(terraform("providers", "schema", "-json"));
    return Object.fromEntries(
      Object.entries(bound).map(([name, { source }]) => [
        name,
        dump.provider_schemas[`registry.terraform.io/${source}`],
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readFolder(folder: string, names: readonly string[]): Record<string, ProviderDump> {
  return Object.fromEntries(
    names.map((name) => {
      const dump = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
      return [name, Object.values(dump.provider_schemas)[0] as ProviderDump];
    }),
  );
}

function keptRules(name: string): RulesByKind {
  if (!existsSync(schemaFile(name))) return {};
  const store = new SchemaStore(name);
  const ofKind = (kind: SchemaKind) =>
    Object.fromEntries(
      store.types(kind).flatMap((type) => {
        const rules = store.find(kind, type)?.rules;
        return rules ? [[type, rules]] : [];
      }),
    );
  return {
    provider: ofKind("provider"),
    resource: ofKind("resource"),
    data: ofKind("data"),
    ephemeral: ofKind("ephemeral"),
  };
}

function readRules(folder: string, name: string): Record<string, TypeRules> {
  return JSON.parse(readFileSync(join(folder, `${name}.rules.json`), "utf8"));
}

/** What a folder's rules don't speak of stays: not every fact comes from there, and none about data sources. */
function mergeRules(kept: RulesByKind, given: Readonly<Record<string, TypeRules>>): RulesByKind {
  const types = new Set([...Object.keys(kept.resource ?? {}), ...Object.keys(given)]);
  const resource = Object.fromEntries(
    [...types].map((type) => [type, { ...kept.resource?.[type], ...given[type] }]),
  );
  return { ...kept, resource };
}

function write(name: string, dump: ProviderDump, rules: RulesByKind): number {
  const lines = schemaLines(name, dump, rules);
  writeFileSync(schemaFile(name), gzipSync(lines.join(""), { level: 9 }));
  return lines.length;
}

function refresh(from: string | undefined): void {
  const bound = boundProviderVersions();
  const dumps = from ? readFolder(from, Object.keys(bound)) : askRegistry(bound);
  const versions: Record<string, ProviderVersion> = {};
  for (const [name, dump] of Object.entries(dumps)) {
    const given = from ? readRules(from, name) : {};
    const rules = mergeRules(keptRules(name), given);
    const count = write(name, dump, rules);
    versions[name] = { ...(bound[name] as ProviderVersion), protocol: protocolOf(dump) };
    process.stdout.write(`${name} ${versions[name].version}: ${count} schemas\n`);
  }
  writeFileSync(join(schemaFolder, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
}

const { from } = new Command()
  .option("--from <folder>", "folder with <name>.json and <name>.rules.json instead of the registry")
  .parse()
  .opts<{ from?: string }>();
try {
  refresh(from);
} catch (error) {
  const [reason] = (error as Error).message.split("\n");
  process.stderr.write(
    `schemas:refresh: ${reason}; nothing was changed. It needs ${from ? `${from}/<name>.json and <name>.rules.json` : "terraform and a registry that it can reach, or --from <folder>"}\n`,
  );
  process.exitCode = 1;
}
