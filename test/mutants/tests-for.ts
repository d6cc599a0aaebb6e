import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Rooms whose tests are about everybody's work. */
const EVERYBODYS = ["fleet", "parts"];

/**
 * Test files that should notice a change of a source, the likeliest first: those that noticed one of the same file,
 * those that name it, those of its room, and everybody's.
 */
export function testsFor(root: string, source: string, noticedBefore: readonly string[]): string[] {
  const [, room = ""] = source.split("/");
  const name = basename(source, ".ts");
  const rooms = [...new Set([room, ...EVERYBODYS])].filter((each) => !each.endsWith(".ts"));
  const files = rooms.flatMap((each) => testsIn(root, `test/${each}`));
  const rank = (file: string) => {
    if (noticedBefore.includes(file)) return noticedBefore.indexOf(file) - 1000;
    const text = readFileSync(join(root, file), "utf8");
    if (text.includes(`/${name}"`) || basename(file).startsWith(name)) return -1;
    return rooms.findIndex((each) => file.startsWith(`test/${each}/`));
  };
  const ranks = new Map(files.map((file) => [file, rank(file)]));
  return files.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

function testsIn(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => `${folder}/${file}`)
      .toSorted();
  } catch {
    return [];
  }
}
