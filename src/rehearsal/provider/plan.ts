import type { AttributeSchema, BlockSchema, NestingMode, TypeSchema } from "./schema/schema";
import { canonical, isList, isObject, isUnknown, type ObjectValue, UNKNOWN, type Value } from "./value";

/** Steps from a resource to one of its values: attribute names, and indexes of lists. */
export type Path = readonly (string | number)[];

export interface Plan {
  readonly planned: ObjectValue;
  readonly requiresReplace: readonly Path[];
}

/**
 * What a provider answers to a proposed change: arguments as proposed; what the cloud decides stays as it was,
 * or is unknown when the thing (or the block) is new. Static defaults of computed arguments are known already.
 */
export function planChange(
  schema: TypeSchema,
  prior: ObjectValue | null,
  proposed: ObjectValue,
  defaults: Readonly<Record<string, Value>> = {},
): Plan {
  const settled = planBlock(schema.block, prior, proposed, "", {
    ...schema.rules?.defaults,
    ...defaults,
  } as Record<string, Value>);
  if (!prior) return { planned: settled, requiresReplace: [] };
  if (equalBlocks(schema.block, prior, settled)) return { planned: prior, requiresReplace: [] };
  const requiresReplace = (schema.rules?.forceNew ?? []).flatMap((path) =>
    changedPaths(schema.block, prior, settled, path.split("."), []),
  );
  return { planned: settled, requiresReplace };
}

function planBlock(
  block: Pick<BlockSchema, "attributes" | "block_types">,
  prior: ObjectValue | null,
  proposed: ObjectValue,
  path: string,
  defaults: Readonly<Record<string, Value>>,
): ObjectValue {
  const planned: Record<string, Value> = { ...proposed };
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    planned[name] = planAttribute(attribute, prior, proposed[name] ?? null, join(path, name), name, defaults);
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    planned[name] = mapElements(
      nested.nesting_mode,
      proposed[name] ?? null,
      prior?.[name] ?? null,
      (next, old) => planBlock(nested.block, old, next, join(path, name), defaults),
    );
  }
  return planned;
}

function planAttribute(
  attribute: AttributeSchema,
  prior: ObjectValue | null,
  proposed: Value,
  path: string,
  name: string,
  defaults: Readonly<Record<string, Value>>,
): Value {
  if (attribute.write_only) return null;
  if (proposed === null) {
    if (!attribute.computed || prior) return null;
    return defaults[path] ?? UNKNOWN;
  }
  const { nested_type: nested } = attribute;
  if (!nested) return proposed;
  return mapElements(nested.nesting_mode, proposed, prior?.[name] ?? null, (next, old) =>
    planBlock(nested, old, next, path, defaults),
  );
}

/** Elements with what each was before, as well as that can be told: by index, by key, or (sets) by being equal. */
function mapElements(
  mode: NestingMode,
  proposed: Value,
  prior: Value,
  map: (next: ObjectValue, old: ObjectValue | null) => ObjectValue,
): Value {
  if (proposed === null) return mode === "list" || mode === "set" ? [] : null;
  if (isUnknown(proposed)) return proposed;
  if (isList(proposed)) {
    const known = mode === "set" && isList(prior) ? new Set(prior.map(canonical)) : undefined;
    return proposed.map((next, index) => {
      if (!isObject(next)) return next;
      const old = known
        ? known.has(canonical(next))
          ? next
          : null
        : isList(prior)
          ? prior[index]
          : undefined;
      return map(next, isObject(old) ? old : null);
    });
  }
  if (!isObject(proposed)) return proposed;
  if (mode !== "map") return map(proposed, isObject(prior) ? prior : null);
  return Object.fromEntries(
    Object.entries(proposed).map(([key, next]) => {
      const old = isObject(prior) ? prior[key] : undefined;
      return [key, isObject(next) ? map(next, isObject(old) ? old : null) : next];
    }),
  );
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

/** Equal as Terraform sees it: the order of a set doesn't count. */
export function equalBlocks(block: BlockSchema, one: ObjectValue, other: ObjectValue): boolean {
  return canonical(sortSets(block, one)) === canonical(sortSets(block, other));
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

function sortByText(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) => [canonical(value), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([, value]) => value);
}

/** The places where an argument that forces replacement differs. Terraform can't name an element of a set. */
function changedPaths(
  block: Pick<BlockSchema, "attributes" | "block_types">,
  prior: Value,
  planned: Value,
  steps: readonly string[],
  path: Path,
): Path[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [];
  const before = isObject(prior) ? (prior[step] ?? null) : null;
  const after = isObject(planned) ? (planned[step] ?? null) : null;
  const here = [...path, step];
  const attribute = block.attributes?.[step];
  const nested = block.block_types?.[step];
  const inner = nested?.block ?? attribute?.nested_type;
  const mode = nested?.nesting_mode ?? attribute?.nested_type?.nesting_mode;
  const setLike = mode === "set" || (Array.isArray(attribute?.type) && attribute.type[0] === "set");
  if (rest.length === 0 || !inner || setLike) {
    const one = project(setLike && isList(before) ? sortByText(before) : before, rest);
    const other = project(setLike && isList(after) ? sortByText(after) : after, rest);
    return canonical(one) === canonical(other) ? [] : [here];
  }
  if (isUnknown(after)) return [here];
  if (isList(before) || isList(after)) {
    const old = isList(before) ? before : [];
    const next = isList(after) ? after : [];
    const length = Math.max(old.length, next.length);
    return Array.from({ length }, (_, index) =>
      changedPaths(inner, old[index] ?? null, next[index] ?? null, rest, [...here, index]),
    ).flat();
  }
  return changedPaths(inner, before, after, rest, here);
}

/** The values at a path of all elements, so that other changes of a set's elements don't count. */
function project(value: Value, steps: readonly string[]): Value {
  if (steps.length === 0) return value;
  if (isList(value)) return sortByText(value.map((item) => project(item, steps)));
  const [step, ...rest] = steps;
  return isObject(value) && step !== undefined ? project(value[step] ?? null, rest) : value;
}
