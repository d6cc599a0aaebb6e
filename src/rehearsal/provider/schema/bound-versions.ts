import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProviderVersion } from "./schema-store";

/** The provider versions that the installed `@cdktf/provider-*` packages were generated from, by name. */
export function boundProviderVersions(): Record<string, ProviderVersion> {
  const scope = dirname(dirname(require.resolve("@cdktf/provider-random/package.json")));
  const bound: Record<string, ProviderVersion> = {};
  for (const name of readdirSync(scope)) {
    const match = /^provider-(.+)$/.exec(name);
    if (!match?.[1]) continue;
    const { cdktf } = JSON.parse(readFileSync(join(scope, name, "package.json"), "utf8"));
    // provider-generator and provider-schema belong to the command line and bind no provider.
    if (!cdktf?.provider) continue;
    const source = String(cdktf.provider.name).replace(/^registry\.terraform\.io\//, "");
    bound[match[1]] = { source, version: cdktf.provider.version, protocol: 5 };
  }
  return bound;
}
