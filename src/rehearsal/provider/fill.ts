import type { Fill } from "./behaviour";
import type { AttributeSchema, BlockSchema, TypeConstraint } from "./schema/schema";
import { hasUnknown, isList, isObject, isUnknown, type ObjectValue, type Value } from "./value";

/** Gives a value to a computed attribute that nobody else has one for. */
export type Invent = (path: string, attribute: AttributeSchema, parent: ObjectValue) => Value;

/**
 * Replaces what is unknown (or, in a data source, not there) by what the cloud says.
 *
 * @param fills by dotted path without indexes
 */
export function fillComputed(
  block: Pick<BlockSchema, "attributes" | "block_types">,
  value: ObjectValue,
  fills: Readonly<Record<string, Fill | undefined>>,
  invent: Invent,
  isOpen: (value: Value, attribute: AttributeSchema, path: string) => boolean = isUnknown,
  path = "",
): ObjectValue {
  const filled: Record<string, Value> = { ...value };
  const inside = (element: Value, child: Pick<BlockSchema, "attributes" | "block_types">, where: string) =>
    isObject(element) ? fillComputed(child, element, fills, invent, isOpen, where) : element;
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const where = path ? `${path}.${name}` : name;
    const current = value[name] ?? null;
    if (isOpen(current, attribute, where)) {
      const fill = fills[where];
      const given = typeof fill === "function" ? fill(filled) : fill;
      filled[name] =
        given === undefined || hasUnknown(given)
          ? invent(where, attribute, filled)
          : coerce(typeOf(attribute), given);
      continue;
    }
    const nested = attribute.nested_type;
    if (!nested) continue;
    if (isList(current)) filled[name] = current.map((element) => inside(element, nested, where));
    else if (isObject(current) && nested.nesting_mode !== "map")
      filled[name] = inside(current, nested, where);
    else if (isObject(current)) {
      filled[name] = Object.fromEntries(
        Object.entries(current).map(([key, element]) => [key, inside(element, nested, where)]),
      );
    }
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const where = path ? `${path}.${name}` : name;
    const current = value[name] ?? null;
    if (isList(current)) filled[name] = current.map((element) => inside(element, nested.block, where));
    else filled[name] = inside(current, nested.block, where);
  }
  return filled;
}

/** The type of an attribute, written out for those with nested attributes. */
export function typeOf(attribute: AttributeSchema): TypeConstraint {
  if (attribute.type !== undefined) return attribute.type;
  const nested = attribute.nested_type;
  if (!nested) return "dynamic";
  const object: TypeConstraint = [
    "object",
    Object.fromEntries(Object.entries(nested.attributes).map(([name, child]) => [name, typeOf(child)])),
  ];
  return nested.nesting_mode === "single" || nested.nesting_mode === "group"
    ? object
    : [nested.nesting_mode, object];
}

/** Brings a value into the shape of a type: what is missing is null, what is too much is left out. */
export function coerce(type: TypeConstraint, value: Value): Value {
  if (value === null || isUnknown(value)) return value;
  if (typeof type === "string") {
    if (type === "string") return typeof value === "object" ? JSON.stringify(value) : String(value);
    if (type === "bool") return typeof value === "string" ? value === "true" : Boolean(value);
    if (type === "number") return typeof value === "string" && value !== "" ? Number(value) : value;
    return value;
  }
  const [kind, inner] = type;
  if (kind === "object") {
    const source = isList(value) ? value[0] : value;
    const attributes = inner as Readonly<Record<string, TypeConstraint>>;
    return Object.fromEntries(
      Object.entries(attributes).map(([name, child]) => [
        name,
        coerce(child, isObject(source) ? (source[name] ?? null) : null),
      ]),
    );
  }
  if (kind === "map") {
    if (!isObject(value)) return {};
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, coerce(inner as TypeConstraint, child)]),
    );
  }
  const items = isList(value) ? value : [value];
  return items.map((item) => coerce(inner as TypeConstraint, item));
}

/** A value of a type for which nothing better is known: texts from `text`, one element in lists of objects. */
export function inventOfType(type: TypeConstraint, name: string, text: (name: string) => Value): Value {
  if (type === "string") return text(name);
  if (type === "number") return 0;
  if (type === "bool") return false;
  if (typeof type === "string") return null;
  const [kind, inner] = type;
  if (kind === "object") {
    return Object.fromEntries(
      Object.entries(inner as Readonly<Record<string, TypeConstraint>>).map(([key, child]) => [
        key,
        inventOfType(child, key, text),
      ]),
    );
  }
  if (kind === "map") return {};
  // A cluster's kube_config and its like: an element must be there for `x[0].y` to resolve.
  const element = inner as TypeConstraint;
  const isObjectType = Array.isArray(element) && element[0] === "object";
  return isObjectType ? [inventOfType(element, name, text)] : [];
}

/** A complete value of a block: what is missing is null, missing blocks are empty. */
export function complete(
  block: Pick<BlockSchema, "attributes" | "block_types">,
  value: ObjectValue,
): ObjectValue {
  const whole: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    whole[name] = coerce(typeOf(attribute), value[name] ?? null);
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const current = value[name] ?? null;
    const one = (element: Value) => (isObject(element) ? complete(nested.block, element) : element);
    if (nested.nesting_mode === "list" || nested.nesting_mode === "set") {
      whole[name] = (isList(current) ? current : current === null ? [] : [current]).map(one);
    } else {
      whole[name] = one(isList(current) ? (current[0] ?? null) : current);
    }
  }
  return whole;
}
