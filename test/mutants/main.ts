import { fork } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import * as fc from "fast-check";
import { findMutants, type Mutant } from "./find-mutants";
import type { Case, Verdict } from "./judge";
import { reasonFor } from "./survivors";
import { quickTests, testsFor } from "./tests-for";

const root = join(__dirname, "../..");

/** After which the tests of one change are taken to run for ever, as some changes make them. */
const LONGEST_MS = 300_000;

const command = new Command("npm run mutants --")
  .description(
    "Changes one number, switch, text, condition or entry of a source at a time and runs the tests that should notice: " +
      "those of its room (test/<room>), of test/fleet and test/parts that take no other program, the likeliest first, " +
      "until one fails. Nothing is changed on disk. Says which changes nobody noticed.",
  )
  .argument("[paths...]", "files or folders of src", ["src/fleet"])
  .option("-s, --sample <number>", "how many changes, drawn at random", whole, 25)
  .option("--seed <number>", "what they are drawn from; the same seed draws the same ones", whole, 1)
  .option("--only <text>", "changes of lines that hold this text alone")
  .option("--thorough", "asks every other quick test, too, where nobody noticed: minutes for each")
  .option("--at-least <percent>", "fails where fewer are noticed", whole, 90)
  .option("--list", "lists the changes that were drawn, and runs nothing")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run mutants -- src/cluster/agent --sample 40\n" +
      "  npm run mutants -- src/gateway/refusals.ts --sample 1000 --seed 7\n\n" +
      "A change takes 2 to 30 s of one core, one that nobody notices as long as all of these tests.",
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
  const unexplained = survivors.filter((mutant) => reasonFor(mutant) === undefined);
  for (const mutant of survivors) {
    const reason = reasonFor(mutant);
    say(`nobody noticed ${told(mutant)}${reason === undefined ? "" : ` (${reason})`}`);
  }
  const percent = drawn.length === 0 ? 100 : Math.floor(100 * (1 - unexplained.length / drawn.length));
  const explained = survivors.length - unexplained.length;
  say(
    `${drawn.length - survivors.length} of ${drawn.length} noticed` +
      `${explained > 0 ? `, ${explained} have a reason not to be` : ""}: ${percent} %`,
  );
  if (percent < atLeast) process.exitCode = 1;
}

/** Runs each mutant's tests until one notices. @returns those that nobody noticed */
async function judgeAll(mutants: readonly Mutant[]): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  const noticedBy = new Map<string, string[]>();
  const sound = new Set<string>();
  let judge = await Judge.start();
  for (const [index, mutant] of mutants.entries()) {
    const began = Date.now();
    const tests = testsFor(root, mutant.file, noticedBy.get(mutant.file) ?? []);
    let verdict = await judge.ask({ file: mutant.file, source: mutant.source, tests }, LONGEST_MS);
    if (thorough && verdict !== "endless" && verdict.noticed === null) {
      const others = quickTests(root).filter((file) => !tests.includes(file));
      verdict = await judge.ask({ file: mutant.file, source: mutant.source, tests: others }, 900_000);
    }
    if (verdict === "endless") judge = await Judge.start();
    const seconds = `${Math.round((Date.now() - began) / 1000)} s`;
    const count = `${index + 1}/${mutants.length}`;
    if (verdict === "endless") {
      say(`${count}  noticed  ${told(mutant)}: the tests don't end (${seconds})`);
    } else if (verdict.noticed === null) {
      survivors.push(mutant);
      say(`${count}  SURVIVED ${told(mutant)} (${verdict.tried.length} test files, ${seconds})`);
    } else {
      const { file, test } = verdict.noticed;
      if (!sound.has(file)) await requireSound(judge, file);
      sound.add(file);
      noticedBy.set(mutant.file, [
        file,
        ...(noticedBy.get(mutant.file) ?? []).filter((each) => each !== file),
      ]);
      say(`${count}  noticed  ${told(mutant)}: ${file} > ${test} (${seconds})`);
    }
  }
  judge.stop();
  return survivors;
}

/** A test that fails as things are would notice everything. */
async function requireSound(judge: Judge, file: string): Promise<void> {
  const verdict = await judge.ask({ tests: [file] }, LONGEST_MS);
  if (verdict !== "endless" && verdict.noticed === null && verdict.tried.length > 0) return;
  judge.stop();
  throw new Error(`${file} has to pass before anything is changed; run npm test`);
}

/** The process that runs tests. */
class Judge {
  private constructor(private readonly process: ReturnType<typeof fork>) {}

  static async start(): Promise<Judge> {
    const child = fork(join(__dirname, "judge.ts"), {
      cwd: root,
      execArgv: ["--import", "tsx"],
      env: { ...process.env, CI: "true" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      detached: true,
    });
    const judge = new Judge(child);
    process.once("exit", () => judge.stop());
    await new Promise((ready) => child.once("message", ready));
    return judge;
  }

  /** @returns "endless" after the limit; the judge has ended by then */
  async ask(given: Case, milliseconds: number): Promise<Verdict | "endless"> {
    return new Promise((answer) => {
      const late = setTimeout(() => {
        this.stop();
        answer("endless");
      }, milliseconds);
      this.process.once("message", (verdict) => {
        clearTimeout(late);
        answer(verdict as Verdict);
      });
      this.process.send(given);
    });
  }

  /** Ends the process and those that it started. */
  stop(): void {
    const { pid } = this.process;
    const { exitCode, signalCode } = this.process;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
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
