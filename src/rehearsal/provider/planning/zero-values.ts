import type { BlockSchema, TypeConstraint } from "../schema/schema";
import { isList, isObject, isUnknown, type ObjectValue, type Value } from "../value";

/** A simple value as the SDK compares it: as text, where nothing is the empty one. */
export function textOf(value: Value | undefined): string | undefined {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? undefined : String(value);
}

/** What stands for nothing in a simple argument that had a value before. */
export function zeroTextOf(type: TypeConstraint | undefined): string {
  return type === "number" ? "0" : type === "bool" ? "false" : "";
}

/** Whether the SDK sees nothing in a value. */
export function isNothing(value: Value | undefined): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (isUnknown(value)) return false;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/**
 * The same with zero values in its blocks where nobody said anything. A write-only argument always differs from what is
 * known of it, so that the SDK plans such a resource anew each time, and its blocks come out like that: a state without
 * them would never settle.
 *
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/v2.38.1/helper/schema/grpc_provider.go
 */
export function withZeros(block: BlockSchema, value: ObjectValue): ObjectValue {
  const blocks = Object.entries(block.block_types ?? {})
    .filter(([name]) => name !== "timeouts")
    .map(([name, nested]) => {
      const elements = value[name] ?? null;
      const filled = isList(elements)
        ? elements.map((element) => (isObject(element) ? withOwnZeros(nested.block, element) : element))
        : elements;
      return [name, filled];
    });
  return { ...value, ...Object.fromEntries(blocks) };
}

function withOwnZeros(block: BlockSchema, value: ObjectValue): ObjectValue {
  const zeros = Object.entries(block.attributes ?? {})
    .filter(([name, { optional, write_only }]) => optional && !write_only && (value[name] ?? null) === null)
    .map(([name, { type }]) => [name, zeroOf(type)]);
  return withZeros(block, { ...value, ...Object.fromEntries(zeros) });
}

function zeroOf(type: TypeConstraint | undefined): Value {
  if (type === "string") return "";
  if (type === "number") return 0;
  if (type === "bool") return false;
  if (type === undefined || typeof type === "string") return null;
  const [kind] = type;
  return kind === "map" ? {} : kind === "object" ? null : [];
}
