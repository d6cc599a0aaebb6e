import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** What a provider says to a new resource. */
export type CreateVerdict = "accepted" | "refused-validate" | "refused-plan";
/** What a provider says to a change of one that exists. */
export type UpdateVerdict = "in-place" | "replace" | "no change" | "refused";

export type Json = Readonly<Record<string, unknown>>;

/** One change of a base. `value` is `"__removed__"` where something is taken away. */
export interface Mutation {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** What the real provider said to one mutated resource. */
export interface VerdictCase {
  readonly id: string;
  readonly kind: "create" | "update";
  readonly type: string;
  readonly mutation: readonly Mutation[];
  readonly verdict: CreateVerdict | UpdateVerdict;
  readonly message?: readonly string[];
  /** The arguments that force a replacement, dotted, without indexes. */
  readonly because?: readonly string[];
}

/** What the real provider said, while validating, to a resource, a data source, an ephemeral one or its own block. */
export interface QuestionCase {
  readonly kind: "resource" | "provider" | "data" | "ephemeral";
  readonly type: string;
  /** What is said; a text with `${` isn't known yet, and neither is whatever else is required. */
  readonly config: Json;
  readonly verdict: "accepted" | "refused";
}

/** The verdicts of one real provider, as they were measured. */
export interface VerdictFile {
  readonly provider: string;
  readonly version: string;
  readonly settings: readonly Json[];
  readonly bases: Readonly<Record<string, Json>>;
  readonly states: Readonly<Record<string, Json>>;
  readonly cases: readonly VerdictCase[];
  readonly questions?: readonly QuestionCase[];
}

export const verdictFolder = join(__dirname, "verdicts");
/** Verdicts on the examples of the providers' documentation, as they stand and changed in one place. */
export const documentedFolder = join(verdictFolder, "documented");

/** Reads all verdicts of a folder, `<provider>.json` or `<provider>.json.gz`. */
export function readVerdicts(folder = verdictFolder): VerdictFile[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name)) : [];
  if (names.length === 0) throw new Error(`${folder} holds no verdicts: no *.json and no *.json.gz`);
  return names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
  });
}

/** The mutated resource, as Terraform JSON. */
export function applyMutation(base: Json, mutation: readonly Mutation[]): Json {
  if (mutation.length === 0) return base;
  const mutated = structuredClone(base) as Record<string, unknown>;
  for (const { path, value } of mutation) {
    const last = path.at(-1) as string;
    // biome-ignore lint/suspicious/noExplicitAny: any JSON
    const parent = path.slice(0, -1).reduce<any>((node, step) => node[step], mutated);
    if (value !== "__removed__") parent[last] = structuredClone(value);
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return mutated;
}
