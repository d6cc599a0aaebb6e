import * as fc from "fast-check";
import { z } from "zod";
import { definitionSchema } from "../../src/agent/agent-definition-schema";
import { environmentSchema } from "../../src/choices/environment-schema";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import type { FleetInput } from "./arbitrary-fleet";
import { brownfield } from "./fleet/examples/brownfield";
import { google } from "./fleet/examples/google";
import { plainCluster } from "./fleet/examples/plain-cluster";
import { production } from "./fleet/stacks/environments/production";
import { staging } from "./fleet/stacks/environments/staging";
import { billing, desk, environment } from "./sample-fleet";

/** A fleet that somebody made one mistake in, drawn from the schemas: nobody thought of it beforehand. */
export interface MistakenFleet extends FleetInput {
  /** What was changed: `environment.azure.location = ""` on `staging`. */
  readonly mistake: string;
  /** What was put there. */
  readonly value: unknown;
}

/** A schema as data. */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
}

/** A place that a mistake can be made in: the steps to it, each with what has to stand there before. */
interface Place {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  /** Variants of unions on the way: what has to be written at a prefix of the path, and the `kind` that it has. */
  readonly variants: readonly { readonly depth: number; readonly schema: JsonSchema }[];
}

/** Stand for any index of a list, and for any key of a record. */
const ITEM = "[]";
const KEY = "<name>";

const schemas = {
  definition: jsonSchema(definitionSchema),
  environment: jsonSchema(environmentSchema),
};

const digest = `sha256:${"a1".repeat(32)}`;
const definitions = [desk, { ...billing, secrets: { ERP_TOKEN: "billing-erp-token" } }];

/** Correct fleets of every shape: each platform, each cloud, with and without gateway, mesh and cluster. */
export const rightFleets: Readonly<Record<string, FleetInput>> = {
  apps: { definitions, environment },
  gateway: { definitions, environment: { ...staging, customers: ["globex"] } },
  brownfield: withSecrets(brownfield),
  aks: {
    definitions,
    environment: {
      ...production,
      customers: ["globex"],
      agents: {
        billing: { image: digest, platform: "cloud-run", cpu: 1 },
        desk: { image: digest, minReplicas: 2 },
      },
    },
  },
  plain: withSecrets({
    ...plainCluster,
    identityProvider: {
      ...plainCluster.identityProvider,
      applications: { portal: ["billing"] },
    } as IdentityProviderSettings,
    agents: { billing: { image: digest }, desk: { image: digest } },
  }),
  google: {
    definitions,
    environment: {
      ...google,
      customers: ["globex"],
      cloudRun: {
        front: { kind: "load-balancer" },
        invokers: { kind: "callers", membersOf: { "desk-globex": ["group:globex@acme.test"] } },
      },
      agents: { billing: { cpu: 1 } },
    },
  },
};

function withSecrets(environment: Environment): FleetInput {
  const { vault } = environment;
  const secrets = "secrets" in vault ? { secrets: [...vault.secrets, "billing-erp-token"] } : {};
  return {
    definitions,
    environment: { ...environment, agents: environment.agents, vault: { ...vault, ...secrets } },
  };
}

/** What people write by accident, whatever belongs there. */
const values: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  -1,
  0,
  0.0001,
  1.5,
  64,
  70_000,
  1e12,
  "",
  " ",
  "x",
  "with space",
  "Capital",
  "under_score",
  "-lead",
  "trail/",
  "double--hyphen",
  "a".repeat(300),
  "kube-system",
  "constructor",
  "10.0.0.300/33",
  "10.0.0.0/33",
  "300.1.1.1",
  "https://user:pa55word-1@host.example.com/path",
  "http://host.example.com:otlp",
  "https://host.example.com/",
  "host..example.com",
  "61 25 * * *",
  "${azurerm_resource_group.x.name}",
  "käse",
  "two\nlines",
  "2026-13-45",
  [],
  [undefined],
  // biome-ignore lint/suspicious/noSparseArray: a comma too many is such a mistake
  [, "x"],
  ["x", "x"],
  ["with space"],
  {},
  { constructor: "x" },
  JSON.parse('{ "__proto__": "x" }'),
  { "with space": "x" },
  { NAME: undefined },
];

/** One mistake in one of the right fleets. */
export function mistakenFleet(): fc.Arbitrary<MistakenFleet> {
  return fc
    .record({
      base: fc.constantFrom(...Object.keys(rightFleets)),
      place: fc.constantFrom(...places),
      any: fc.constantFrom(...values),
      // Mostly of the right type: what is of a wrong one is caught by the first look at it.
      fitting: fc.nat(),
      fits: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ base, place, any, fitting, fits }) => {
      const same = values.filter((value) => isOfType(value, place.schema));
      return mistake(base, place, fits > 0 && same.length > 0 ? same[fitting % same.length] : any);
    });
}

/** The same text at every place of a text, in the fleet `base`. */
export function withTextEverywhere(base: keyof typeof rightFleets, text: string): MistakenFleet[] {
  return places
    .filter(({ schema }) => isOfType(text, schema) && schema.enum === undefined)
    .map((place) => mistake(base, place, text));
}

function isOfType(value: unknown, { type, properties }: JsonSchema): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return properties === undefined && isObject(value);
  return typeof value === type;
}

interface RootedPlace extends Place {
  readonly root: keyof typeof schemas;
}

const places: readonly RootedPlace[] = (["definition", "environment"] as const).flatMap((root) =>
  placesOf(schemas[root]).map((place) => ({ ...place, root })),
);

function mistake(base: string, { root, path, variants }: RootedPlace, value: unknown): MistakenFleet {
  const right = rightFleets[base] as FleetInput;
  const told =
    typeof value === "object" && value !== null ? JSON.stringify(value) : String(value).slice(0, 60);
  const what = `${base}: ${root}.${path.join(".")} = ${told}`;
  if (root === "definition") {
    const [first, second] = right.definitions;
    const changed = put(second, path, variants, value) as FleetInput["definitions"][number];
    return {
      ...right,
      definitions: [first as FleetInput["definitions"][number], changed],
      mistake: what,
      value,
    };
  }
  return {
    ...right,
    environment: put(right.environment, path, variants, value) as Environment,
    mistake: what,
    value,
  };
}

/** A copy with a value at a path; what isn't there on the way is made as the schema says. */
function put(
  data: unknown,
  path: readonly string[],
  variants: Place["variants"],
  value: unknown,
  depth = 0,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const variant = variants.find((each) => each.depth === depth)?.schema;
  const whole = isObject(data) ? data : {};
  const kind = variant?.properties?.kind?.const;
  const fits = variant === undefined || (isObject(data) && (kind === undefined || whole.kind === kind));
  const here = fits && data !== undefined ? data : variant === undefined ? {} : example(variant);
  if (Array.isArray(here)) {
    const [first, ...others] = here;
    return [put(first, rest, variants, value, depth + 1), ...others];
  }
  if (step === ITEM) return [put(undefined, rest, variants, value, depth + 1)];
  const object = isObject(here) ? here : {};
  const key = step === KEY ? (Object.keys(object)[0] ?? "billing") : step;
  const changed = put(Object.hasOwn(object, key) ? object[key] : undefined, rest, variants, value, depth + 1);
  // As it would be written: a literal `__proto__` is no property.
  return { ...object, [key]: changed };
}

function placesOf(
  schema: JsonSchema,
  path: readonly string[] = [],
  variants: Place["variants"] = [],
): Place[] {
  const choices = schema.oneOf ?? schema.anyOf ?? [];
  const here = path.length === 0 ? [] : [{ path, schema, variants }];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    placesOf(property, [...path, name], [...variants, { depth: path.length, schema }]),
  );
  const record =
    typeof schema.additionalProperties === "object"
      ? placesOf(schema.additionalProperties, [...path, KEY], variants)
      : [];
  const items = schema.items === undefined ? [] : placesOf(schema.items, [...path, ITEM], variants);
  const unions = choices.flatMap((choice) => placesOf(choice, path, variants).slice(1));
  return [...here, ...inside, ...record, ...items, ...unions];
}

/** Something small that a schema allows, as far as it says. */
function example(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = schema.oneOf ?? schema.anyOf ?? [];
  if (choice !== undefined) return example(choice);
  if (schema.properties !== undefined) {
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [name, example(schema.properties?.[name] ?? {})]),
    );
  }
  if (schema.items !== undefined) return [example(schema.items)];
  if (schema.type === "number" || schema.type === "integer") return Math.max(1, schema.minimum ?? 1);
  if (schema.type === "boolean") return true;
  if (schema.type === "object") return {};
  return textExample(schema);
}

const textExamples: Readonly<Record<string, string>> = {
  email: "ops@acme.example",
  uri: "https://host.acme.example",
  ipv4: "10.40.5.10",
  cidrv4: "10.40.0.0/16",
  date: "2027-01-31",
};

function textExample({ format, pattern }: JsonSchema): string {
  const known = format === undefined ? undefined : textExamples[format];
  if (known !== undefined) return known;
  const tried = [
    "acme",
    "acme.example",
    "https://acme.example",
    "22222222-2222-4222-8222-222222222222",
    "123456",
    "1.18.1",
  ];
  return tried.find((text) => pattern === undefined || new RegExp(pattern, "i").test(text)) ?? "acme";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}
