import type { TypeRules, TypeSchema } from "./schema";

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

/** A provider's schemas, one line a type, with the rules that are known of its resources. */
export function schemaLines(
  name: string,
  dump: ProviderDump,
  rules: Readonly<Record<string, TypeRules>> = {},
): string[] {
  const kinds = [
    ["resource", dump.resource_schemas],
    ["data", dump.data_source_schemas],
    ["ephemeral", dump.ephemeral_resource_schemas],
  ] as const;
  return [
    line("provider", name, dump.provider),
    ...kinds.flatMap(([kind, schemas]) =>
      Object.entries(schemas ?? {})
        .sort()
        .map(([type, schema]) => line(kind, type, schema, kind === "resource" ? rules[type] : undefined)),
    ),
  ];
}

function line(kind: string, type: string, schema: TypeSchema, rules?: TypeRules): string {
  const kept = { ...(withoutDescriptions(schema) as TypeSchema), ...(rules && { rules }) };
  return `${kind}\t${type}\t${JSON.stringify(kept)}\n`;
}

function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !(/^description(_kind)?$/.test(key) && typeof child === "string"))
      .map(([key, child]) => [key, withoutDescriptions(child)]),
  );
}
