import { isDeepStrictEqual } from "node:util";
import type { BlockSchema, TypeSchema } from "../../src/rehearsal/provider/schema/schema";
import { providerOfType, SchemaStore } from "../../src/rehearsal/provider/schema/schema-store";
import { serviceRulesOf } from "../../src/rehearsal/provider/service-rules";
import { valueChecks } from "../../src/rehearsal/provider/service-rules/judge-change";
import { findValueProblems } from "../../src/rehearsal/provider/validation/validate-config";
import { type ObjectValue, UNKNOWN } from "../../src/rehearsal/provider/value";

type Loose = Readonly<Record<string, unknown>>;

/** The finished JSON of one stack. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Loose>>>>;
}

const stores = new Map<string, SchemaStore>();

/** The schema of a resource type. @throws where its provider has none */
export function schemaOf(type: string): TypeSchema {
  const provider = providerOfType(type);
  const store = stores.get(provider) ?? new SchemaStore(provider);
  stores.set(provider, store);
  const schema = store.find("resource", type);
  if (schema === undefined) throw new Error(`${provider} has no resource ${type}`);
  return schema;
}

/** What providers refuse of single arguments in finished JSON before they ask a cloud. References are left out. */
export function findProviderRefusals({ resource = {} }: StackJson): string[] {
  return Object.entries(resource).flatMap(([type, named]) => {
    if (type.startsWith("terraform_")) return [];
    const schema = schemaOf(type);
    const checks = valueChecks(serviceRulesOf(type));
    return Object.entries(named).flatMap(([name, { "//": _meta, ...config }]: [string, Loose]) =>
      findValueProblems(schema, asConfig(schema.block, config) as ObjectValue, checks)
        .filter(({ severity, path = [] }) => severity === "error" && path.length > 0)
        .map(({ summary, detail }) => `${type}.${name}: ${summary} ${detail}`.trim()),
    );
  });
}

/** Whether a value stands in finished JSON where its provider has a rule for it. */
export function isConstrained({ resource = {} }: StackJson, value: unknown): boolean {
  return Object.entries(resource).some(([type, named]) => {
    if (type.startsWith("terraform_")) return false;
    const { rules = {} } = schemaOf(type);
    const ruled = [rules.allowed, rules.range, rules.text, rules.format, rules.numbers, rules.multipleOf];
    return Object.values(named).some((config) =>
      placesOf(config, value).some((place) => ruled.some((each) => each !== undefined && place in each)),
    );
  });
}

/** Where a value stands, dotted and without indexes. */
function placesOf(data: unknown, value: unknown, path: readonly string[] = []): string[] {
  if (isDeepStrictEqual(data, value)) return [path.join(".")];
  if (Array.isArray(data)) return data.flatMap((item) => placesOf(item, value, path));
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, inner]) => placesOf(inner, value, [...path, key]));
}

/** As a provider gets it: every block in a list. */
function asConfig(block: BlockSchema, config: Loose): Loose {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => block.attributes?.[key] !== undefined || block.block_types?.[key] !== undefined)
      .map(([key, value]) => {
        const nested = block.block_types?.[key];
        if (nested === undefined) return [key, withoutReferences(value)];
        const list = (Array.isArray(value) ? value : [value]).map((each) =>
          asConfig(nested.block, each as Loose),
        );
        return [key, nested.nesting_mode === "single" ? list[0] : list];
      }),
  );
}

function withoutReferences(value: unknown): unknown {
  if (typeof value === "string") return isReference(value) ? null : value;
  // A list stays as long as it is.
  if (Array.isArray(value))
    return value.map((each) => (isReference(each) ? UNKNOWN : withoutReferences(each)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutReferences(inner)]));
}

function isReference(value: unknown): boolean {
  return typeof value === "string" && /\$\{/.test(value);
}
