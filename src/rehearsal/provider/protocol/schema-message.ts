import { typeOf } from "../fill";
import type { AttributeSchema, BlockSchema, TypeSchema } from "../schema/schema";

const BLOCK_NESTING = { single: 1, list: 2, set: 3, map: 4, group: 5 } as const;
const OBJECT_NESTING = { single: 1, list: 2, set: 3, map: 4, group: 1 } as const;

/** A schema as the protocol's messages want it. Protocol 5 has no nested attribute types. */
export function schemaMessage(schema: TypeSchema, protocol: 5 | 6): object {
  return { version: schema.version, block: blockMessage(schema.block, protocol) };
}

function blockMessage(block: BlockSchema, protocol: 5 | 6): object {
  return {
    deprecated: block.deprecated ?? false,
    attributes: Object.entries(block.attributes ?? {}).map(([name, attribute]) =>
      attributeMessage(name, attribute, protocol),
    ),
    block_types: Object.entries(block.block_types ?? {}).map(([name, nested]) => ({
      type_name: name,
      block: blockMessage(nested.block, protocol),
      nesting: BLOCK_NESTING[nested.nesting_mode],
      min_items: nested.min_items ?? 0,
      max_items: nested.max_items ?? 0,
    })),
  };
}

function attributeMessage(name: string, attribute: AttributeSchema, protocol: 5 | 6): object {
  const { required, optional, computed, sensitive, deprecated, write_only, nested_type: nested } = attribute;
  const message = { name, required, optional, computed, sensitive, deprecated, write_only };
  if (protocol === 5 || !nested) return { ...message, type: Buffer.from(JSON.stringify(typeOf(attribute))) };
  return {
    ...message,
    nested_type: {
      nesting: OBJECT_NESTING[nested.nesting_mode],
      attributes: Object.entries(nested.attributes).map(([key, child]) =>
        attributeMessage(key, child, protocol),
      ),
    },
  };
}
