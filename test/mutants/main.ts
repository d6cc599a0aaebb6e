import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import * as fc from "fast-check";
import { findMutants, type Mutant } from "./find-mutants";
import { Judge } from "./judge";
import { reasonFor } from "./survivors";
import { type Experience, readTests, testsFor } from "./tests-for";

const root = join(__dirname, "../..");

const command = new Command("npm run mutants --")
  .description(
    "Changes one number, switch, text, condition or entry of a source at a time and runs the tests that should notice: " +
      "of the test files that load it those that name it, and those of its room, of test/fleet and of test/parts, and " +
      "those that hold finished texts, that start no other program, the likeliest first, until one fails. Nothing is changed on disk. Says which changes " +
      "nobody noticed.",
  )
  .argument("[paths...]", "files or folders of src", ["src/fleet"])
  .option("-s, --sample <number>", "how many changes, drawn at random", whole, 25)
  .option("--seed <number>", "what they are drawn from; the same seed draws the same ones", whole, 1)
  .option("--only <text>", "changes of lines that hold this text alone")
  .option(
    "--thorough",
    "asks every test that loads the source before it says that nobody noticed: minutes for each",
  )
  .option("--at-least <percent>", "fails where fewer are noticed", whole, 90)
  .option("--list", "lists the changes that were drawn, and runs nothing")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run mutants -- src/cluster/agent --sample 40\n" +
      "  npm run mutants -- src/gateway/refusals.ts --sample 1000 --seed 7\n\n" +
      "It takes ten seconds to begin with, a second or two of one core for each change that is noticed, and up to half " +
      "a minute for one that isn't.",
  )
  .parse();

const { sample, seed, only, atLeast, list, thorough } = command.opts<{
  sample: number;
  seed: number;
  only?: string;
  atLeast: number;
  list?: boolean;
  thorough?: boolean;
}>();

async function main(): Promise<void> {
  const files = command.args.length > 0 ? command.args : ["src/fleet"];
  const sources = files.flatMap(sourcesIn);
  const mutants = sources.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const lines = text.split("\n");
    return findMutants(file, text).filter(
      ({ line }) => only === undefined || lines[line - 1]?.includes(only),
    );
  });
  const drawn = draw(mutants);
  say(`${mutants.length} changes of ${sources.length} files; ${drawn.length} drawn with seed ${seed}`);
  if (list) {
    for (const mutant of drawn) say(`  ${told(mutant)}`);
    return;
  }
  const survivors = await judgeAll(drawn);
  for (const mutant of survivors) {
    const reason = reasonFor(mutant);
    say(`nobody noticed ${told(mutant)}${reason === undefined ? "" : ` (${reason})`}`);
  }
  const listed = drawn.filter((mutant) => reasonFor(mutant) !== undefined);
  const wrong = listed.filter((mutant) => !survivors.includes(mutant));
  for (const mutant of wrong) say(`noticed all the same, strike it from survivors.ts: ${told(mutant)}`);
  const counted = drawn.length - listed.length;
  const noticed = counted - survivors.filter((mutant) => !listed.includes(mutant)).length;
  const percent = counted === 0 ? 100 : Math.floor((100 * noticed) / counted);
  say(
    `${noticed} of ${counted} noticed: ${percent} %` +
      `${listed.length > 0 ? `; ${listed.length} more have a reason not to be` : ""}`,
  );
  // Vitest has left its own: tests failed, as they should.
  process.exitCode = wrong.length > 0 || percent < atLeast ? 1 : 0;
}

/** Runs each mutant's tests until one notices. @returns those that nobody noticed */
async function judgeAll(mutants: readonly Mutant[]): Promise<Mutant[]> {
  const tests = await readTests(root);
  const judge = await Judge.start(root);
  const seen = new Seen(judge);
  const survivors: Mutant[] = [];
  try {
    for (const [index, mutant] of mutants.entries()) {
      const began = Date.now();
      judge.put(mutant);
      const asked = testsFor(tests, mutant.file, seen, thorough);
      const noticed = await firstToNotice(judge, asked);
      const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
      const count = `${index + 1}/${mutants.length}`;
      if (noticed === undefined) {
        survivors.push(mutant);
        say(`${count}  SURVIVED ${told(mutant)} (${asked.length} test files, ${seconds})`);
        continue;
      }
      say(`${count}  noticed  ${told(mutant)}: ${noticed.file} > ${noticed.test} (${seconds})`);
      if (seen.count(noticed.file) === 0) await requireSound(judge, noticed.file);
      seen.add(mutant.file, noticed.file);
    }
    // What a change left behind in the process would have noticed the ones after it.
    for (const file of seen.files()) await requireSound(judge, file);
  } finally {
    await judge.close();
  }
  return survivors;
}

async function firstToNotice(judge: Judge, files: readonly string[]) {
  for (const file of files) {
    const { noticed } = await judge.ask(file);
    if (noticed !== null) return { file, test: noticed };
  }
  return undefined;
}

/** A test that fails as things are would notice everything. */
async function requireSound(judge: Judge, file: string): Promise<void> {
  judge.put();
  const { noticed } = await judge.ask(file);
  if (noticed !== null) {
    throw new Error(`${file} has to pass while nothing is changed, and fails: ${noticed}; run npm test`);
  }
}

/** Who noticed what so far. */
class Seen implements Experience {
  private readonly bySource = new Map<string, string[]>();
  private readonly byTest = new Map<string, number>();

  constructor(private readonly judge: Judge) {}

  add(source: string, test: string): void {
    this.bySource.set(source, [test, ...this.noticed(source).filter((each) => each !== test)]);
    this.byTest.set(test, this.count(test) + 1);
  }

  files(): string[] {
    return [...this.byTest.keys()];
  }

  noticed(source: string): readonly string[] {
    return this.bySource.get(source) ?? [];
  }

  count(test: string): number {
    return this.byTest.get(test) ?? 0;
  }

  seconds(test: string): number {
    return this.judge.seconds(test);
  }
}

function draw(mutants: readonly Mutant[]): Mutant[] {
  const [drawn = []] = fc.sample(
    fc.shuffledSubarray([...mutants], {
      minLength: Math.min(sample, mutants.length),
      maxLength: Math.min(sample, mutants.length),
    }),
    { numRuns: 1, seed },
  );
  const order = new Map(mutants.map((mutant, index) => [mutant, index]));
  return drawn.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

function sourcesIn(path: string): string[] {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) command.error(`'${path}' is neither a file nor a folder here; name one of src`);
  if (found?.isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) =>
      relative(root, join(root, path, file))
        .split(sep)
        .join("/"),
    )
    .toSorted();
}

function told({ file, line, before, after }: Mutant): string {
  return `${file}:${line}  ${before}  →  ${after === "" ? "(gone)" : after}`;
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a whole number");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Ended from outside, it ends what it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1));

main().catch((problem: Error) => {
  process.stderr.write(`${problem.message}\n`);
  process.exitCode = 1;
});
