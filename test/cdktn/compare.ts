import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Command } from "commander";
import { REHEARSAL_CONTEXT } from "../../src/parts/placeholder-guard";

const root = join(__dirname, "../..");

const command = new Command("npm run test:cdktn --")
  .description(
    "Synthesizes every environment with cdktf and with CDK Terrain (cdktn) in its place, and compares what they write. " +
      "CDK Terrain is installed into a folder of its own; the project's packages stay as they are.",
  )
  .option("--cdktn <version>", "version of CDK Terrain", "0.24.0")
  .option("--constructs <version>", "version of constructs, which it wants newer than cdktf does", "10.7.2")
  .addHelpText("after", "\nExample:\n  npm run test:cdktn -- --cdktn 0.24.0")
  .parse();

const versions = command.opts<{ cdktn: string; constructs: string }>();
const folder = mkdtempSync(join(tmpdir(), "cdktn-"));

try {
  const packages = [`cdktn@${versions.cdktn}`, `constructs@${versions.constructs}`];
  writeFileSync(join(folder, "package.json"), "{}");
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", ...packages], folder, {});
  const ours = synthesize("cdktf", {});
  const theirs = synthesize("cdktn", {
    CDKTN_FOLDER: folder,
    NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, "resolve-cdktn.cjs"))}`,
  });
  report(ours, theirs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Every stack's finished JSON by the stack's name, and which library says that it wrote it. */
interface Synthesis {
  readonly stacks: ReadonlyMap<string, Record<string, unknown>>;
  readonly writers: ReadonlySet<string>;
}

function synthesize(library: string, environment: Readonly<Record<string, string>>): Synthesis {
  const output = join(folder, library);
  run(process.execPath, ["--import", "tsx", join(root, "stacks/main.ts")], root, {
    ...environment,
    CDKTF_OUTDIR: output,
    CDKTF_CONTEXT_JSON: JSON.stringify({ [REHEARSAL_CONTEXT]: true }),
  });
  const writers = new Set<string>();
  const stacks = readdirSync(join(output, "stacks")).map((name) => {
    const text = readFileSync(join(output, "stacks", name, "cdk.tf.json"), "utf8");
    const { "//": about, ...written } = JSON.parse(text) as Record<string, unknown>;
    writers.add((about as { metadata: { version: string } }).metadata.version);
    return [name, written] as const;
  });
  return { stacks: new Map(stacks), writers };
}

function report(ours: Synthesis, theirs: Synthesis): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  // Otherwise the same library wrote both, and of course they agree.
  const both = [...ours.writers].filter((version) => theirs.writers.has(version));
  if (both.length > 0) throw new Error(`both were written by ${both.join(", ")}: nothing was compared`);
  const names = [...new Set([...ours.stacks.keys(), ...theirs.stacks.keys()])].toSorted();
  let resources = 0;
  for (const name of names) {
    const [mine, other] = [ours.stacks.get(name), theirs.stacks.get(name)];
    const count = Object.values((mine?.resource ?? {}) as object).flatMap(Object.keys).length;
    resources += count;
    const differences = differingPaths(mine, other);
    say(`${name}: ${count} resources, ${differences.length === 0 ? "the same" : "different"}`);
    for (const path of differences.slice(0, 20)) say(`  ${path}`);
    if (differences.length > 0) process.exitCode = 1;
  }
  if (resources === 0) throw new Error("no resource was synthesized: nothing was compared");
  say(`${resources} resources of ${names.length} stacks by ${[...ours.writers]} and ${[...theirs.writers]}`);
}

function differingPaths(a: unknown, b: unknown, path = ""): string[] {
  if (isDeepStrictEqual(a, b)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isObject(a) || !isObject(b)) return [`${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differingPaths(a[key], b[key], path === "" ? key : `${path}.${key}`));
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): void {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
