import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import { canonicalJson, Field, isJsonObject, type Json, show } from "../field";
import { parseCidr } from "../formats/addresses";
import { isGoDuration } from "../formats/cron";
import type { CrdSchema } from "./crd-schema";
import { goPattern } from "./go-pattern";

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  verbose: true,
  unicodeRegExp: false,
  code: { regExp: goPattern },
});
for (const name of ["int32", "int64", "float", "double", "password", "string"]) ajv.addFormat(name, true);
ajv.addFormat("byte", /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/);
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/);
ajv.addFormat("datetime", /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/);
ajv.addFormat("date", /^\d{4}-\d\d-\d\d$/);
// Kubernetes means Go's durations (`1h30m`).
ajv.addFormat("duration", (text) => isGoDuration(text) || /^\d+ ?[a-z]+$/i.test(text));
ajv.addFormat("ipv4", (text) => parseCidr(`${text}/32`)?.family === "ipv4");
ajv.addFormat("ipv6", (text) => parseCidr(`${text}/128`)?.family === "ipv6");
ajv.addFormat("cidr", (text) => parseCidr(text) !== undefined);
ajv.addFormat("email", /^[^@\s]+@[^@\s]+$/);
ajv.addFormat(
  "hostname",
  /^(?=.{1,253}\.?$)[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$/,
);
ajv.addFormat("uri", (text) => /^(?:[a-z][a-z0-9+.-]*:\S+|\/\S*)$/i.test(text));
ajv.addFormat("uuid", /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i);

const TEXT_KEYWORDS = new Set(["maxLength", "minLength", "pattern"]);

const compiled = new WeakMap<CrdSchema, ValidateFunction>();

/** What a value is refused for by types, allowed values, ranges, patterns and the like of its definition's schema. */
export function findShapeProblems(value: Json, schema: CrdSchema): string[] {
  const problems: string[] = [];
  const root = new Field(value, "", problems);
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(forAjv(schema));
    compiled.set(schema, validate);
  }
  if (!validate(value)) {
    const texts = new Set<string>();
    for (const error of validate.errors ?? []) {
      // Of what is wrong with one text, the first thing is said.
      if (TEXT_KEYWORDS.has(error.keyword)) {
        if (texts.has(error.instancePath)) continue;
        texts.add(error.instancePath);
      }
      describe(error, root);
    }
  }
  findRepeated(root, schema);
  return problems;
}

/** Problems after which a definition's own rules aren't evaluated any more. */
export function isBlocking(problem: string): boolean {
  return / (Required value|Too long|Too many|Unsupported value)\b|must be of type/.test(problem);
}

/** Says the same in the words of the schema language that ajv knows. */
function forAjv(schema: CrdSchema): object {
  const { properties, items, additionalProperties, nullable, enum: allowed, type, format, ...rest } = schema;
  const own: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (keyword.startsWith("x-kubernetes") || keyword === "default" || keyword === "description") continue;
    if (["allOf", "anyOf", "oneOf"].includes(keyword)) own[keyword] = (value as CrdSchema[]).map(forAjv);
    else if (keyword === "not") own[keyword] = forAjv(value as CrdSchema);
    else if (keyword === "exclusiveMinimum" || keyword === "exclusiveMaximum") continue;
    else own[keyword] = value;
  }
  for (const [flag, limit] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (schema[flag] !== true) continue;
    own[flag] = own[limit];
    delete own[limit];
  }
  const isEither = schema["x-kubernetes-int-or-string"] === true;
  const types = isEither ? ["integer", "string"] : type === undefined ? [] : [type];
  if (types.length > 0) own.type = nullable === true ? [...types, "null"] : types;
  if (allowed !== undefined) own.enum = nullable === true ? [...allowed, null] : allowed;
  if (format !== undefined && ajv.formats[format] !== undefined) own.format = format;
  if (properties !== undefined) {
    own.properties = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, forAjv(child)]),
    );
  }
  if (items !== undefined) own.items = forAjv(items);
  if (typeof additionalProperties === "object") own.additionalProperties = forAjv(additionalProperties);
  return own;
}

function describe(
  { keyword, instancePath, params, data, schema, schemaPath }: ErrorObject,
  root: Field,
): void {
  const field = fieldAt(root, instancePath);
  const value = data as Json;
  const shown = value === null || value === undefined ? "null" : value;
  const body = (words: string, given: Json = value) =>
    field.invalid(`${field.path || ".."} in body ${words}`, given);
  switch (keyword) {
    case "type": {
      const types = Array.isArray(schema) ? (schema as string[]).filter((type) => type !== "null") : [schema];
      const type = types.join(",");
      const given = typeOf(value);
      field.invalid(`${field.path || ".."} in body must be of type ${type}: ${JSON.stringify(given)}`, given);
      return;
    }
    case "required":
      field.at(String(params.missingProperty)).required();
      return;
    case "enum": {
      const allowed = (schema as readonly Json[]).filter((each) => each !== null);
      field.unsupported(
        allowed.map((each) => (typeof each === "string" ? each : JSON.stringify(each))),
        shown,
      );
      return;
    }
    case "maxLength":
      field.tooLong(Number(params.limit));
      return;
    case "maxItems":
      field.tooMany((value as readonly Json[]).length, Number(params.limit));
      return;
    case "maxProperties":
      field.tooMany(Object.keys(value ?? {}).length, Number(params.limit));
      return;
    case "minLength":
      body(`should be at least ${params.limit} chars long`);
      return;
    case "minItems":
      body(`should have at least ${params.limit} items`, (value as readonly Json[]).length);
      return;
    case "minProperties":
      body(`should have at least ${params.limit} properties`);
      return;
    case "minimum":
      body(`should be greater than or equal to ${params.limit}`);
      return;
    case "maximum":
      body(`should be less than or equal to ${params.limit}`);
      return;
    case "exclusiveMinimum":
      body(`should be greater than ${params.limit}`);
      return;
    case "exclusiveMaximum":
      body(`should be less than ${params.limit}`);
      return;
    case "multipleOf":
      body(`should be a multiple of ${params.multipleOf}`);
      return;
    case "uniqueItems":
      body("shouldn't contain duplicates");
      return;
    case "pattern":
      body(`should match '${params.pattern}'`);
      return;
    case "format":
      body(`must be of type ${params.format}: ${show(value)}`);
      return;
    case "anyOf":
      field.invalid(`${field.path} in body must validate at least one schema (anyOf)`, value);
      return;
    case "oneOf": {
      const found = params.passingSchemas === null ? "Found none valid" : "Found 2 valid alternatives";
      field.invalid(`${field.path} must validate one and only one schema (oneOf). ${found}`, value);
      return;
    }
    case "not":
      field.invalid(`${field.path} must not validate the schema (not)`, value);
      return;
    default:
      body(`doesn't fit ${schemaPath}`);
  }
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function fieldAt(root: Field, pointer: string): Field {
  let field = root;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    field = Array.isArray(field.value) ? (field.items()[Number(name)] ?? field) : field.at(name);
  }
  return field;
}

/** Lists that are sets hold everything once, and lists that are maps every key. */
function findRepeated(field: Field, schema: CrdSchema): void {
  const listType = schema["x-kubernetes-list-type"];
  if (Array.isArray(field.value)) {
    const seen = new Set<string>();
    for (const item of field.items()) {
      if (schema.items !== undefined) findRepeated(item, schema.items);
      if (listType !== "set" && listType !== "map") continue;
      const keys = schema["x-kubernetes-list-map-keys"] ?? [];
      const identity: Json =
        listType === "set"
          ? (item.value ?? null)
          : Object.fromEntries(keys.map((key) => [key, item.at(key).value ?? null]));
      const text = canonicalJson(identity);
      if (seen.has(text)) item.duplicate(identity);
      seen.add(text);
    }
  }
  if (!isJsonObject(field.value)) return;
  for (const name of Object.keys(field.value)) {
    const inside =
      schema.properties?.[name] ??
      (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    if (inside !== undefined) findRepeated(field.at(name), inside);
  }
}
