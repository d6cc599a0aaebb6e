import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ErrorObject } from "ajv/dist/2020";
import addFormats from "ajv-formats";

const file = join(__dirname, "../../src/agent/agent-contract.schema.json");
const schema = JSON.parse(readFileSync(file, "utf8"));

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats(ajv);
const validateEnvironment = ajv.compile(schema);
const validateDocument = new Map(
  Object.entries<{ contentSchema?: object }>(schema.properties).flatMap(([name, { contentSchema }]) =>
    contentSchema === undefined
      ? []
      : [[name, ajv.compile({ ...contentSchema, $defs: schema.$defs })] as const],
  ),
);

/**
 * What the committed JSON Schema says against the environment of a container, with the documents inside its variables
 * parsed and checked as well. An author of agents gets the same answers from any validator.
 */
export function findContractErrors(variables: Readonly<Record<string, string>>): string[] {
  validateEnvironment(variables);
  // The error of the condition itself only repeats those of its branch.
  const errors = (validateEnvironment.errors ?? [])
    .filter(({ keyword }) => keyword !== "if")
    .map(inWords(""));
  for (const [name, validate] of validateDocument) {
    const value = variables[name];
    if (value === undefined) continue;
    validate(JSON.parse(value));
    errors.push(...(validate.errors?.map(inWords(name)) ?? []));
  }
  return errors;
}

function inWords(place: string): (error: ErrorObject) => string {
  return ({ instancePath, message, params }) =>
    `${place}${instancePath}: ${message} ${JSON.stringify(params)}`;
}
