import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/**
 * Takes the vendors' own CRDs, without their descriptions:
 *
 *   node --import tsx test/support/crds/extract.ts schemas <name> <source> <kind,kind> <folder or file>...
 *   node --import tsx test/support/crds/extract.ts chart <name> <source> <kind,kind or *> <folder or file>...
 *
 * `schemas` writes what tests check resources against, `chart` the CRDs that `src/cluster/charts/<name>` installs.
 * <source> says what they are, for example `github.com/dapr/dapr@v1.18.0` from `go mod download -json`.
 */
const [mode, name, source, kinds, ...paths] = process.argv.slice(2);
if (
  mode === undefined ||
  name === undefined ||
  source === undefined ||
  kinds === undefined ||
  paths.length === 0
) {
  throw new Error("usage: extract.ts schemas|chart <name> <source> <kinds> <folder or file>...");
}

interface Crd {
  readonly kind: string;
  readonly metadata: { readonly name: string };
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

const wanted = kinds.split(",");
const files = paths.flatMap((path) =>
  /\.ya?ml$/.test(path)
    ? [path]
    : readdirSync(path)
        .filter((file) => /\.ya?ml$/.test(file))
        .map((file) => join(path, file)),
);
const crds = files
  .sort()
  .flatMap((file) =>
    parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Crd | null),
  )
  .filter((document): document is Crd => document?.kind === "CustomResourceDefinition")
  .filter(({ spec }) => kinds === "*" || wanted.includes(spec.names.kind));
if (mode === "chart") writeChart(name, source);
else writeSchemas(name, source);

function writeSchemas(name: string, source: string): void {
  const schemas = crds.flatMap(({ spec: { group, scope, names, versions } }) =>
    versions
      .filter(({ served }) => served)
      .map((version): [string, unknown] => [
        `${group}/${version.name}/${names.kind}`,
        { scope, schema: withoutDescriptions(version.schema.openAPIV3Schema) },
      ]),
  );
  const folder = join(__dirname, "schemas");
  mkdirSync(folder, { recursive: true });
  // One line a kind: a new release shows in review as the kinds that it changed.
  const lines = schemas.map(([kind, schema]) => `"${kind}": ${JSON.stringify(schema)}`);
  writeFileSync(
    join(folder, `${name}.generated.json`),
    `{"source": ${JSON.stringify(source)},\n"schemas": {\n${lines.join(",\n")}\n}}\n`,
  );
}

function writeChart(name: string, source: string): void {
  const chart = join(__dirname, "../../../src/cluster/charts", name);
  rmSync(join(chart, "crd-files"), { recursive: true, force: true });
  for (const folder of ["crd-files", "templates"]) mkdirSync(join(chart, folder), { recursive: true });
  for (const crd of crds) {
    const { status, ...definition } = crd as Crd & { readonly status?: unknown };
    const file = join(chart, "crd-files", `${crd.metadata.name}.json`);
    writeFileSync(file, `${JSON.stringify(withoutDescriptions(definition))}\n`);
  }
  const version = source.slice(source.lastIndexOf("@v") + 2);
  writeFileSync(
    join(chart, "Chart.yaml"),
    [
      "apiVersion: v2",
      `name: ${name}`,
      // With descriptions, a release of some vendors' CRDs is larger than the 1 MiB that Helm can store.
      `description: The custom resource definitions of ${source} (Apache-2.0), without their descriptions`,
      "type: application",
      `version: ${version}`,
      `appVersion: ${version}`,
      "",
    ].join("\n"),
  );
  writeFileSync(
    join(chart, "templates", "crds.yaml"),
    '{{- range $path, $content := .Files.Glob "crd-files/*.json" }}\n---\n{{ $.Files.Get $path }}\n{{- end }}\n',
  );
}

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
