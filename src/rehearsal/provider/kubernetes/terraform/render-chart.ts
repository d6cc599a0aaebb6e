import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { isJsonObject, type Json, type JsonObject } from "../field";
import { type ApiObject, isApiObject } from "../judge";

/** What a release knows besides its values. */
export interface ReleaseContext {
  readonly name: string;
  readonly namespace: string;
  readonly values: JsonObject;
}

/** A template that says more than can be rendered here. */
export class UnknownTemplate extends Error {}

/**
 * The objects of a chart in a folder. Knows as much of Helm's templates as charts need that print what they are
 * given: `range` over values and files, `toYaml`, values and the release's name.
 *
 * @throws UnknownTemplate when a template needs more than that
 */
export function renderChart(folder: string, release: ReleaseContext): ApiObject[] {
  const chart = parse(readFileSync(join(folder, "Chart.yaml"), "utf8")) as {
    readonly dependencies?: readonly unknown[];
  };
  if (existsSync(join(folder, "charts")) || (chart.dependencies ?? []).length > 0) {
    throw new UnknownTemplate("it has charts inside");
  }
  const defaults = existsSync(join(folder, "values.yaml"))
    ? (parse(readFileSync(join(folder, "values.yaml"), "utf8"), { version: "1.1" }) as Json)
    : {};
  const values = mergeValues(isJsonObject(defaults) ? defaults : {}, release.values);
  return filesIn(join(folder, "templates"))
    .filter((file) => /\.(ya?ml|tpl)$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(file, "utf8");
      return /\.tpl$|\/_[^/]*$/.test(file)
        ? []
        : readObjects(renderTemplate(text, folder, { ...release, values }));
    });
}

/** What stands in a chart's own folder for definitions, which Helm installs once and never changes. */
export function readCrds(folder: string): ApiObject[] {
  return filesIn(join(folder, "crds"))
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .flatMap((file) => readObjects(readFileSync(file, "utf8")));
}

/** Later values win; maps are merged, lists are replaced, and null takes away. */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isJsonObject(value) && isJsonObject(before) ? mergeValues(before, value) : value;
  }
  return merged;
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]));
}

function readObjects(text: string): ApiObject[] {
  return parseAllDocuments(text, { version: "1.1" })
    .map((document) => document.toJS() as unknown)
    .filter(isApiObject);
}

/** What a name stands for while a template is rendered. */
interface Scope {
  readonly dot: Json;
  readonly names: Readonly<Record<string, Json>>;
}

function renderTemplate(text: string, folder: string, release: ReleaseContext): string {
  const parts = text.split(/(\{\{-?[\s\S]*?-?\}\})/).map((part): string => part);
  for (let index = 1; index < parts.length; index += 2) {
    if (parts[index]?.startsWith("{{-")) parts[index - 1] = parts[index - 1]?.trimEnd() ?? "";
    if (parts[index]?.endsWith("-}}")) parts[index + 1] = parts[index + 1]?.trimStart() ?? "";
  }
  const root: Json = {
    Values: release.values as Json,
    Release: { Name: release.name, Namespace: release.namespace, Service: "Helm" },
  };
  const [output, rest] = renderParts(parts, 0, { dot: root, names: { $: root } }, folder);
  if (rest < parts.length) throw new UnknownTemplate("it has an end too many");
  return output;
}

/** Renders up to the end of a block, or of the text. */
function renderParts(
  parts: readonly string[],
  start: number,
  scope: Scope,
  folder: string,
): [string, number] {
  let output = "";
  let index = start;
  while (index < parts.length) {
    const part = parts[index] ?? "";
    if (!part.startsWith("{{")) {
      output += part;
      index += 1;
      continue;
    }
    const action = part.replace(/^\{\{-?|-?\}\}$/g, "").trim();
    if (action === "end") return [output, index];
    if (action.startsWith("/*")) {
      index += 1;
      continue;
    }
    const [, names, source] = /^range\s+(?:((?:\$\w+\s*,\s*)?\$\w+)\s*:=\s*)?(.+)$/.exec(action) ?? [];
    if (source === undefined) {
      output += print(action, scope, folder);
      index += 1;
      continue;
    }
    const variables = (names ?? "").split(",").map((name) => name.trim());
    let end = index;
    for (const [key, value] of entriesOf(evaluate(source, scope, folder))) {
      const bound: Record<string, Json> = { ...scope.names };
      if (variables.length === 2) {
        bound[variables[0] ?? ""] = key;
        bound[variables[1] ?? ""] = value;
      } else if (variables[0]) bound[variables[0]] = value;
      const [rendered, stop] = renderParts(parts, index + 1, { dot: value, names: bound }, folder);
      output += rendered;
      end = stop;
    }
    index = (end === index ? endOf(parts, index) : end) + 1;
  }
  return [output, index];
}

/** Where a block ends that isn't rendered even once. */
function endOf(parts: readonly string[], start: number): number {
  let depth = 0;
  for (let index = start; index < parts.length; index += 1) {
    const action = parts[index]?.replace(/^\{\{-?|-?\}\}$/g, "").trim() ?? "";
    if (!parts[index]?.startsWith("{{")) continue;
    if (/^(range|if|with|define|block)\b/.test(action)) depth += 1;
    if (action === "end") depth -= 1;
    if (depth === 0) return index;
  }
  throw new UnknownTemplate("a block has no end");
}

function entriesOf(value: Json): [Json, Json][] {
  if (Array.isArray(value)) return value.map((item, index): [Json, Json] => [index, item as Json]);
  if (isJsonObject(value))
    return Object.keys(value)
      .sort()
      .map((key): [Json, Json] => [key, value[key] ?? null]);
  return [];
}

function print(action: string, scope: Scope, folder: string): string {
  const [, argument] = /^toYaml\s+(\S+)$/.exec(action) ?? [];
  if (argument !== undefined)
    return stringify(evaluate(argument, scope, folder), { version: "1.1" }).trimEnd();
  const value = evaluate(action, scope, folder);
  return typeof value === "object" ? stringify(value) : String(value);
}

function evaluate(expression: string, scope: Scope, folder: string): Json {
  const [, pattern] = /^\$?\.Files\.Glob\s+"([^"]+)"$/.exec(expression) ?? [];
  if (pattern !== undefined) return filesMatching(folder, pattern);
  const [, file] = /^\$?\.Files\.Get\s+(\S+)$/.exec(expression) ?? [];
  if (file !== undefined) {
    const name = file.startsWith('"') ? file.slice(1, -1) : String(evaluate(file, scope, folder));
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
  if (!/^(\.|\$\w*)[\w.]*$/.test(expression)) throw new UnknownTemplate(`{{ ${expression} }}`);
  const [, name = "", path = ""] = /^(\$\w*)?(.*)$/.exec(expression) ?? [];
  let value: Json = name === "" ? scope.dot : (scope.names[name] ?? null);
  for (const step of path.split(".").filter((each) => each !== "")) {
    value = isJsonObject(value) ? (value[step] ?? null) : null;
  }
  return value;
}

/** Files of the chart, by their path: `crd-files/*.json`. */
function filesMatching(folder: string, pattern: string): Json {
  const expression = pattern
    .split(/(\*\*|\*|\?)/)
    .map((part) =>
      part === "**"
        ? ".*"
        : part === "*"
          ? "[^/]*"
          : part === "?"
            ? "[^/]"
            : part.replace(/[.+^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  const whole = new RegExp(`^${expression}$`);
  return Object.fromEntries(
    filesIn(folder)
      .map((path) => relative(folder, path))
      .filter((path) => whole.test(path))
      .map((path) => [path, path]),
  );
}
