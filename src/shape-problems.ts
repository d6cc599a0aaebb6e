import { z } from "zod";
import { correctTheName } from "./correction";
import { listOf, type Problem } from "./problem";

/**
 * Says what of plain data isn't there, isn't known, or isn't of its type: tsx runs what users write without checking it.
 *
 * @param who starts every message: `agent 'inventory'`
 */
export function findShapeProblems(schema: z.ZodType, data: unknown, who: string, rule: string): Problem[] {
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return [];
  return result.error.issues.map((issue) => ({ rule, message: `${who}: ${inWords(issue, schema)}` }));
}

function inWords(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const place = issue.path.join(".");
  switch (issue.code) {
    case "unrecognized_keys": {
      const inside = place === "" ? "" : ` in '${place}'`;
      const known = propertiesOf(jsonSchema(schema));
      const [key = "", ...others] = issue.keys;
      const what = others.length === 0 ? correctTheName(key, known) : "correct the names";
      return `unknown property ${quoted(issue.keys)}${inside}; ${what}, or remove it`;
    }
    case "invalid_type":
      if (place === "") return "it is not there; check what its file exports, and for imports in a circle";
      return issue.input === undefined
        ? `'${place}' is missing; it is of type ${issue.expected}`
        : `'${place}' ${given(issue.input)}is not of type ${issue.expected}; correct it`;
    case "invalid_value":
      return `'${place}' ${given(issue.input)}is not allowed; use one of ${quoted(issue.values)}`;
    case "invalid_union":
      return `'${place}' ${given(issue.input)}is not allowed; use one of ${quoted(kindsAt(jsonSchema(schema), issue.path))}`;
    default:
      return `'${place}' ${given(issue.input)}${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
  }
}

/** What the user wrote, where it is short enough to be shown. */
function given(input: unknown): string {
  if (typeof input === "string" && input.length <= 80) return `'${input}' `;
  return typeof input === "number" || typeof input === "boolean" ? `${input} ` : "";
}

function quoted(values: readonly unknown[]): string {
  return listOf(values.map((value) => `'${String(value)}'`));
}

/** A schema as data that can be walked. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** Values that tell the variants of a union apart, at the place of the property that does. */
function kindsAt(schema: JsonSchema | undefined, path: readonly PropertyKey[]): unknown[] {
  const [step, ...rest] = path.map(String);
  if (schema === undefined || step === undefined) return [];
  if (rest.length === 0) return (schema.oneOf ?? []).map(({ properties }) => properties?.[step]?.const);
  const next = [schema, ...(schema.oneOf ?? [])].flatMap(({ properties, additionalProperties, items }) => [
    properties?.[step] ?? items ?? additionalProperties,
  ]);
  return next.map((candidate) => kindsAt(candidate, rest)).find((kinds) => kinds.length > 0) ?? [];
}

/** Names of all properties, at any depth. */
function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "properties" ? [...Object.keys(value), ...propertiesOf(value)] : propertiesOf(value),
  );
}
