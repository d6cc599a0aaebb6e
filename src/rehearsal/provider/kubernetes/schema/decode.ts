import { isJsonObject, type Json, type JsonObject } from "../field";
import { parseQuantity } from "../formats/quantity";
import { type ApiSchema, resolve } from "./built-in-kinds";

/** An object of a built-in kind, as the API server understands it. */
export interface Decoded {
  /** What is left when fields that the kind doesn't have, and nulls, are gone. */
  readonly object: JsonObject;
  /** Paths of fields that the kind doesn't have. */
  readonly unknownFields: readonly string[];
}

/** Texts that have a type of their own, which no schema says. */
const NAMED_TEXTS: Readonly<Record<string, string>> = {
  "ContainerResourceMetricSource.name": "v1.ResourceName",
  "EndpointSlice.addressType": "v1.AddressType",
  "LimitRangeItem.type": "v1.LimitType",
  "ObjectMeta.uid": "types.UID",
  "PodSecurityContext.fsGroupChangePolicy": "v1.PodFSGroupChangePolicy",
  "ResourceQuotaSpec.scopes": "v1.ResourceQuotaScope",
  "ScopedResourceSelectorRequirement.operator": "v1.ScopeSelectorOperator",
  "ScopedResourceSelectorRequirement.scopeName": "v1.ResourceQuotaScope",
};

/** A value that can't be what the kind says: the request is refused before anything else is looked at. */
export class DecodeError extends Error {}

const INT32 = { low: -(2 ** 31), high: 2 ** 31 - 1 };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** With exactly six digits behind the second: leases and events count in millionths. */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads an object by the schema of its kind.
 *
 * @throws DecodeError for the first value that isn't of its field's type, in the API server's words
 */
export function decode(object: JsonObject, definition: string): Decoded {
  const unknownFields: string[] = [];
  const decoded = decodeValue(object, { $ref: definition }, { struct: "", go: [], shown: "" }, unknownFields);
  return { object: decoded as JsonObject, unknownFields };
}

/** Where the reader is: in Go's words, which leave indexes out, and as people write it. */
interface Place {
  readonly struct: string;
  readonly go: readonly string[];
  readonly shown: string;
}

function decodeValue(value: Json, reference: ApiSchema, place: Place, unknown: string[]): Json {
  const { schema, name } = resolve(reference);
  if (name?.endsWith(".Quantity")) return decodeQuantity(value);
  if (schema.format === "int-or-string") return decodeIntOrString(value, place);
  if (schema.format === "any" || (schema.type === undefined && schema.properties === undefined)) return value;
  if (schema.type === "array") return decodeList(value, schema, place, unknown);
  if (schema.type === "object") return decodeObject(value, schema, name, place, unknown);
  return decodeScalar(value, schema, place, name?.endsWith(".MicroTime"));
}

function decodeObject(
  value: Json,
  schema: ApiSchema,
  name: string | undefined,
  place: Place,
  unknown: string[],
): Json {
  if (!isJsonObject(value)) throw mismatch(value, goType(schema, name), place);
  if (schema.properties === undefined && schema.additionalProperties === undefined) return value;
  const decoded: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) {
    const property = schema.properties?.[key];
    const shown = place.shown === "" ? key : `${place.shown}.${key}`;
    if (property === undefined && schema.additionalProperties === undefined) {
      unknown.push(shown);
      continue;
    }
    if (child === null || child === undefined) {
      // In a map, nothing is an empty text, or an amount of zero.
      if (property === undefined) {
        const inside = resolve(schema.additionalProperties ?? {});
        if (inside.name?.endsWith(".Quantity")) decoded[key] = "0";
        else if (inside.schema.type === "string") decoded[key] = "";
      }
      continue;
    }
    const inside: Place =
      property === undefined
        ? { ...place, shown }
        : { struct: name?.split(".").at(-1) ?? place.struct, go: [...place.go, key], shown };
    decoded[key] = decodeValue(child, property ?? schema.additionalProperties ?? {}, inside, unknown);
  }
  return decoded;
}

function decodeList(value: Json, schema: ApiSchema, place: Place, unknown: string[]): Json {
  const items = schema.items ?? {};
  if (!Array.isArray(value)) throw mismatch(value, `[]${goType(resolve(items).schema, items.$ref)}`, place);
  return (value as readonly Json[]).map((child, index) =>
    child === null
      ? zeroOf(items)
      : decodeValue(child, items, { ...place, shown: `${place.shown}[${index}]` }, unknown),
  );
}

function zeroOf(reference: ApiSchema): Json {
  const { type } = resolve(reference).schema;
  return type === "string"
    ? ""
    : type === "integer" || type === "number"
      ? 0
      : type === "boolean"
        ? false
        : {};
}

function decodeScalar(value: Json, schema: ApiSchema, place: Place, isMicroTime = false): Json {
  const type = goType(schema, undefined);
  switch (schema.type) {
    case "string":
      if (typeof value !== "string") throw mismatch(value, type, place);
      if (schema.format === "date-time") checkTime(value, isMicroTime);
      if (schema.format === "byte") checkBase64(value);
      return value;
    case "boolean":
      if (typeof value !== "boolean") throw mismatch(value, type, place);
      return value;
    default: {
      const isWhole = schema.type === "integer";
      const fits =
        typeof value === "number" &&
        (!isWhole || Number.isInteger(value)) &&
        (schema.format !== "int32" || (value >= INT32.low && value <= INT32.high));
      if (!fits) throw mismatch(value, type, place);
      return value;
    }
  }
}

function decodeIntOrString(value: Json, place: Place): Json {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= INT32.high) return value;
  throw mismatch(value, "int32", place);
}

function decodeQuantity(value: Json): Json {
  if (typeof value === "object" && value !== null)
    throw new DecodeError(quantityProblem(JSON.stringify(value)) ?? "");
  // Blanks around it are cut off.
  const amount = typeof value === "string" ? value.trim() : value;
  const problem = quantityProblem(String(amount));
  if (problem !== undefined) throw new DecodeError(problem);
  return amount;
}

function quantityProblem(text: string): string | undefined {
  try {
    parseQuantity(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function checkTime(text: string, isMicroTime: boolean): void {
  if ((isMicroTime ? MICRO_TIME : TIME).test(text) && !Number.isNaN(Date.parse(text))) return;
  const shown = JSON.stringify(text);
  const form = isMicroTime ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
  throw new DecodeError(`parsing time ${shown} as "${form}": cannot parse ${shown} as "2006"`);
}

function checkBase64(text: string): void {
  const clean = text.replace(/[\r\n]/g, "");
  const bad = clean.search(/[^A-Za-z0-9+/=]|=(?!=?$)/);
  if (bad < 0 && clean.length % 4 === 0) return;
  throw new DecodeError(
    `illegal base64 data at input byte ${bad < 0 ? clean.length - (clean.length % 4) : bad}`,
  );
}

function mismatch(value: Json, type: string, place: Place): DecodeError {
  const isInteger = /^u?int\d+$/.test(type);
  const given = Array.isArray(value)
    ? "array"
    : typeof value === "boolean"
      ? "bool"
      : typeof value === "number" && isInteger
        ? `number ${value}`
        : value === null
          ? "null"
          : typeof value;
  const named = type === "string" ? NAMED_TEXTS[`${place.struct}.${place.go.at(-1)}`] : undefined;
  const field = place.go.length > 0 ? `Go struct field ${place.struct}.${place.go.join(".")}` : "Go value";
  return new DecodeError(`json: cannot unmarshal ${given} into ${field} of type ${named ?? type}`);
}

function goType(schema: ApiSchema, name: string | undefined): string {
  if (name !== undefined) return name.split(".").slice(-2).join(".");
  switch (schema.type) {
    case "integer":
      return schema.format ?? "int64";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    case "object":
      return schema.additionalProperties === undefined
        ? "map[string]interface {}"
        : `map[string]${goType(resolve(schema.additionalProperties).schema, schema.additionalProperties.$ref)}`;
    case "array":
      return `[]${goType(resolve(schema.items ?? {}).schema, schema.items?.$ref)}`;
    default:
      return schema.format === "byte" ? "[]uint8" : "string";
  }
}
