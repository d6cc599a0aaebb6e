import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TypeSchema } from "./schema";

/** What a line of a provider's file describes. */
export type SchemaKind = "provider" | "resource" | "data" | "ephemeral";

/** A provider whose schemas the project holds. */
export interface ProviderVersion {
  /** Namespace and name in the registry, such as `hashicorp/azurerm`. */
  readonly source: string;
  /** Version of the provider that the schemas were read from. */
  readonly version: string;
  /** Plugin protocol the provider speaks. */
  readonly protocol: 5 | 6;
}

export const schemaFolder = join(__dirname, "..", "..", "schemas");

export const providerVersions: Readonly<Record<string, ProviderVersion>> = JSON.parse(
  readFileSync(join(schemaFolder, "versions.json"), "utf8"),
);

/** The provider that a type belongs to, by the first word of its name. */
export function providerOfType(type: string): string {
  return type.split("_", 1)[0] ?? type;
}

/**
 * The schemas and rules of one provider. Parsing all of azurerm costs ten times what a stack needs, so the
 * file is one line a type and only the types asked for are parsed.
 */
export class SchemaStore {
  private readonly lines = new Map<string, string>();
  private readonly parsed = new Map<string, TypeSchema>();

  /** Whether they are the project's own, with all that is known of the provider besides: somebody may give others. */
  readonly isHeld: boolean;

  /**
   * @param given schemas, one line a type, instead of those that the project holds
   * @throws when the project holds no schemas of that provider.
   */
  constructor(
    readonly provider: string,
    given?: string,
  ) {
    this.isHeld = given === undefined;
    const text = given ?? readHeld(provider);
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf("\n", start);
      const firstTab = text.indexOf("\t", start);
      const secondTab = text.indexOf("\t", firstTab + 1);
      this.lines.set(text.slice(start, secondTab), text.slice(secondTab + 1, end));
      start = end + 1;
    }
  }

  find(kind: SchemaKind, type: string): TypeSchema | undefined {
    const key = `${kind}\t${type}`;
    const known = this.parsed.get(key);
    if (known) return known;
    const line = this.lines.get(key);
    if (line === undefined) return undefined;
    const schema: TypeSchema = JSON.parse(line);
    this.parsed.set(key, schema);
    return schema;
  }

  types(kind: SchemaKind): string[] {
    const prefix = `${kind}\t`;
    return [...this.lines.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }
}

function readHeld(provider: string): string {
  if (!providerVersions[provider]) {
    throw new Error(
      `the rehearsal has no schemas of the provider '${provider}' (${Object.keys(providerVersions).join(", ")}); ` +
        "add it with npm run schemas:refresh",
    );
  }
  return gunzipSync(readFileSync(schemaFile(provider))).toString("utf8");
}

export function schemaFile(provider: string): string {
  return join(schemaFolder, `${provider}.schemas.gz`);
}
