import { decode, Encoder, ExtensionCodec } from "@msgpack/msgpack";

/** A value that Terraform knows only after the apply. */
export class Unknown {
  toJSON(): never {
    throw new Error("an unknown value can't be stored");
  }
}

export const UNKNOWN = new Unknown();

/** A value of the type `dynamic`, which carries its own type with it. */
export class Dynamic {
  constructor(
    readonly type: unknown,
    readonly value: Value,
  ) {}

  toJSON() {
    return { $dynamic: [this.type, this.value] };
  }
}

export type Value = null | boolean | number | string | Unknown | Dynamic | readonly Value[] | ObjectValue;

export interface ObjectValue {
  readonly [key: string]: Value;
}

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode: (value) => (value instanceof Unknown ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
// An unknown with refinements ("not null", "starts with"): promises that nothing here makes use of.
extensionCodec.register({ type: 12, encode: () => null, decode: () => UNKNOWN });

export function decodeValue(bytes: Uint8Array): Value {
  return fromMessagePack(decode(bytes, { extensionCodec, useBigInt64: true }));
}

export function encodeValue(value: Value): Buffer {
  // One encoder a call: it isn't reentrant, and its buffer would be handed out twice.
  const encoder = new Encoder({ extensionCodec, useBigInt64: true, ignoreUndefined: true });
  return Buffer.from(encoder.encode(toMessagePack(value)));
}

function fromMessagePack(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return toNumber(value);
  if (value instanceof Unknown) return value;
  if (Array.isArray(value)) {
    if (value.length === 2 && value[0] instanceof Uint8Array) {
      return new Dynamic(JSON.parse(Buffer.from(value[0]).toString("utf8")), fromMessagePack(value[1]));
    }
    return value.map(fromMessagePack);
  }
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fromMessagePack(child)]));
  }
  return value as Value;
}

/** A whole number that a double can't hold stays text, which Terraform reads as a number too. */
function toNumber(value: bigint): number | string {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString();
}

function toMessagePack(value: Value): unknown {
  if (value instanceof Dynamic) {
    return [Buffer.from(JSON.stringify(value.type), "utf8"), toMessagePack(value.value)];
  }
  if (value instanceof Unknown || value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(toMessagePack);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toMessagePack(child)]));
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Dynamic)
  );
}

export function isUnknown(value: Value | undefined): value is Unknown {
  return value instanceof Unknown;
}

/** Whether anything inside the value is unknown. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Dynamic) return hasUnknown(value.value);
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** A text that two equal values share, whatever the order of their keys. Unknowns are equal to each other. */
export function canonical(value: Value): string {
  if (value instanceof Unknown) return "?";
  if (value instanceof Dynamic) return `d${JSON.stringify(value.type)}${canonical(value.value)}`;
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * What stands at a dotted path: `template.0.container.1.image`. Undefined when there is nothing, unknown when
 * something on the way isn't known yet.
 */
export function at(value: Value | undefined, path: string): Value | undefined {
  let current = value;
  for (const step of path.split(".")) {
    if (isUnknown(current)) return current;
    if (current instanceof Dynamic) current = current.value;
    if (isList(current)) current = current[Number(step)];
    else if (isObject(current)) current = current[step];
    else return undefined;
  }
  return current;
}

/** A text at a path, or undefined when there is none (or it isn't known yet). */
export function textAt(value: Value | undefined, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === "string" ? found : undefined;
}

/** The objects of a list of blocks. */
export function blocksAt(value: Value | undefined, path: string): readonly ObjectValue[] {
  const found = at(value, path);
  return isList(found) ? found.filter(isObject) : isObject(found) ? [found] : [];
}

/** Texts of a list or set. */
export function textsAt(value: Value | undefined, path: string): readonly string[] {
  const found = at(value, path);
  return isList(found) ? found.filter((item) => typeof item === "string") : [];
}

/** Reads a value as it is written in JSON, the ledger's or a state's. */
export function fromJson(json: unknown): Value {
  if (json === null || json === undefined) return null;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== "object") return json as Value;
  const dynamic = (json as { $dynamic?: [unknown, unknown] }).$dynamic;
  if (dynamic) return new Dynamic(dynamic[0], fromJson(dynamic[1]));
  return Object.fromEntries(Object.entries(json).map(([key, child]) => [key, fromJson(child)]));
}
