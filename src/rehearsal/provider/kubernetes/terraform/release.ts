import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { parse } from "yaml";
import { blocksAt, type ObjectValue, textAt, textsAt } from "../../value";
import { isJsonObject, type Json, type JsonObject } from "../field";
import type { ApiObject } from "../judge";
import { findChart } from "./chart-folders";
import { mergeValues, readCrds, renderChart, UnknownTemplate } from "./render-chart";

/** What a Helm release puts into its cluster. */
export type Rendered =
  | {
      readonly objects: readonly ApiObject[];
      /** Definitions in the chart's own folder for them, which are there before anything else. */
      readonly definitions: readonly ApiObject[];
    }
  /** It can't be told: the chart is elsewhere, or its templates need Helm itself. */
  | { readonly reason: string };

/** Whether a release's chart comes from elsewhere: a repository, a registry, an archive on the web. */
export function isRemote(attributes: ObjectValue): boolean {
  return !!textAt(attributes, "repository") || /^\w+:\/\//.test(textAt(attributes, "chart") ?? "");
}

/** Name of the chart, without where it comes from. */
export function chartName(attributes: ObjectValue): string {
  return (textAt(attributes, "chart") ?? "").split("/").at(-1) ?? "";
}

/** What a chart says of itself. */
export interface ChartFacts {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
}

/** What the chart of a release says of itself; undefined where it comes from elsewhere, or isn't on this disk. */
export function readChart(attributes: ObjectValue): ChartFacts | undefined {
  const folder = isRemote(attributes) ? undefined : findChart(textAt(attributes, "chart") ?? "");
  if (folder === undefined) return undefined;
  const chart = parse(readFileSync(join(folder, "Chart.yaml"), "utf8"), { schema: "failsafe" }) as Json;
  const said = (name: string) => (isJsonObject(chart) ? String(chart[name] ?? "") : "");
  return { name: said("name"), version: said("version"), appVersion: said("appVersion") };
}

/** The values that a release is given, later ones over earlier ones. */
export function valuesOf(attributes: ObjectValue): JsonObject {
  let values: JsonObject = {};
  for (const text of textsAt(attributes, "values")) {
    const own = parse(text, { version: "1.1" }) as Json;
    if (isJsonObject(own)) values = mergeValues(values, own);
  }
  for (const setting of blocksAt(attributes, "set")) {
    const { name, value } = setting;
    if (typeof name !== "string") continue;
    const nested = name.split(".").reduceRight<Json>((inner, step) => ({ [step]: inner }), literal(value));
    if (isJsonObject(nested)) values = mergeValues(values, nested);
  }
  return values;
}

function literal(value: unknown): Json {
  if (value === "true" || value === "false") return value === "true";
  return typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : String(value ?? "");
}

/** The value at a dotted path of a release's values. */
export function valueAt(values: JsonObject, path: string): unknown {
  let value: Json | undefined = values;
  for (const step of path.split(".")) value = isJsonObject(value) ? value[step] : undefined;
  return value;
}

/** Renders a release as Helm would, as far as that can be done without Helm. */
export function renderRelease(attributes: ObjectValue): Rendered {
  const chart = textAt(attributes, "chart") ?? "";
  if (isRemote(attributes)) return { reason: `the chart ${chartName(attributes)} comes from elsewhere` };
  const folder = findChart(chart);
  if (folder === undefined) return { reason: `the chart ${chart} isn't on this disk` };
  try {
    const name = textAt(attributes, "name") ?? "";
    const namespace = textAt(attributes, "namespace") ?? "default";
    const objects = renderChart(folder, { name, namespace, values: valuesOf(attributes) });
    return { objects, definitions: attributes.skip_crds === true ? [] : readCrds(folder) };
  } catch (error) {
    if (!(error instanceof UnknownTemplate)) throw error;
    return { reason: `templates of the chart ${chartName(attributes)} need Helm: ${error.message}` };
  }
}

/** Rendered objects as the ledger keeps them: definitions are long, and the file is written at every change. */
export function packObjects(objects: readonly ApiObject[]): string {
  return gzipSync(JSON.stringify(objects), { level: 6 }).toString("base64");
}

const unpacked = new Map<string, readonly ApiObject[]>();

/** The objects of a release in the ledger; none where it couldn't be rendered. */
export function objectsIn(attributes: ObjectValue | null | undefined): readonly ApiObject[] {
  const packed = textAt(attributes ?? undefined, "rendered.objects");
  if (packed === undefined) return [];
  const known = unpacked.get(packed);
  if (known !== undefined) return known;
  const objects = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8")) as ApiObject[];
  unpacked.set(packed, objects);
  return objects;
}
