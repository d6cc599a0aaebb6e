import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { definitionSchema } from "../../src/agent/agent-definition-schema";
import { environmentSchema } from "../../src/choices/environment-schema";

// Every bound, pattern and choice of every setting: what somebody may write is a promise, and changes by a decision.

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | false;
  readonly propertyNames?: Shape;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly format?: string;
}

/** One line for each setting: where it stands, and what it may be. */
function lines(shape: Shape, path: string): string[] {
  const {
    properties,
    required = [],
    additionalProperties,
    propertyNames,
    items,
    oneOf,
    anyOf,
    ...own
  } = shape;
  const variants = oneOf ?? anyOf;
  if (variants !== undefined) {
    return variants.flatMap((variant) => lines(variant, `${path}${kindOf(variant)}`));
  }
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, property]) =>
      lines(property, `${path}.${name}${required.includes(name) ? "" : "?"}`),
    );
  }
  const { format, ...rest } = own as {
    readonly format?: string;
    readonly pattern?: string;
    readonly type?: string;
  };
  // What a format is, the library knows.
  const said = format === undefined ? rest : { format };
  const line = `${path}  ${Object.entries(said)
    .map(
      ([keyword, value]) => `${keyword} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ")}`;
  if (items !== undefined) return [line, ...lines(items, `${path}[]`)];
  if (typeof additionalProperties === "object") {
    return [
      line,
      ...(propertyNames ? lines(propertyNames, `${path} names`) : []),
      ...lines(additionalProperties, `${path}{}`),
    ];
  }
  return [line];
}

function kindOf({ properties = {} }: Shape): string {
  const { kind } = properties;
  return typeof kind?.const === "string" ? `(${kind.const})` : "";
}

test.each<[string, z.ZodType]>([
  ["definition", definitionSchema],
  ["environment", environmentSchema.omit({ fleet: true })],
])("of a %s are as they were agreed", async (name, schema) => {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
  await expect(`${lines(shape, name).join("\n")}\n`).toMatchFileSnapshot(
    join(__dirname, `__snapshots__/${name}.txt`),
  );
});
