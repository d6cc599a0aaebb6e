import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { builtInFile } from "./built-in-kinds";

/**
 * Takes the API's own description of the kinds that are built into Kubernetes, without the text for people:
 *
 *   go mod download -json k8s.io/kubernetes@v1.34.0
 *   node --import tsx src/rehearsal/provider/kubernetes/schema/extract.ts k8s.io/kubernetes@v1.34.0 <module>/api/openapi-spec/v3
 */
const [source, folder] = process.argv.slice(2);
if (source === undefined || folder === undefined) throw new Error("usage: extract.ts <source> <folder>");

interface Operation {
  readonly "x-kubernetes-action"?: string;
  readonly "x-kubernetes-group-version-kind"?: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  };
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
  readonly paths?: Readonly<Record<string, { readonly post?: Operation }>>;
}

const all: Record<string, unknown> = {};
const kinds: Record<string, { definition: string; namespaced: boolean }> = {};
const documents = readdirSync(folder)
  // What isn't stable is switched off, unless somebody switches it on.
  .filter((file) => /__v\d+_openapi\.json$/.test(file))
  .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Document);
for (const { components, paths } of documents) {
  Object.assign(all, components?.schemas);
  for (const [path, { post }] of Object.entries(paths ?? {})) {
    const kind = post?.["x-kubernetes-group-version-kind"];
    if (kind === undefined || post?.["x-kubernetes-action"] !== "post" || path.includes("{name}")) continue;
    const version = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    const definition = Object.keys(all).find((name) => describes(all[name], kind));
    if (definition === undefined) continue;
    kinds[`${version}/${kind.kind}`] = { definition, namespaced: path.includes("{namespace}") };
  }
}

function describes(schema: unknown, kind: object): boolean {
  const own = (schema as { "x-kubernetes-group-version-kind"?: readonly object[] })[
    "x-kubernetes-group-version-kind"
  ];
  return own?.length === 1 && JSON.stringify(sorted(own[0] ?? {})) === JSON.stringify(sorted(kind));
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).sort());
}

const definitions: Record<string, unknown> = {};
function take(name: string): void {
  if (name in definitions) return;
  definitions[name] = compact(all[name]);
  for (const [, reference] of JSON.stringify(definitions[name]).matchAll(/"\$ref":"([^"]+)"/g))
    take(reference as string);
}

/** Keeps what says which values fit: references, types, formats, members, elements. */
function compact(schema: unknown): unknown {
  const { $ref, allOf, oneOf, type, format, properties, items, additionalProperties, required } = schema as {
    readonly [name: string]: unknown;
  };
  const [only] = (allOf ?? []) as readonly { readonly $ref?: string }[];
  const reference = ($ref ?? only?.$ref) as string | undefined;
  if (reference !== undefined) return { $ref: reference.split("/").at(-1) };
  return {
    ...(type !== undefined && { type }),
    ...(format !== undefined && { format }),
    ...(oneOf !== undefined && format === undefined && { format: "any" }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as object).map(([name, child]) => [name, compact(child)]),
      ),
    }),
    ...(items !== undefined && { items: compact(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: compact(additionalProperties) }),
    ...(required !== undefined && { required }),
  };
}

for (const { definition } of Object.values(kinds)) take(definition);
const text = JSON.stringify({ source, kinds: sorted(kinds), definitions: sorted(definitions) });
writeFileSync(builtInFile, gzipSync(text, { level: 9 }));
process.stdout.write(`${Object.keys(kinds).length} kinds, ${Object.keys(definitions).length} definitions\n`);
