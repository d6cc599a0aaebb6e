import type { TypeConstraint } from "../schema/schema";
import { isList, isObject, isUnknown, type Value } from "../value";

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
