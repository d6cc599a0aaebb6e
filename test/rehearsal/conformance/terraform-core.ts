import type {
  AttributeSchema,
  BlockSchema,
  NestedBlock,
  TypeConstraint,
} from "../../../src/rehearsal/provider/schema/schema";
import {
  canonical,
  fromJson,
  isList,
  isObject,
  isUnknown,
  type ObjectValue,
  type Value,
} from "../../../src/rehearsal/provider/value";

/**
 * What Terraform itself does with a resource's configuration before and after it asks the provider, as far as
 * literal configurations in JSON need it: decode by schema, and propose a new state.
 *
 * @see https://github.com/hashicorp/terraform/blob/v1.11.4/internal/plans/objchange/objchange.go
 */
export interface Decoded {
  readonly config: ObjectValue;
  /** What Terraform refuses before the provider is asked. */
  readonly problems: readonly string[];
}

export function decodeConfig(block: BlockSchema, json: Readonly<Record<string, unknown>>): Decoded {
  const problems: string[] = [];
  return { config: decodeBlock(block, json, "", problems), problems };
}

function decodeBlock(
  block: BlockSchema,
  json: Readonly<Record<string, unknown>>,
  path: string,
  problems: string[],
): ObjectValue {
  const { attributes = {}, block_types: blocks = {} } = block;
  for (const name of Object.keys(json)) {
    if (!(name in attributes) && !(name in blocks)) problems.push(`${path}${name}: unsupported argument`);
  }
  const decoded: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    decoded[name] = decodeAttribute(attribute, json[name], `${path}${name}`, problems);
  }
  for (const [name, nested] of Object.entries(blocks)) {
    decoded[name] = decodeBlocks(nested, json[name], `${path}${name}`, problems);
  }
  return decoded;
}

function decodeAttribute(attribute: AttributeSchema, json: unknown, path: string, problems: string[]): Value {
  if (json === undefined || json === null) {
    if (attribute.required) problems.push(`${path}: missing required argument`);
    return null;
  }
  return convert(attribute.type ?? "dynamic", json, path, problems);
}

function decodeBlocks(nested: NestedBlock, json: unknown, path: string, problems: string[]): Value {
  const given = json === undefined || json === null ? [] : Array.isArray(json) ? json : [json];
  const values = given.map((element, index) =>
    decodeBlock(nested.block, element as Record<string, unknown>, `${path}.${index}.`, problems),
  );
  if (nested.nesting_mode === "single" || nested.nesting_mode === "group") return values[0] ?? null;
  const { min_items: min = 0, max_items: max = 0 } = nested;
  if (values.length < min) problems.push(`${path}: at least ${min} blocks are required`);
  if (max > 0 && values.length > max) problems.push(`${path}: no more than ${max} blocks are allowed`);
  return values;
}

/** cty's conversion of a JSON value to a type. */
function convert(type: TypeConstraint, json: unknown, path: string, problems: string[]): Value {
  if (json === null || json === undefined) return null;
  if (isUnknown(json as Value)) return json as Value;
  const refuse = (wanted: string): null => {
    problems.push(`${path}: ${wanted} required`);
    return null;
  };
  if (type === "string") return typeof json === "object" ? refuse("string") : String(json);
  if (type === "bool") {
    if (typeof json === "boolean") return json;
    return json === "true" || json === "false" ? json === "true" : refuse("a bool");
  }
  if (type === "number") {
    if (typeof json === "number") return json;
    return typeof json === "string" && json.trim() !== "" && !Number.isNaN(Number(json))
      ? Number(json)
      : refuse("a number");
  }
  if (typeof type === "string") return fromJson(json);
  const [kind, inner] = type;
  if (kind === "map") {
    if (typeof json !== "object" || Array.isArray(json)) return refuse("map");
    const entries = Object.entries(json).map(([key, item]) => [
      key,
      convert(inner as TypeConstraint, item, `${path}.${key}`, problems),
    ]);
    return Object.fromEntries(entries);
  }
  if (kind === "object") {
    if (typeof json !== "object" || Array.isArray(json)) return refuse("object");
    const attributes = inner as Readonly<Record<string, TypeConstraint>>;
    const entries = Object.entries(attributes).map(([name, child]) => [
      name,
      convert(child, (json as Record<string, unknown>)[name], `${path}.${name}`, problems),
    ]);
    return Object.fromEntries(entries);
  }
  // A list of objects may be written like a block, which may be one object.
  const isObjects = Array.isArray(inner) && inner[0] === "object";
  const items = Array.isArray(json) ? json : isObjects && typeof json === "object" ? [json] : undefined;
  if (items === undefined) return refuse(kind);
  const values = items.map((item, index) =>
    convert(inner as TypeConstraint, item, `${path}.${index}`, problems),
  );
  return kind === "set" ? distinct(values) : values;
}

function distinct(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [canonical(value), value])).values()];
}

/** What Terraform proposes to the provider: the configuration, and of computed attributes what there was before. */
export function proposeNew(block: BlockSchema, prior: ObjectValue | null, config: ObjectValue): ObjectValue {
  const proposed: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const given = config[name] ?? null;
    proposed[name] = given === null && attribute.computed ? (prior?.[name] ?? null) : given;
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    proposed[name] = proposeBlocks(nested, prior?.[name] ?? null, config[name] ?? null);
  }
  return proposed;
}

function proposeBlocks(nested: NestedBlock, prior: Value, config: Value): Value {
  if (!isList(config)) {
    return isObject(config) ? proposeNew(nested.block, isObject(prior) ? prior : null, config) : config;
  }
  const before = isList(prior) ? [...prior] : [];
  return config.map((element, index) => {
    if (!isObject(element)) return element;
    if (nested.nesting_mode === "list") {
      const old = before[index];
      return proposeNew(nested.block, isObject(old) ? old : null, element);
    }
    // An element of a set is the same as before when nothing that the configuration says differs.
    const at = before.findIndex((old) => isObject(old) && couldBe(nested.block, old, element));
    const [old] = at === -1 ? [] : before.splice(at, 1);
    return proposeNew(nested.block, isObject(old) ? old : null, element);
  });
}

function couldBe(block: BlockSchema, prior: ObjectValue, config: ObjectValue): boolean {
  const attributes = Object.entries(block.attributes ?? {}).every(([name, attribute]) => {
    const given = config[name] ?? null;
    return (
      (given === null && attribute.computed === true) || canonical(given) === canonical(prior[name] ?? null)
    );
  });
  return (
    attributes &&
    Object.entries(block.block_types ?? {}).every(([name, nested]) => {
      const before = prior[name] ?? null;
      const given = config[name] ?? null;
      if (!isList(before) || !isList(given)) return canonical(before) === canonical(given);
      return (
        before.length === given.length &&
        before.every((old, index) => {
          const next = given[index];
          return isObject(old) && isObject(next) && couldBe(nested.block, old, next);
        })
      );
    })
  );
}
