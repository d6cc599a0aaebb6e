import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SKIPPED = new Set(["node_modules", ".git", "providers"]);

/**
 * Types of resources, data sources and ephemeral resources that the configurations and states in some folders
 * name, those of modules included. Reads text, not values, so it needs no Terraform and takes milliseconds.
 */
export function findTypesInUse(...folders: readonly string[]): string[] {
  const types = new Set<string>();
  for (const folder of folders) collect(folder, types);
  return [...types].sort();
}

function collect(folder: string, types: Set<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) collect(path, types);
    } else if (/\.(tf|tofu)\.json$/.test(entry.name)) {
      collectJson(readFileSync(path, "utf8"), types);
    } else if (/\.(tf|tofu)$/.test(entry.name)) {
      collectText(readFileSync(path, "utf8"), types);
    } else if (/\.tfstate(\.backup)?$/.test(entry.name)) {
      for (const [, type] of readFileSync(path, "utf8").matchAll(/"type": *"(\w+)"/g))
        types.add(type as string);
    }
  }
}

/** A file that isn't JSON is left to Terraform, which says what is wrong with it and where. */
function collectJson(text: string, types: Set<string>): void {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return;
  }
  for (const root of asList(file)) {
    for (const kind of ["resource", "data", "ephemeral"]) {
      for (const block of asList(root[kind])) {
        for (const type of Object.keys(block)) types.add(type);
      }
    }
    for (const { to } of asList(root.import)) addTarget(String(to), types);
  }
}

function collectText(text: string, types: Set<string>): void {
  for (const [, type] of text.matchAll(/^\s*(?:resource|data|ephemeral)\s+"?(\w+)"?\s/gm))
    types.add(type as string);
  for (const [, target] of text.matchAll(/^\s*to\s*=\s*(\S+)/gm)) addTarget(target as string, types);
}

function addTarget(address: string, types: Set<string>): void {
  const type = /(?:^|\.)([a-z]+_\w+)\./.exec(address)?.[1];
  if (type) types.add(type);
}

function asList(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === "object" && item !== null);
  return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
}
