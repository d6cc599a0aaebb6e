import { z } from "zod";
import {
  CONTRACT_VERSION,
  type ContractShape,
  type ContractVariable,
  contractVariables,
} from "./agent-contract";
import { contractDocuments } from "./contract-documents";

/** Where the schema is kept, beside this file. */
export const CONTRACT_SCHEMA_FILE = "agent-contract.schema.json";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (2020-12) of an agent's environment: an object with a property for every variable. Other variables are
 * the author's own. What a variable carries as JSON is described under `contentSchema`, which validators leave to the
 * reader: parse the text and check it against that.
 */
export function contractSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Variables of an a2a-fleet agent, contract ${CONTRACT_VERSION}`,
    type: "object",
    properties: Object.fromEntries(contractVariables.map((variable) => [variable.name, property(variable)])),
    // What a minor version added may be missing: an image for it runs in a fleet of an older one, with its own defaults.
    required: contractVariables
      .filter(({ when, since }) => when === undefined && since.endsWith(".0"))
      .map(({ name }) => name),
    allOf: conditions(),
    $defs: Object.fromEntries(
      Object.entries(contractDocuments).map(([name, document]) => {
        const { $schema: _, ...schema } = z.toJSONSchema(document);
        return [name, schema];
      }),
    ),
  };
}

function property({ shape, meaning, when, setBy, since, secret }: ContractVariable): JsonSchema {
  return {
    type: "string",
    description: when === undefined ? meaning : `${meaning} There when ${when}.`,
    ...valueSchema(shape),
    "x-set-by": setBy,
    "x-since": since,
    ...(secret ? { "x-secret": true } : {}),
  };
}

/** Every value is text: numbers and booleans are patterns of it. */
function valueSchema(shape: ContractShape): JsonSchema {
  switch (shape.kind) {
    case "text":
      return shape.pattern === undefined ? {} : { pattern: shape.pattern };
    case "url":
      return { format: "uri" };
    case "positive":
      return {
        pattern: `^[1-9]\\d{0,${(shape.maximum === undefined ? 16 : String(shape.maximum).length) - 1}}$`,
      };
    case "ratio":
      return { pattern: "^(?:0|1|0?\\.\\d+)$" };
    case "boolean":
      return { enum: ["true", "false"] };
    case "choice":
      return { enum: shape.of };
    case "list":
      return { pattern: "^(?:[^,]+(?:,[^,]+)*)?$" };
    case "json":
      return { contentMediaType: "application/json", contentSchema: { $ref: `#/$defs/${shape.of}` } };
  }
}

/** One `if` for every variable that brings others with it. */
function conditions(): JsonSchema[] {
  const groups = new Map<
    string,
    {
      readonly name: string;
      readonly value?: string;
      readonly brings: string[];
      readonly choices: (readonly [string, string])[];
    }
  >();
  for (const { name, requiredWith } of contractVariables) {
    if (requiredWith === undefined) continue;
    const key = `${requiredWith.name}=${requiredWith.value ?? ""}`;
    const { name: bringer, value, orElse } = requiredWith;
    const group = groups.get(key) ?? { name: bringer, value, brings: [], choices: [] };
    if (orElse === undefined) group.brings.push(name);
    else group.choices.push([name, orElse]);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ name, value, brings, choices }) => ({
    if: { required: [name], properties: { [name]: value === undefined ? {} : { const: value } } },
    // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's own keyword
    then: {
      required: brings,
      ...(choices.length === 0
        ? {}
        : { anyOf: choices.flatMap((names) => names.map((one) => ({ required: [one] }))) }),
    },
  }));
}
