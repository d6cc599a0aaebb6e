import type { AttributeSchema, BlockSchema, TypeConstraint } from "../schema/schema";

/** What stands in a block. */
export type Fields = Pick<BlockSchema, "attributes" | "block_types">;

/** Whether only the provider says it: nobody may write it. */
export function isReadOnly({ computed, optional, required }: AttributeSchema): boolean {
  return computed === true && !optional && !required;
}

/** The fields of a list's or set's elements, where an attribute holds objects. */
export function elementFields(attribute: AttributeSchema): Fields | undefined {
  const { type, nested_type: nested } = attribute;
  if (nested) return nested;
  return type === undefined ? undefined : fieldsOfType(type);
}

function fieldsOfType(type: TypeConstraint): Fields | undefined {
  if (typeof type === "string") return undefined;
  const [kind, inner] = type;
  if (kind === "map") return undefined;
  if (kind !== "object") return fieldsOfType(inner as TypeConstraint);
  const attributes = Object.entries(inner as Readonly<Record<string, TypeConstraint>>);
  return {
    attributes: Object.fromEntries(
      attributes.map(([name, child]) => [name, { type: child, optional: true }]),
    ),
  };
}

export function isSetType(type: TypeConstraint | undefined): boolean {
  return Array.isArray(type) && type[0] === "set";
}
