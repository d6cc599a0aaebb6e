import type { Path } from "../path";
import type { BlockSchema } from "../schema/schema";
import { at, hasUnknown, isList, isObject, isUnknown, type ObjectValue, type Value } from "../value";

type Fields = Pick<BlockSchema, "attributes" | "block_types">;

/**
 * Known values at a path without indexes, in all blocks, each with where it stands. The elements of lists and sets
 * of simple values are values of their own.
 */
export function findValues(block: Fields, config: ObjectValue, path: string): [Value, Path][] {
  return findPlaces(block, config, path).flatMap(([value, where, isSet]): [Value, Path][] => {
    if (isObject(value)) return [];
    if (!isList(value)) return [[value, where]];
    return value.flatMap((item, index): [Value, Path][] =>
      item === null || isUnknown(item) || typeof item === "object"
        ? []
        : [[item, isSet ? where : [...where, index]]],
    );
  });
}

/** Known lists and sets of simple values at a path without indexes. */
export function findLists(block: Fields, config: ObjectValue, path: string): [readonly Value[], Path][] {
  return findPlaces(block, config, path).flatMap(([value, where]): [readonly Value[], Path][] =>
    isList(value) ? [[value, where]] : [],
  );
}

/** Where a path without indexes leads to, in all blocks; whether it is a set; what isn't known is left out. */
function findPlaces(
  block: Fields,
  config: ObjectValue,
  path: string,
): [Exclude<Value, null>, Path, boolean][] {
  const steps = path.split(".");
  const [top = ""] = steps;
  // The providers' SDK doesn't look into a block before all of it is known.
  if (steps.length > 1 && hasUnknown(config[top] ?? null)) return [];
  return follow(block, config, steps, []);
}

function follow(
  block: Fields,
  value: Value,
  steps: readonly string[],
  path: Path,
): [Exclude<Value, null>, Path, boolean][] {
  const [step, ...rest] = steps;
  if (step === undefined || !isObject(value)) return [];
  const found = value[step] ?? null;
  if (found === null || isUnknown(found)) return [];
  const here = [...path, step];
  const attribute = block.attributes?.[step];
  const nested = block.block_types?.[step];
  const mode = nested?.nesting_mode ?? attribute?.nested_type?.nesting_mode;
  const type = attribute?.type;
  const isSet = mode === "set" || (Array.isArray(type) && type[0] === "set");
  if (rest.length === 0) return [[found, here, isSet]];
  const inner = nested?.block ?? attribute?.nested_type ?? objectFields(type);
  if (!inner) return [];
  if (!isList(found)) return follow(inner, found, rest, here);
  // Terraform has no way to point at an element of a set.
  return found.flatMap((item, index) =>
    follow(inner, item, rest, isSet ? here : [...here, index]).map(
      ([deep, where, deepIsSet]): [Exclude<Value, null>, Path, boolean] => [
        deep,
        isSet ? here : where,
        deepIsSet,
      ],
    ),
  );
}

/** Lists of objects that are attributes: the provider checks them like blocks. */
function objectFields(type: unknown): Fields | undefined {
  if (!Array.isArray(type)) return undefined;
  const [kind, inner] = type;
  if (kind !== "object") return objectFields(inner);
  return {
    attributes: Object.fromEntries(
      Object.entries(inner as Record<string, never>).map(([name, child]) => [name, { type: child }]),
    ),
  };
}

/** What stands at a path with indexes. One that leads into a list without an index leads nowhere, as in the SDK. */
export function valueAt(config: ObjectValue, path: Path): Value | undefined {
  return at(config, path.join("."));
}

/** The steps of a path such as `template.0.container`. */
export function stepsOf(path: string): Path {
  return path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** Terraform points at a place only where it exists. */
export function existing(config: ObjectValue, path: Path): Path {
  let end = path.length;
  while (end > 0 && (at(config, path.slice(0, end).join(".")) ?? null) === null) end -= 1;
  return path.slice(0, end);
}

/** Every place of a path without indexes whose parent is there, with indexes; what a block hides is left out. */
export function findPlacesOf(config: ObjectValue, path: string): Path[] {
  const steps = path.split(".");
  const [top = ""] = steps;
  if (steps.length > 1 && hasUnknown(config[top] ?? null)) return [];
  return expand(config, steps, []);
}

function expand(value: Value, steps: readonly string[], path: Path): Path[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [path];
  if (isList(value)) return value.flatMap((item, index) => expand(item, steps, [...path, index]));
  if (!isObject(value)) return [];
  const here = [...path, step];
  return rest.length === 0 ? [here] : expand(value[step] ?? null, rest, here);
}
