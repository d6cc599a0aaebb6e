import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { definitionSchema } from "../../src/agent/agent-definition-schema";
import { environmentSchema } from "../../src/choices/environment-schema";

import { asYaml } from "../support/as-yaml";

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

/** What a value is told that no setting takes: for each text of the schemas, the settings that say it. */
function refusals(schema: z.core.$ZodType, path: string, said: Map<string, string[]>): Map<string, string[]> {
  const { def } = schema._zod as unknown as { readonly def: Definition };
  const walk = (inner: z.core.$ZodType, step = "") => refusals(inner, path + step, said);
  for (const [name, property] of Object.entries(def.shape ?? {})) walk(property, `.${name}`);
  for (const option of def.options ?? []) walk(option);
  for (const inner of [def.innerType, def.in, def.left, def.right]) if (inner !== undefined) walk(inner);
  if (def.element !== undefined) walk(def.element, "[]");
  if (def.valueType !== undefined) walk(def.valueType, "{}");
  if (def.type !== "string" && def.type !== "number") return said;
  for (const value of ["\0 !", "", -0.5, 1e9]) {
    const { error } = z.safeParse(schema, value);
    for (const { code, message } of error?.issues ?? []) {
      // The library's own words say a bound or a format, which the shapes hold.
      if (code === "invalid_type" || /^(?:Too|Invalid) /.test(message)) continue;
      said.set(message, [...new Set([...(said.get(message) ?? []), path])]);
    }
  }
  return said;
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly left?: z.core.$ZodType;
  readonly right?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
}

test("are refused in words that say what is wrong", async () => {
  const said = refusals(
    environmentSchema,
    "environment",
    refusals(definitionSchema, "definition", new Map()),
  );
  // In which settings they are said, the shapes show; some texts are told in hundreds.
  const text = asYaml(Object.fromEntries([...said].map(([words, paths]) => [words, paths.slice(0, 3)])));
  await expect(text).toMatchFileSnapshot(join(__dirname, "__snapshots__/refusals.yaml"));
});

test.each<[string, z.ZodType]>([
  ["definition", definitionSchema],
  ["environment", environmentSchema.omit({ fleet: true })],
])("of a %s are as they were agreed", async (name, schema) => {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
  await expect(`${lines(shape, name).join("\n")}\n`).toMatchFileSnapshot(
    join(__dirname, `__snapshots__/${name}.txt`),
  );
});
