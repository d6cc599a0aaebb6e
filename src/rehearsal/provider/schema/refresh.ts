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
import { type ProviderDump, protocolOf, schemaLines } from "./provider-dump";
import type { TypeRules } from "./schema";
import { type ProviderVersion, SchemaStore, schemaFile, schemaFolder } from "./schema-store";

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

function keptRules(name: string): Record<string, TypeRules> {
  if (!existsSync(schemaFile(name))) return {};
  const store = new SchemaStore(name);
  return Object.fromEntries(
    store.types("resource").map((type) => [type, store.find("resource", type)?.rules ?? {}]),
  );
}

function readRules(folder: string, name: string): Record<string, TypeRules> {
  return JSON.parse(readFileSync(join(folder, `${name}.rules.json`), "utf8"));
}

/** What a folder's rules don't speak of stays: not every fact comes from there. */
function mergeRules(
  kept: Readonly<Record<string, TypeRules>>,
  given: Readonly<Record<string, TypeRules>>,
): Record<string, TypeRules> {
  const types = new Set([...Object.keys(kept), ...Object.keys(given)]);
  return Object.fromEntries([...types].map((type) => [type, { ...kept[type], ...given[type] }]));
}

function write(name: string, dump: ProviderDump, rules: Readonly<Record<string, TypeRules>>): number {
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
