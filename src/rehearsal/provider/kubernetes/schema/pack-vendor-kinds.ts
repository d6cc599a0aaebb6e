import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { vendorKindsFile } from "./vendor-kinds";

/**
 * Takes the schemas of kinds that charts and add-ons bring which aren't rendered here:
 *
 *   node --import tsx src/rehearsal/provider/kubernetes/schema/pack-vendor-kinds.ts test/support/crds/schemas/{cert-manager,keda,prometheus-operator,secrets-store}.generated.json
 */
const sources: string[] = [];
const kinds: Record<string, unknown> = {};
for (const file of process.argv.slice(2)) {
  const { source, schemas } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly source: string;
    readonly schemas: Readonly<Record<string, { readonly scope: string; readonly schema: object }>>;
  };
  sources.push(source);
  for (const [name, { scope, schema }] of Object.entries(schemas)) {
    kinds[name] = { group: name.split("/", 1)[0], namespaced: scope !== "Cluster", schema };
  }
}
if (sources.length === 0) throw new Error("usage: pack-vendor-kinds.ts <file>...");
writeFileSync(vendorKindsFile, gzipSync(JSON.stringify({ sources, kinds }), { level: 9 }));
process.stdout.write(`${Object.keys(kinds).length} kinds of ${sources.join(", ")}\n`);
