import { readFile } from "node:fs/promises";
import type { GivenProvider } from "../given-providers";
import { type ProviderDump, protocolOf, schemaLines } from "../provider/schema/provider-dump";
import { providerVersions } from "../provider/schema/schema-store";
import { RehearsalFailure } from "./failure";

const HOW =
  "give what `terraform providers schema -json` prints, with the version before it where another is simulated: 5.2.0=schema.json";

/**
 * Reads the schemas of providers that no simulated cloud knows, or of other versions of those that it knows.
 *
 * @param given a file, or a version and a file: `5.2.0=schema.json`
 * @throws RehearsalFailure that says what is wrong with it
 */
export async function readProviderSchemas(given: string): Promise<GivenProvider[]> {
  const [, version, path = given] = /^(?:(\d+\.\d+\.\d+[\w.+-]*)=)?(.+)$/s.exec(given) ?? [];
  const dumps = await readDumps(path);
  const simulated = new Map(Object.values(providerVersions).map((held) => [held.source, held.version]));
  const found = Object.entries(dumps).flatMap(([address, dump]): GivenProvider[] => {
    const [host = "", ...names] = address.split("/");
    const source = names.join("/");
    const held = simulated.get(source);
    // A dump has all providers of its configuration: those that are simulated better need no schema.
    if (held !== undefined && (version === undefined || version === held)) return [];
    return [
      {
        source,
        host,
        ...(version !== undefined && { version }),
        protocol: protocolOf(dump),
        lines: schemaLines(source.split("/").at(-1) ?? "", dump).join(""),
      },
    ];
  });
  if (found.length > 0) return found;
  const names = Object.keys(dumps).join(", ");
  throw new RehearsalFailure({
    what: `${path} holds no provider that isn't simulated already (${names}); ${HOW}`,
  });
}

async function readDumps(path: string): Promise<Readonly<Record<string, ProviderDump>>> {
  let content: { readonly provider_schemas?: Readonly<Record<string, ProviderDump>> };
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "isn't there" : `can't be read: ${message}`;
    throw new RehearsalFailure({ what: `${path} ${why}; ${HOW}` });
  }
  const dumps = content?.provider_schemas;
  const isDump =
    typeof dumps === "object" &&
    dumps !== null &&
    Object.values(dumps).every((dump) => dump?.provider?.block);
  if (!isDump) throw new RehearsalFailure({ what: `${path} holds no schemas of providers; ${HOW}` });
  return dumps;
}
