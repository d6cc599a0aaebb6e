import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/**
 * Takes the schemas of the kinds that the fleet uses out of the vendors' own CRDs:
 *
 *   node --import tsx test/support/crds/extract.ts <name> <source> <kind,kind> <folder or file>...
 *
 * where <source> says what they are (`github.com/dapr/dapr@v1.18.0`), for example from `go mod download -json`.
 */
const [name, source, kinds, ...paths] = process.argv.slice(2);
if (name === undefined || source === undefined || kinds === undefined || paths.length === 0) {
  throw new Error("usage: extract.ts <name> <source> <kind,kind> <folder or file>...");
}

interface Crd {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly scope: "Namespaced" | "Cluster";
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: unknown };
    }[];
  };
}

const wanted = new Set(kinds.split(","));
const files = paths.flatMap((path) =>
  /\.ya?ml$/.test(path)
    ? [path]
    : readdirSync(path)
        .filter((file) => /\.ya?ml$/.test(file))
        .map((file) => join(path, file)),
);
const schemas: Record<string, unknown> = {};
for (const file of files.sort()) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    const crd = document.toJS() as Crd | null;
    if (crd?.kind !== "CustomResourceDefinition" || !wanted.has(crd.spec.names.kind)) continue;
    const { group, scope, names, versions } = crd.spec;
    for (const version of versions.filter(({ served }) => served)) {
      schemas[`${group}/${version.name}/${names.kind}`] = {
        scope,
        schema: withoutDescriptions(version.schema.openAPIV3Schema),
      };
    }
  }
}
const folder = join(__dirname, "schemas");
mkdirSync(folder, { recursive: true });
// One line a kind: a new release shows in review as the kinds that it changed.
const lines = Object.entries(schemas).map(([kind, schema]) => `"${kind}": ${JSON.stringify(schema)}`);
writeFileSync(
  join(folder, `${name}.generated.json`),
  `{"source": ${JSON.stringify(source)},\n"schemas": {\n${lines.join(",\n")}\n}}\n`,
);

/** Descriptions are prose, nine tenths of the text, and validate nothing. A property may be named so, and stays. */
function withoutDescriptions(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDescriptions);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === "description" && typeof value === "string" ? [] : [[key, withoutDescriptions(value)]],
    ),
  );
}
