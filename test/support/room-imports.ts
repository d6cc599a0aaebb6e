import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readImports } from "./read-imports";

const ROOT = join(__dirname, "../..");

/** One file that loads another. */
export interface Import {
  /** Path in the repository: `src/fleet/resolve-fleet.ts`. */
  readonly from: string;
  readonly to: string;
}

/** What stands beside the rooms: what a project imports of the library. */
const ENTRIES = ["src/index.ts", "src/azure.ts", "src/cluster.ts", "src/google.ts", "src/stacks.ts"];

/**
 * The room that a file is in: its folder of `src/`, `core` for what needs none, `entry` for what a project imports,
 * `company` for what is a company's own: agents and environments. What a cloud or the cluster says of itself, `facts`,
 * is a room of its own: no provider comes with it.
 */
export function roomOf(file: string): string {
  if (ENTRIES.includes(file)) return "entry";
  const [top, folder = "", inner] = file.split("/");
  if (top !== "src") return "company";
  if (folder.endsWith(".ts")) return "core";
  return inner === "facts" ? `${folder}/facts` : folder;
}

/** Who loads whom among the project's files, from `src/` on. */
export async function readProjectImports(): Promise<Import[]> {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts")).map((file) => join("src", file));
  const loaded = await readImports(ROOT, sources);
  return [...loaded].flatMap(([from, imports]) => imports.map((to) => ({ from, to })));
}

/** Rooms by the rooms that they load. */
export function roomImports(imports: readonly Import[]): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const loaded = rooms.get(roomOf(from)) ?? new Set();
    rooms.set(roomOf(from), loaded);
    if (roomOf(to) !== roomOf(from)) loaded.add(roomOf(to));
  }
  return rooms;
}

/** Imports that don't lead to an earlier storey. A room that stands in none of the storeys is wrong everywhere. */
export function againstTheFlow(
  imports: readonly Import[],
  storeys: readonly (readonly string[])[],
): readonly string[] {
  const storeyOf = (file: string) => storeys.findIndex((rooms) => rooms.includes(roomOf(file)));
  return imports
    .filter(({ from, to }) => roomOf(from) !== roomOf(to))
    .filter(({ from, to }) => storeyOf(to) < 0 || storeyOf(to) >= storeyOf(from))
    .map(({ from, to }) => `${from} imports ${to}`);
}

/**
 * Draws rooms and who loads whom. An arrow that others imply is left out: what the fleet loads, a stack that loads the
 * fleet may load as well.
 */
export function drawRooms(rooms: ReadonlyMap<string, ReadonlySet<string>>): string {
  const implied = (from: string, to: string) =>
    [...(rooms.get(from) ?? [])].some((other) => other !== to && leadsTo(rooms, other, to));
  const arrows = [...rooms].flatMap(([from, loaded]) =>
    [...loaded].filter((to) => !implied(from, to)).map((to) => `  ${from} --> ${to}`),
  );
  return ["```mermaid", "graph TD", ...arrows.toSorted(), "```"].join("\n");
}

function leadsTo(rooms: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  return [...(rooms.get(from) ?? [])].some((next) => next === to || leadsTo(rooms, next, to));
}
