import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { startsPrograms } from "../support/starts-programs";

/** Rooms whose tests are about everybody's work. */
const EVERYBODYS = ["fleet", "parts"];

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Test files that should notice a change of a source, the likeliest first: those that noticed one of the same file,
 * those that name it, those of its room, and everybody's. What starts other programs takes its time, and is run last,
 * and only if it names the source.
 */
export function testsFor(root: string, source: string, noticedBefore: readonly string[]): string[] {
  const [, room = ""] = source.split("/");
  const name = basename(source, ".ts");
  const rooms = [...new Set([room, ...EVERYBODYS])].filter((each) => !each.endsWith(".ts"));
  const rank = (file: string) => {
    if (noticedBefore.includes(file)) return noticedBefore.indexOf(file) - 1000;
    const text = readFileSync(join(root, file), "utf8");
    const names = text.includes(`/${name}"`) || basename(file).startsWith(name);
    if (startsPrograms(text)) return names ? rooms.length : NEVER;
    return names ? -1 : rooms.findIndex((each) => file.startsWith(`test/${each}/`));
  };
  return rooms
    .flatMap((each) => testsIn(root, `test/${each}`))
    .map((file) => ({ file, rank: rank(file) }))
    .filter((each) => each.rank !== NEVER)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ file }) => file);
}

/** Every test file that starts no other program: who has time asks them all. */
export function quickTests(root: string): string[] {
  return testsIn(root, "test")
    .filter((file) => !file.startsWith("test/rehearsal/") && !file.endsWith("agreement.test.ts"))
    .filter((file) => !startsPrograms(readFileSync(join(root, file), "utf8")));
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
