import type { BlockSchema, NestingMode } from "../schema/schema";
import { canonical, isList, isObject, type ObjectValue, type Value } from "../value";

/** Equal as Terraform sees it: the order of a set doesn't count. */
export function equalBlocks(block: BlockSchema, one: ObjectValue, other: ObjectValue): boolean {
  return canonical(sortSets(block, one)) === canonical(sortSets(block, other));
}

/**
 * Equal as Terraform's SDK sees it once it has planned: nothing and zero values are the same, and a plan that comes to
 * that is none.
 *
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/v2.38.1/internal/configs/hcl2shim/values_equiv.go
 */
export function equivalentBlocks(block: BlockSchema, one: ObjectValue, other: ObjectValue): boolean {
  return equalBlocks(block, withoutZeros(one), withoutZeros(other));
}

function withoutZeros(value: ObjectValue): ObjectValue {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, orNull(item)]));
}

function orNull(value: Value): Value {
  if (isList(value)) return value.length === 0 ? null : value.map(orNull);
  if (isObject(value)) return Object.keys(value).length === 0 ? null : withoutZeros(value);
  return value === "" || value === 0 || value === false ? null : value;
}

function sortSets(block: Pick<BlockSchema, "attributes" | "block_types">, value: ObjectValue): ObjectValue {
  const sorted: Record<string, Value> = { ...value };
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const current = value[name] ?? null;
    if (Array.isArray(attribute.type) && attribute.type[0] === "set" && isList(current)) {
      sorted[name] = sortByText(current);
    }
    const nested = attribute.nested_type;
    if (nested) sorted[name] = sortElements(nested.nesting_mode, current, (item) => sortSets(nested, item));
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    sorted[name] = sortElements(nested.nesting_mode, value[name] ?? null, (item) =>
      sortSets(nested.block, item),
    );
  }
  return sorted;
}

function sortElements(mode: NestingMode, value: Value, sort: (item: ObjectValue) => ObjectValue): Value {
  if (isList(value)) {
    const items = value.map((item) => (isObject(item) ? sort(item) : item));
    return mode === "set" ? sortByText(items) : items;
  }
  if (!isObject(value)) return value;
  if (mode !== "map") return sort(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isObject(item) ? sort(item) : item]),
  );
}

export function sortByText(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) => [canonical(value), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([, value]) => value);
}
