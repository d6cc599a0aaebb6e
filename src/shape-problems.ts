import { z } from "zod";
import { correctTheName } from "./correction";
import { listOf, type Problem } from "./problem";
import { isInheritedName } from "./shapes";

/**
 * Says what of plain data isn't there, isn't known, isn't of its type or is out of its range: tsx runs what users write
 * without checking it. No message holds words of the validation library.
 *
 * @param who starts every message: `agent 'inventory'`
 */
export function findShapeProblems(schema: z.ZodType, data: unknown, who: string, rule: string): Problem[] {
  const inherited = findInheritedNames(data);
  if (inherited.length > 0) {
    return inherited.map((place) => ({
      rule,
      message: `${who}: '${place}' has a name that every object of JavaScript has already; choose another`,
    }));
  }
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return [];
  return result.error.issues.map((issue) => ({ rule, message: `${who}: ${inWords(issue, schema)}` }));
}

/** Paths of properties that hide what every object has. A written `__proto__` is no property: it is what hides. */
function findInheritedNames(data: unknown, path: readonly string[] = []): string[] {
  if (typeof data !== "object" || data === null || path.length > DEEPEST) return [];
  const prototype = Object.getPrototypeOf(data);
  const written = [Object.prototype, Array.prototype, null].includes(prototype) ? [] : ["__proto__"];
  const names = [...written, ...Object.keys(data).filter(isInheritedName)];
  return [
    ...names.map((name) => [...path, name].join(".")),
    ...Object.entries(data).flatMap(([key, value]) => findInheritedNames(value, [...path, key])),
  ];
}

/** Settings are at most this many properties deep; what is deeper goes round in a circle. */
const DEEPEST = 12;

function inWords(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const place = issue.path.join(".");
  const told = `'${place}' ${given(issue.input)}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const inside = place === "" ? "" : ` in '${place}'`;
      const known = propertiesAt(jsonSchema(schema), issue.path);
      const [key = "", ...others] = issue.keys;
      const what = others.length === 0 ? correctTheName(key, known) : "correct the names";
      return `unknown property ${quoted(issue.keys)}${inside}; ${what}, or remove it`;
    }
    case "invalid_type":
      if (place === "") return "it is not there; check what its file exports, and for imports in a circle";
      return issue.input === undefined
        ? `'${place}' is missing; it is of type ${issue.expected}`
        : `${told}is not of type ${typeInWords(issue.expected)}; correct it`;
    case "invalid_value":
      return `${told}is not allowed; use one of ${quoted(issue.values)}`;
    case "invalid_union":
      return `${told}is not allowed; use ${allowedAt(schema, issue)}`;
    case "too_small":
    case "too_big":
      return hasOwnWords(issue) ? ownWords(told, issue.message) : `${told}${outOfRange(issue)}`;
    case "not_multiple_of":
      return `${told}is no multiple of ${issue.divisor}; use one`;
    case "invalid_format":
      return hasOwnWords(issue)
        ? ownWords(told, issue.message)
        : `${told}is not ${formatInWords(issue.format)}; correct it`;
    case "invalid_key":
    case "invalid_element":
      return `${told}has ${issue.issues.map(({ message }) => message).join(" and ")}; correct it`;
    default:
      return ownWords(told, issue.message);
  }
}

/** Messages of the schemas start with a verb, those of the library with a capital letter. */
function hasOwnWords({ message }: z.core.$ZodIssue): boolean {
  return /^[a-z]/.test(message);
}

function ownWords(told: string, message: string): string {
  return `${told}${message}${message.includes(";") ? "" : "; correct it"}`;
}

function typeInWords(expected: string): string {
  return expected === "int" ? "number, a whole one" : expected;
}

const formats: Readonly<Record<string, string>> = {
  email: "a mail address (platform@example.com)",
  url: "a URL (https://host.example.com)",
  ipv4: "an IPv4 address (10.40.5.10)",
  cidrv4: "an IPv4 range (10.40.0.0/16)",
  date: "a date (2026-12-31)",
};

function formatInWords(format: string): string {
  return formats[format] ?? `of the form '${format}'`;
}

/** What is too small or too large, in the unit that is counted: characters, entries, or the number itself. */
function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === "too_small";
  const limit = Number(small ? issue.minimum : issue.maximum);
  const bound = small ? (issue.inclusive === false ? "above" : "at least") : "at most";
  if (issue.origin === "string") {
    if (small && limit === 1) return "is empty; give it a value";
    return `has ${small ? "fewer" : "more"} than ${limit} characters; use ${bound} ${limit}`;
  }
  if (issue.origin === "array") {
    if (small && limit === 1) return "is empty; name at least one, or leave it out";
    return `has ${small ? "fewer" : "more"} than ${limit} entries; use ${bound} ${limit}`;
  }
  return `is too ${small ? "small" : "large"}; use ${bound} ${limit}`;
}

/** What the user wrote, where it is short enough to be shown. */
function given(input: unknown): string {
  if (typeof input === "string" && input.length <= 80) return `'${input}' `;
  if (input === null) return "null ";
  return typeof input === "number" || typeof input === "boolean" ? `${input} ` : "";
}

function quoted(values: readonly unknown[]): string {
  return listOf(values.map((value) => `'${String(value)}'`));
}

/** A schema as data that can be walked. */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly format?: string;
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** What may stand where a union is: the values that tell its variants apart, or what each of them looks like. */
function allowedAt(schema: z.ZodType, issue: z.core.$ZodIssueInvalidUnion): string {
  const json = jsonSchema(schema);
  const kinds = schemasAt(json, issue.path.slice(0, -1))
    .flatMap(variantsOf)
    .flatMap(({ properties }) => properties?.[String(issue.path.at(-1))]?.const ?? []);
  if (kinds.length > 0) return `one of ${quoted([...new Set(kinds)])}`;
  const variants = schemasAt(json, issue.path).flatMap(variantsOf);
  return variants.map(variantInWords).join(", or ");
}

function variantInWords({ type, properties, required, format, items, const: constant }: JsonSchema): string {
  if (constant !== undefined) return `'${String(constant)}'`;
  if (properties !== undefined) {
    const optional = Object.keys(properties).filter((name) => !required?.includes(name));
    const rest = optional.length === 0 ? "" : ` (and ${listOf(optional)})`;
    return `an object with ${listOf(required ?? [])}${rest}`;
  }
  if (items !== undefined) return "a list";
  return format === undefined ? `a ${type ?? "value"}` : formatInWords(format);
}

function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? [];
}

/** Every schema that what is at a path may have. */
function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema[] {
  const [step, ...rest] = path.map(String);
  if (step === undefined) return [schema];
  return [schema, ...variantsOf(schema)]
    .flatMap(
      ({ properties, additionalProperties, items }) =>
        properties?.[step] ?? items ?? additionalProperties ?? [],
    )
    .flatMap((next) => schemasAt(next, rest));
}

/** Names that are known where a path leads, or anywhere where that has none. */
function propertiesAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  const here = schemasAt(schema, path)
    .flatMap((found) => [found, ...variantsOf(found)])
    .flatMap(({ properties = {} }) => Object.keys(properties));
  return here.length > 0 ? [...new Set(here)] : [];
}
