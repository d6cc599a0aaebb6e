import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CrdSchema } from "../../../../src/rehearsal/provider/kubernetes/custom-resource/crd-schema";
import type { Json } from "../../../../src/rehearsal/provider/kubernetes/field";
import type { ApiObject, KnownKind } from "../../../../src/rehearsal/provider/kubernetes/judge";

const project = join(__dirname, "..", "..", "..", "..");

export function readVerdicts<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, "verdicts", `${name}.generated.json`), "utf8")) as T;
}

/** What was asked of a real API server, and what it said. */
export interface Mutation {
  readonly object: string;
  readonly action: "create" | "update";
  readonly change: readonly (readonly [path: readonly (string | number)[], value?: Json])[];
  readonly verdict: "accepted" | "refused";
  readonly message?: string;
  /** Whether what the rules made of it was seen before it was recorded. */
  readonly seen?: boolean;
}

export interface RecordedObjects {
  readonly new: Readonly<Record<string, ApiObject>>;
  readonly stored: Readonly<Record<string, ApiObject>>;
}

/** The object of a case, as it was sent. */
export function objectOf({ object, action, change }: Mutation, objects: RecordedObjects): ApiObject {
  const base = (action === "create" ? objects.new : objects.stored)[object];
  // biome-ignore lint/suspicious/noExplicitAny: any JSON may stand at a path
  const changed: any = structuredClone(base);
  for (const [path, ...values] of change) {
    let parent = changed;
    for (const step of path.slice(0, -1)) {
      parent[step] ??= {};
      parent = parent[step];
    }
    const last = path.at(-1) as string | number;
    if (values.length > 0) parent[last] = written(values[0] as Json);
    else if (Array.isArray(parent)) parent.splice(last as number, 1);
    else delete parent[last];
  }
  return changed as ApiObject;
}

/** Long texts are recorded by what is repeated in them. */
function written(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => written(item));
  if (typeof value !== "object" || value === null) return value;
  const { repeated, times, ...others } = value as { readonly [name: string]: Json };
  if (typeof repeated === "string" && typeof times === "number" && Object.keys(others).length === 0) {
    return repeated.repeat(times);
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, written(child as Json)]));
}

/** A fifth of the cases is kept back from those who write rules, where nobody had seen how they were judged. */
export function isKeptBack({ object, action, change, seen }: Mutation): boolean {
  if (seen) return false;
  const text = JSON.stringify([object, action, change]);
  return Number.parseInt(createHash("sha256").update(text).digest("hex").slice(0, 8), 16) % 5 === 0;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: CrdSchema };
    }[];
  };
}

/** The kinds that had been added to the API server: by this project's charts, and by their vendors' definitions. */
export function recordedKinds(): (apiVersion: string, kind: string) => KnownKind | undefined {
  const kinds = new Map<string, KnownKind>();
  for (const file of filesIn("src", /[\\/]crd-files[\\/][^\\/]+\.json$/)) {
    const { spec } = JSON.parse(readFileSync(file, "utf8")) as Definition;
    for (const { name, served, schema } of spec.versions) {
      if (!served) continue;
      kinds.set(`${spec.group}/${name}/${spec.names.kind}`, {
        group: spec.group,
        namespaced: spec.scope === "Namespaced",
        schema: schema.openAPIV3Schema,
      });
    }
  }
  const vendors = /[\\/](cert-manager|keda|prometheus-operator|secrets-store)\.generated\.json$/;
  for (const file of filesIn(join("test", "support", "crds"), vendors)) {
    const { schemas } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly schemas: Readonly<Record<string, { readonly scope: string; readonly schema: CrdSchema }>>;
    };
    for (const [name, { scope, schema }] of Object.entries(schemas)) {
      const own = name.split("/", 1)[0] as string;
      // Azure has the Prometheus operator's kinds under a group of its own.
      const groups = own === "monitoring.coreos.com" ? [own, `az${own}`] : [own];
      for (const group of groups) {
        kinds.set(name.replace(own, group), { group, namespaced: scope !== "Cluster", schema });
      }
    }
  }
  return (apiVersion, kind) => kinds.get(`${apiVersion}/${kind}`);
}

function filesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(project, folder, file))
    .filter((file) => pattern.test(file));
}
