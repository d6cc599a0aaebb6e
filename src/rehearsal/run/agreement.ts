import type { LedgerEntry, LedgerFile } from "../ledger";
import { simulatedProviders } from "../provider/providers";
import { providerVersions } from "../provider/schema/schema-store";
import type { StateResource, TerraformState } from "./terraform-state";

/** Providers that there is a cloud of. The resources of all others exist in the state alone. */
const IN_CLOUD = new Set(
  simulatedProviders.filter(({ inCloud }) => inCloud).map(({ name }) => providerVersions[name]?.source),
);

/**
 * Where the simulated cloud and the states of the stacks that share it disagree, one line each: what exists
 * in one of them only, and attributes that differ.
 */
export function findDisagreements(
  ledger: Pick<LedgerFile, "entries">,
  states: ReadonlyMap<string, TerraformState>,
): string[] {
  const entries = new Map(
    Object.values(ledger.entries).map((entry): [string, LedgerEntry] => [`${entry.type} ${entry.id}`, entry]),
  );
  const exists = new Set(Object.values(ledger.entries).flatMap(({ type, id }) => [id, `${type} ${id}`]));
  const owned = new Set<string>();
  const problems: string[] = [];
  for (const [stack, { resources }] of states) {
    for (const resource of resources) {
      if (!IN_CLOUD.has(resource.provider.split("/").slice(-2).join("/"))) continue;
      const id = String(resource.attributes.id ?? "");
      const key = `${resource.type} ${id}`;
      const entry = entries.get(key);
      if (entry === undefined) {
        problems.push(
          `${stack}: ${resource.address} is in the state, but the cloud has no ${resource.type} ${id}`,
        );
        continue;
      }
      owned.add(key);
      problems.push(...differences(resource, entry).map((line) => `${stack}: ${resource.address}: ${line}`));
    }
  }
  for (const [key, entry] of entries) {
    // What the cloud adds by itself beside a resource belongs to no state, and mostly goes with that resource.
    if (owned.has(key) || (entry.addedBy !== undefined && exists.has(entry.addedBy)) || entry.outlives)
      continue;
    problems.push(`orphan: ${titleOf(entry)} exists in the cloud, but in no state (${entry.id})`);
  }
  return problems;
}

/** What the cloud has made by itself and left behind: in a group of others, that is theirs to delete. */
export function findLeftBehind({ entries }: Pick<LedgerFile, "entries">): LedgerEntry[] {
  const all = Object.values(entries);
  const exists = new Set(all.map(({ id }) => id));
  return all.filter(({ outlives, addedBy }) => outlives && addedBy !== undefined && !exists.has(addedBy));
}

/** `<type> '<name>'`, or its type alone where it has no name. */
export function titleOf({ type, attributes }: LedgerEntry): string {
  return typeof attributes.name === "string" ? `${type} '${attributes.name}'` : type;
}

/** A state that ignores what the cloud fills in holds what was asked for. */
function differences(resource: StateResource, { attributes, asked = {} }: LedgerEntry): string[] {
  const [inCloud, wanted] = [attributes, asked].map(
    (values) => JSON.parse(JSON.stringify(values)) as Record<string, unknown>,
  );
  return Object.entries(resource.attributes)
    .filter(([key, value]) => comparable(value) !== comparable(inCloud?.[key]))
    .filter(([key, value]) => !(key in asked) || comparable(value) !== comparable(wanted?.[key]))
    .map(([key]) => `${key} in the state isn't what the cloud has`);
}

/** Equal for equal values, whatever the order of keys and of a set's elements. */
function comparable(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(comparable).sort().join(",")}]`;
  if (typeof value === "object") {
    const { $dynamic } = value as { $dynamic?: [unknown, unknown] };
    if ($dynamic !== undefined) return comparable({ type: $dynamic[0], value: $dynamic[1] });
    return `{${Object.entries(value)
      .map(([key, child]) => `${JSON.stringify(key)}:${comparable(child)}`)
      .sort()
      .join(",")}}`;
  }
  // A share such as 0.8 is none of a double's, and comes to a provider as text.
  return JSON.stringify(typeof value === "number" ? String(value) : value);
}
