import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import type { SelfReport } from "./measured";

/** One run of one program. */
interface Measurement extends SelfReport {
  /** Seconds from the start of the process to its end. */
  readonly seconds: number;
}

/** Two programs, run in turn, and what the first costs as a multiple of the second. */
interface Comparison {
  readonly what: string;
  readonly ours: Measurement;
  readonly other: Measurement;
}

/** What the project aims at. */
const AIM = { synthesis: 1.25, startUp: 1.3 } as const;

const root = join(__dirname, "../..");

const command = new Command("npm run bench --")
  .description(
    "Compares whole processes: a fleet's synthesis with plain cdktf that writes the same resources, and what the fleet " +
      "loads with cdktf and the same bindings alone. Runs alternate, medians are shown.",
  )
  .option("-s, --sizes <numbers>", "numbers of agents", numbers, [10, 100, 1000])
  .option("-r, --runs <number>", "runs of each program", whole, 5)
  .option(
    "--rehearse <environments...>",
    "times the rehearsal of these environments as well, and their plan alone",
  )
  .option("--check", `fails beyond ${AIM.synthesis}× plain cdktf, or ${AIM.startUp}× the bindings alone`)
  .option("--json", "prints what was measured as JSON")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench\n  npm run bench -- --sizes 10,100 --runs 3 --check\n  npm run bench -- --rehearse staging",
  )
  .parse();

const options = command.opts<{
  sizes: number[];
  runs: number;
  rehearse?: string[];
  check?: boolean;
  json?: boolean;
}>();

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  const startUp = compareStartUp();
  const syntheses = options.sizes.map(compareSynthesis);
  const rehearsals = (options.rehearse ?? []).flatMap((name) => [
    rehearsal(name, true),
    rehearsal(name, false),
  ]);
  if (options.json) {
    const rows = [startUp, ...syntheses].map(({ what, ours, other }) => ({
      what,
      ours: figures(ours),
      other: figures(other),
    }));
    process.stdout.write(`${JSON.stringify({ comparisons: rows, rehearsals }, undefined, 2)}\n`);
  } else {
    process.stdout.write(`${table([startUp, ...syntheses])}\n${growth(syntheses)}`);
    for (const { what, seconds } of rehearsals) process.stdout.write(`${what}: ${seconds.toFixed(1)} s\n`);
  }
  if (options.check) check(startUp, syntheses);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function compareStartUp(): Comparison {
  const { bindings } = run("fleet-program.ts", ["0"]);
  return compare(
    "start-up",
    () => run("fleet-program.ts", ["0"]),
    () => run("bindings-program.ts", bindings),
  );
}

function compareSynthesis(count: number): Comparison {
  const [fleet, raw] = ["fleet", "raw"].map((name) => join(folder, `${name}-${count}`)) as [string, string];
  const comparison = compare(
    `${count} agents`,
    () => run("fleet-program.ts", [String(count), fleet]),
    () => run("raw-program.ts", [String(count), raw]),
  );
  const [ours, other] = [resourcesIn(fleet), resourcesIn(raw)];
  // A comparison of different things would say nothing.
  if (ours !== other) {
    throw new Error(
      `the fleet and the raw stack hold different resources; bring raw-program.ts up to date:\n${ours}\n${other}`,
    );
  }
  return comparison;
}

/** Alternates, so that a busy minute of the machine is everybody's, and keeps the run in the middle. */
function compare(what: string, ours: () => Measurement, other: () => Measurement): Comparison {
  const measured = Array.from({ length: options.runs }, () => ({ ours: ours(), other: other() }));
  return {
    what,
    ours: median(measured.map((pair) => pair.ours)),
    other: median(measured.map((pair) => pair.other)),
  };
}

function median(measurements: readonly Measurement[]): Measurement {
  const middle = (value: (measurement: Measurement) => number): number => {
    const sorted = measurements.map(value).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] as number;
  };
  return {
    seconds: middle(({ seconds }) => seconds),
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    peakMiB: middle(({ peakMiB }) => peakMiB),
    bindings: measurements[0]?.bindings ?? [],
  };
}

function run(program: string, args: readonly string[]): Measurement {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(__dirname, program), ...args],
    { cwd: root, encoding: "utf8" },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${stderr}`);
  const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as SelfReport;
  return { ...report, seconds };
}

/** Types of resources and how many there are of each. */
function resourcesIn(output: string): string {
  const json = JSON.parse(readFileSync(join(output, "stacks/bench/cdk.tf.json"), "utf8")) as {
    resource: Record<string, object>;
  };
  return Object.entries(json.resource)
    .map(([type, instances]) => `${type} ${Object.keys(instances).length}`)
    .toSorted()
    .join("\n");
}

/** A whole rehearsal, or its plan alone. Once: it takes long enough to mean something. */
function rehearsal(environment: string, planOnly: boolean) {
  const args = ["src/cli/rehearse.ts", environment, "--fresh", ...(planOnly ? ["--plan"] : [])];
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`the rehearsal of ${environment} failed:\n${stderr}`);
  return { what: `${planOnly ? "plan" : "whole rehearsal"} of ${environment}`, seconds };
}

function table(comparisons: readonly Comparison[]): string {
  const result = new Table({
    head: ["", "seconds", "plain", "×", "CPU s", "plain", "×", "peak MiB", "plain", "×"],
    style: { head: [], border: [] },
    colAligns: ["left", ...Array<"right">(9).fill("right")],
  });
  for (const { what, ours, other } of comparisons) {
    const cells = (["seconds", "cpuSeconds", "peakMiB"] as const).flatMap((key) => {
      const digits = key === "peakMiB" ? 0 : 2;
      return [ours[key].toFixed(digits), other[key].toFixed(digits), (ours[key] / other[key]).toFixed(2)];
    });
    result.push([what, ...cells]);
  }
  return result.toString();
}

/** Milliseconds for each agent more, between neighbouring sizes: the same figure twice is linear growth. */
function growth(syntheses: readonly Comparison[]): string {
  const sizes = options.sizes;
  return syntheses
    .slice(1)
    .map(({ ours, other }, index) => {
      const before = syntheses[index] as Comparison;
      const more = (sizes[index + 1] as number) - (sizes[index] as number);
      const each = (after: Measurement, earlier: Measurement) =>
        (((after.cpuSeconds - earlier.cpuSeconds) * 1000) / more).toFixed(2);
      return `from ${sizes[index]} to ${sizes[index + 1]} agents: ${each(ours, before.ours)} ms of CPU for each one more (plain: ${each(other, before.other)})\n`;
    })
    .join("");
}

function check(startUp: Comparison, syntheses: readonly Comparison[]): void {
  const aims = [{ comparison: startUp, aim: AIM.startUp as number }].concat(
    syntheses.map((comparison) => ({ comparison, aim: AIM.synthesis })),
  );
  // Processor time: other processes of the machine don't lengthen it.
  const missed = aims.filter(
    ({ comparison: { ours, other }, aim }) => ours.cpuSeconds / other.cpuSeconds > aim,
  );
  for (const { comparison, aim } of missed) {
    process.stderr.write(`${comparison.what} takes more than ${aim} times as much CPU as plain cdktf\n`);
  }
  if (missed.length > 0) process.exitCode = 1;
}

function figures({ seconds, cpuSeconds, peakMiB }: Measurement) {
  return { seconds, cpuSeconds, peakMiB };
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It has to be a whole number from 1.");
  return value;
}

function numbers(text: string): number[] {
  return text
    .split(",")
    .map(whole)
    .toSorted((a, b) => a - b);
}
