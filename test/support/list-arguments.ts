import type { FinishedStack } from "./synth";

/** What stands in a finished stack, each `<type> <construct path>` with its arguments, `<argument> = <value>`. */
export type Arguments = ReadonlyMap<string, ReadonlySet<string>>;

/** Longer texts are somebody's whole document: a policy, a query, a configuration. Tests of their own read those. */
const LONGEST = 160;

/**
 * Every argument of everything in finished stacks. What is made for each agent is one, with what differs between them as
 * several values.
 *
 * @param agents their names, which become `<agent>`
 */
export function argumentsOf(stacks: readonly FinishedStack[], agents: readonly string[]): Arguments {
  const names = new RegExp(agents.toSorted((a, b) => b.length - a.length).join("|"), "g");
  const unnamed = (text: string) => text.replace(names, "<agent>").replace(/_[0-9A-F]{8}\b/g, "");
  const all = new Map<string, Set<string>>();
  const add = (place: string, given: unknown) => {
    const lines = all.get(unnamed(place)) ?? new Set();
    for (const [path, value] of leaves(given)) lines.add(shortened(unnamed(`${path} = ${value}`)));
    all.set(unnamed(place), lines);
  };
  for (const { json } of stacks) {
    for (const group of ["resource", "data"]) {
      for (const [type, made] of Object.entries<object>(json[group] ?? {})) {
        for (const { "//": meta, ...given } of Object.values(made)) {
          const path = meta.metadata.path.split("/").slice(1).join("/");
          add(`${group === "data" ? "data." : ""}${type} ${path}`, given);
        }
      }
    }
    for (const [type, made] of Object.entries<object>(json.ephemeral ?? {})) {
      for (const [name, given] of Object.entries(made)) add(`ephemeral.${type} ${name}`, given);
    }
    for (const [name, given] of Object.entries(json.provider ?? {})) add(`provider ${name}`, given);
    for (const [name, given] of Object.entries(json.output ?? {})) add(`output ${name}`, given);
  }
  return all;
}

/** What of one a reviewer of the other hasn't read yet: what is gone, what is new, what is changed. */
export function writeChanges(before: Arguments, after: Arguments): string {
  const gone = [...before.keys()].filter((place) => !after.has(place)).toSorted();
  const changed = new Map<string, ReadonlySet<string>>();
  for (const [place, lines] of after) {
    const known = before.get(place) ?? new Set();
    const less = [...known].filter((line) => !lines.has(line)).map((line) => `- ${line}`);
    const more = [...lines].filter((line) => !known.has(line)).map((line) => `+ ${line}`);
    if (less.length + more.length > 0) changed.set(place, new Set([...less, ...more]));
  }
  return [...gone.map((place) => `no ${place}`), writeArguments(changed)].join("\n");
}

/** In lines that a review shows one by one. What all of a type have in common is said once. */
export function writeArguments(all: Arguments): string {
  const typeOf = (place: string) => place.split(" ")[0] ?? "";
  return [...new Set([...all.keys()].map(typeOf))]
    .toSorted()
    .flatMap((type) => {
      const places = [...all].filter(([place]) => typeOf(place) === type);
      const [[, first] = ["", new Set<string>()], ...others] = places;
      const common = [...first].filter((line) => others.every(([, lines]) => lines.has(line)));
      if (others.length === 0 || common.length === 0)
        return places.flatMap(([place, lines]) => block(place, lines));
      return [
        ...block(`${type}, each of ${places.length}`, common),
        ...places.flatMap(([place, lines]) =>
          block(
            place,
            [...lines].filter((line) => !common.includes(line)),
          ),
        ),
      ];
    })
    .join("\n");
}

function block(title: string, lines: Iterable<string>): string[] {
  const order = (line: string) => line.replace(/^[+-] /, "");
  const sorted = [...lines].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return [title, ...sorted.map((line) => `  ${line}`)];
}

/** Each value with the way to it; of a list's items, the name where they have one. */
function leaves(value: unknown, path = ""): [string, string][] {
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === "object")) {
      return value.flatMap((item) => leaves(item, isNamed(item) ? `${path}[${item.name}]` : path));
    }
    return [[path, `[${value.toSorted().join(", ")}]`]];
  }
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  const entries = Object.entries(value).filter(([key]) => key !== "name" || !path.endsWith("]"));
  if (entries.length === 0) return [[path, "{}"]];
  return entries.flatMap(([key, each]) => leaves(each, path === "" ? key : `${path}.${key}`));
}

function isNamed(item: unknown): item is { readonly name: string } {
  return typeof item === "object" && item !== null && "name" in item && typeof item.name === "string";
}

function shortened(text: string): string {
  const line = text.replaceAll("\n", " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
