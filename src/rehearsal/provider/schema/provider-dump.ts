import type { TypeRules, TypeSchema } from "./schema";
import type { SchemaKind } from "./schema-store";

/** Rules by what they are about: a resource and a data source may have the same name. */
export type RulesByKind = Readonly<Partial<Record<SchemaKind, Readonly<Record<string, TypeRules>>>>>;

/** One provider in what `terraform providers schema -json` prints. */
export interface ProviderDump {
  readonly provider: TypeSchema;
  readonly resource_schemas?: Readonly<Record<string, TypeSchema>>;
  readonly data_source_schemas?: Readonly<Record<string, TypeSchema>>;
  readonly ephemeral_resource_schemas?: Readonly<Record<string, TypeSchema>>;
}

/** Only protocol 6 has nested attribute types; what has none speaks either. */
export function protocolOf(dump: ProviderDump): 5 | 6 {
  return JSON.stringify(dump).includes('"nested_type"') ? 6 : 5;
}

/** A provider's schemas, one line a type, with the rules that are known of it. */
export function schemaLines(name: string, dump: ProviderDump, rules: RulesByKind = {}): string[] {
  const kinds = [
    ["resource", dump.resource_schemas],
    ["data", dump.data_source_schemas],
    ["ephemeral", dump.ephemeral_resource_schemas],
  ] as const;
  return [
    line("provider", name, dump.provider, rules.provider?.[name]),
    ...kinds.flatMap(([kind, schemas]) =>
      Object.entries(schemas ?? {})
        .sort()
        .map(([type, schema]) => line(kind, type, schema, rules[kind]?.[type])),
    ),
  ];
}

function line(kind: string, type: string, schema: TypeSchema, rules?: TypeRules): string {
  const kept = { ...(withoutDescriptions(schema) as TypeSchema), ...(rules && { rules }) };
  return `${kind}\t${type}\t${JSON.stringify(kept)}\n`;
}

/** A field of an object may be called so as well: types are left alone. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !(/^description(_kind)?$/.test(key) && typeof child === "string"))
      .map(([key, child]) => [key, isTypeConstraint(key, child) ? child : withoutDescriptions(child)]),
  );
}

/** Unlike an argument that is called so. */
function isTypeConstraint(key: string, value: unknown): boolean {
  return key === "type" && Array.isArray(value);
}
