import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readImports } from "../support/read-imports";
import { startsPrograms } from "../support/starts-programs";

/** A test file, as a judge chooses among them. */
export interface TestFile {
  /** Path from the root. */
  readonly file: string;
  /** Every file of the project that it loads, at once or by others; types are none. */
  readonly loads: ReadonlySet<string>;
  /** Those of them that it names itself, or what stands beside it for its sake. */
  readonly names: ReadonlySet<string>;
  /** Or takes as long, as those do that try many fleets at random. */
  readonly startsPrograms: boolean;
  /** Whether it holds finished texts whole: of whatever they are made, a change shows in them. */
  readonly holdsTexts: boolean;
}

/** Every test file of the project but those that try the rehearsal on itself. */
export async function readTests(root: string): Promise<TestFile[]> {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file}`)
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("test/rehearsal/"))
    .toSorted();
  const imports = await readImports(root, files);
  return files.map((file) => {
    const loads = new Set([file]);
    for (const loaded of loads) for (const each of imports.get(loaded) ?? []) loads.add(each);
    const text = readFileSync(join(root, file), "utf8");
    return {
      file,
      loads,
      names: new Set(
        [file, ...(imports.get(file) ?? []).filter((each) => dirname(each) === dirname(file))].flatMap(
          (each) => [...(imports.get(each) ?? [])],
        ),
      ),
      holdsTexts: text.includes("toMatchFileSnapshot"),
      startsPrograms: startsPrograms(text) || file.endsWith("agreement.test.ts"),
    };
  });
}

/** Rooms whose tests are about everybody's work. */
const EVERYBODYS = ["fleet", "parts"];

const UNASKED = 9;

/** What the judge has seen so far. */
export interface Experience {
  /** Test files that noticed a change of a source, the latest first. */
  noticed(source: string): readonly string[];
  /** How many changes, of any source, a test file noticed. */
  count(test: string): number;
  /** How long a test file takes, in seconds; what is not known takes none. */
  seconds(test: string): number;
}

/**
 * Test files that should notice a change of a source, the likeliest and the quickest first: of those that load it, who
 * noticed one before, who names it, who noticed anything, who stands in its room, who holds finished texts, and whose
 * work is everybody's. The rest is asked where all are to be. What starts other programs takes its time: it is asked last, and only if it names
 * the source, or nobody else is there to ask.
 */
export function testsFor(
  tests: readonly TestFile[],
  source: string,
  experience: Experience,
  all = false,
): string[] {
  const before = experience.noticed(source);
  const own = `test/${source.split("/")[1]}/`;
  const everybodys = EVERYBODYS.map((room) => `test/${room}/`);
  const name = basename(source, ".ts");
  const isNamed = ({ file, names }: TestFile) => names.has(source) || basename(file).startsWith(name);
  const ofItsRoom = ({ file }: TestFile) => file.startsWith(own);
  const rank = (test: TestFile) => {
    if (before.includes(test.file)) return before.indexOf(test.file) - before.length;
    if (test.startsPrograms) return isNamed(test) ? 5 : UNASKED;
    if (isNamed(test)) return 0;
    if (experience.count(test.file) > 0) return 1;
    if (ofItsRoom(test)) return 2;
    if (test.holdsTexts) return 3;
    return everybodys.some((room) => test.file.startsWith(room)) ? 4 : UNASKED;
  };
  const loading = tests.filter((test) => test.loads.has(source));
  // Where nobody else could say anything, those of its room do, or else all, whatever they start.
  const asked = [(test: TestFile) => rank(test) < UNASKED, ofItsRoom].find((each) => loading.some(each));
  const isAsked = asked ?? (() => true);
  const cost = ({ file }: TestFile) => experience.seconds(file) / (1 + experience.count(file));
  return loading
    .filter((test) => all || isAsked(test))
    .map((test) => ({ test, rank: rank(test) }))
    .toSorted((a, b) => a.rank - b.rank || cost(a.test) - cost(b.test))
    .map(({ test }) => test.file);
}
