import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** What the API says about a value, as far as it is needed to tell which values fit. */
export interface ApiSchema {
  /** Name of another definition. */
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly items?: ApiSchema;
  readonly additionalProperties?: ApiSchema;
  readonly required?: readonly string[];
}

export interface BuiltInKind {
  /** Name of its definition. */
  readonly definition: string;
  readonly namespaced: boolean;
}

interface BuiltIn {
  /** Module and version that it was taken from. */
  readonly source: string;
  /** By `apps/v1/Deployment`. */
  readonly kinds: Readonly<Record<string, BuiltInKind>>;
  readonly definitions: Readonly<Record<string, ApiSchema>>;
}

export const builtInFile = join(__dirname, "..", "data", "built-in-kinds.json.gz");

let loaded: BuiltIn | undefined;

/** The stable kinds of Kubernetes itself, read when the first of them is asked for. */
export function builtIn(): BuiltIn {
  loaded ??= JSON.parse(gunzipSync(readFileSync(builtInFile)).toString("utf8")) as BuiltIn;
  return loaded;
}

export function builtInKind(apiVersion: string, kind: string): BuiltInKind | undefined {
  return builtIn().kinds[`${apiVersion}/${kind}`];
}

/** A schema with references to definitions followed, and the definition's name where there was one. */
export function resolve(schema: ApiSchema): { readonly schema: ApiSchema; readonly name?: string } {
  if (schema.$ref === undefined) return { schema };
  return { schema: builtIn().definitions[schema.$ref] ?? {}, name: schema.$ref };
}
