import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RehearsalFailure } from "./failure";

type Json = Record<string, unknown>;

/** A block of a Terraform configuration, its labels before its body. */
export interface TerraformBlock {
  readonly labels: readonly string[];
  readonly body: Json;
}

/** One file's configuration, whichever syntax it was written in. */
export interface TerraformFile {
  readonly name: string;
  readonly content: Json;
}

/**
 * The rehearsal's own file in a sealed folder. An override file takes precedence over every backend or cloud
 * block of the folder, in both syntaxes; Terraform merges override files by name, and this one comes last.
 */
export const OVERRIDE_FILE = "zzz_rehearsal_override.tf.json";

/** Reads a folder's configuration, `*.tf` and `*.tf.json`, as it was before it was sealed. */
export async function readTerraformFolder(folder: string): Promise<TerraformFile[]> {
  const names = (await readdir(folder)).filter(
    (name) =>
      /\.tf(\.json)?$/.test(name) && !name.startsWith(".") && !/^#.*#$/.test(name) && name !== OVERRIDE_FILE,
  );
  return Promise.all(
    names.sort().map(async (name) => ({ name, content: await readTerraformFile(join(folder, name)) })),
  );
}

async function readTerraformFile(path: string): Promise<Json> {
  const text = await readFile(path, "utf8");
  try {
    if (path.endsWith(".json")) return await parseJson(text);
    // Loaded when there is HCL to read: it starts a WebAssembly program, and synthesized stacks are JSON.
    const { parse } = await import("@cdktf/hcl2json");
    return (await parse(path, text)) as Json;
  } catch (error) {
    throw new RehearsalFailure({ what: `${path} is no Terraform configuration`, details: [String(error)] });
  }
}

/**
 * Terraform reads every occurrence of a key that stands twice in an object, JavaScript the last one only: what was
 * checked wouldn't be what is run.
 *
 * @throws when a key stands twice, with its place
 */
async function parseJson(text: string): Promise<Json> {
  const content = JSON.parse(text) as Json;
  const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined);
  if (keys.length === countKeys(content)) return content;
  // Slower than JSON's own parser, and exact about where.
  const { parseDocument } = await import("yaml");
  const { errors } = parseDocument(text, { uniqueKeys: true });
  throw new Error(errors[0]?.message ?? "a key stands twice in an object");
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  const inner = Object.values(value).reduce<number>((sum, child) => sum + countKeys(child), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** All blocks of a kind over a folder's files: `blocks(files, "resource", 2)` gives type and name as labels. */
export function blocks(files: readonly TerraformFile[], kind: string, labelCount: number): TerraformBlock[] {
  return files.flatMap(({ content }) => [...labelled(content[kind], labelCount, [])]);
}

function* labelled(value: unknown, remaining: number, labels: readonly string[]): Generator<TerraformBlock> {
  if (Array.isArray(value)) {
    for (const element of value) yield* labelled(element, remaining, labels);
  } else if (value !== null && typeof value === "object") {
    if (remaining === 0) {
      yield { labels, body: value as Json };
    } else {
      for (const [label, inner] of Object.entries(value)) {
        if (label !== "//") yield* labelled(inner, remaining - 1, [...labels, label]);
      }
    }
  }
}

/** The blocks nested directly in a body. */
export function nested(body: Json, kind: string): Json[] {
  return blocks([{ name: "", content: body }], kind, 0).map((block) => block.body);
}

/** Where a state is kept: what a `backend` block or a remote-state data source says. */
export interface StateLocation {
  readonly backend: string;
  readonly config: Json;
}

/** The folder's own backend, if it names one. */
export function findBackend(files: readonly TerraformFile[]): StateLocation | undefined {
  const terraform = blocks(files, "terraform", 0);
  const backend = terraform.flatMap(({ body }) => [...labelled(body.backend, 1, [])]).at(-1);
  if (backend?.labels[0] !== undefined) return { backend: backend.labels[0], config: backend.body };
  const cloud = terraform.flatMap(({ body }) => nested(body, "cloud")).at(-1);
  return cloud === undefined ? undefined : { backend: "cloud", config: cloud };
}

/** The arguments that name a place, per backend; the others (credentials, endpoints) don't tell two states apart. */
const PLACE: Readonly<Record<string, readonly string[]>> = {
  azurerm: ["storage_account_name", "container_name", "key"],
  gcs: ["bucket", "prefix"],
  s3: ["bucket", "key"],
  http: ["address"],
  local: ["path"],
};

/** A text that is equal for two locations of the same state. */
export function placeOf({ backend, config }: StateLocation): string {
  const keys = PLACE[backend] ?? Object.keys(config).sort();
  return `${backend} ${keys.map((key) => `${key}=${JSON.stringify(config[key] ?? null)}`).join(" ")}`;
}

const DEFAULT_HOST = "registry.terraform.io";

/** The versions of providers that a folder asks for. */
export function findVersionConstraints(
  files: readonly TerraformFile[],
): { readonly source: string; readonly constraint: string }[] {
  return blocks(files, "terraform", 0)
    .flatMap(({ body }) => nested(body, "required_providers"))
    .flatMap((required) => Object.entries(required))
    .flatMap(([local, wanted]) => {
      const isObject = typeof wanted === "object" && wanted !== null;
      const { source = local, version = undefined } = isObject ? (wanted as Json) : { version: wanted };
      return typeof version === "string" && local !== "//"
        ? [{ source: sourceOf(String(source)), constraint: version }]
        : [];
    });
}

/** `namespace/type`, with the registry's host where it isn't Terraform's own. */
function sourceOf(source: string): string {
  const address = source.toLowerCase().replace(`${DEFAULT_HOST}/`, "");
  return address.includes("/") ? address : `hashicorp/${address}`;
}

/** `namespace/type` of every provider that a folder needs, without those built into Terraform. */
export function findProviders(files: readonly TerraformFile[]): string[] {
  const sources = new Map<string, string>();
  for (const { body } of blocks(files, "terraform", 0)) {
    for (const required of nested(body, "required_providers")) {
      for (const [local, wanted] of Object.entries(required)) {
        if (local === "//") continue;
        const source = typeof wanted === "object" ? (wanted as Json).source : undefined;
        sources.set(local, typeof source === "string" ? source : `hashicorp/${local}`);
      }
    }
  }
  const used = new Set(sources.keys());
  for (const { labels } of blocks(files, "provider", 1)) if (labels[0]) used.add(labels[0]);
  for (const kind of ["resource", "data", "ephemeral"]) {
    for (const { labels, body } of blocks(files, kind, 2)) {
      const named = typeof body.provider === "string" ? /[\w-]+/.exec(body.provider)?.[0] : undefined;
      used.add(named ?? labels[0]?.split("_")[0] ?? "");
    }
  }
  return [...used]
    .filter((local) => local !== "" && !(local === "terraform" && !sources.has(local)))
    .map((local) => sources.get(local) ?? `hashicorp/${local}`)
    .map(sourceOf)
    .sort();
}

/** The modules that a folder calls, by name. */
export function findModules(
  files: readonly TerraformFile[],
): { readonly name: string; readonly source: string; readonly isLocal: boolean }[] {
  return blocks(files, "module", 1).map(({ labels, body }) => {
    const source = String(body.source);
    return { name: labels[0] ?? "", source, isLocal: /^\.\.?\//.test(source) };
  });
}
