import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { confirm } from "@inquirer/prompts";
import { Command } from "commander";
import { REHEARSAL_CONTEXT } from "../parts/placeholder-guard";
import { listOf } from "../problem";
import { ownProgram } from "../rehearsal/own-program";

interface Options {
  readonly first?: boolean;
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly rehearse?: boolean;
}

const ROOT = process.cwd();
const OUT = join(ROOT, "cdktf.out", "bootstrap");

const program = new Command("npm run bootstrap --")
  .description(
    "Makes what the first deploy finds: where state is kept, who the workflows are, what whoever deploys may do. Run once " +
      "by an owner, and again when environments or deployers change: it changes what changed. Its settings are stacks/company.json.",
  )
  .argument("<cloud>", "azure or google")
  .option(
    "--first",
    "nothing is there yet: the state stays in a file here until its storage is made, and moves there",
  )
  .option("--plan", "only show what it would do")
  .option("--yes", "do it without asking")
  .option("--rehearse", "in simulated clouds, offline: twice, and a destroy, which is refused")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bootstrap -- azure --rehearse\n  npm run bootstrap -- azure --first",
  );

/** Ends the command with one line. */
class Stop extends Error {}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>();
  const [cloud = ""] = program.args;
  synthesize(options.rehearse === true);
  const stacks = readdirSync(join(OUT, "stacks")).filter((name) => name.startsWith("bootstrap-"));
  const stack = `bootstrap-${cloud}`;
  if (!stacks.includes(stack)) {
    const clouds = stacks.map((name) => name.replace("bootstrap-", ""));
    throw new Stop(`no environment is in '${cloud}' (${listOf(clouds)}); see stacks/environments/index.ts`);
  }
  if (options.rehearse) {
    const arguments_ = ["--cdktf-out", OUT, stack, "--name", stack, "--fresh"];
    process.exitCode = run(process.execPath, [...ownProgram("src/cli/rehearse"), ...arguments_], ROOT);
    return;
  }
  await carryOut(stack, options);
}

function synthesize(isRehearsal: boolean): void {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const { status } = spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "stacks/bootstrap.ts")], {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      CDKTF_OUTDIR: OUT,
      ...(isRehearsal && { CDKTF_CONTEXT_JSON: JSON.stringify({ [REHEARSAL_CONTEXT]: true }) }),
    },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Plans, asks, applies. The first time there is no storage for the state: it is a file of the project, by an override of
 * the backend, and what is left of a first time that stopped half-way goes on from that file.
 */
async function carryOut(stack: string, options: Options): Promise<void> {
  const folder = join(OUT, "stacks", stack);
  const file = join(ROOT, `${stack}.tfstate`);
  const override = join(folder, "backend_override.tf.json");
  const isFirst = options.first === true || existsSync(file);
  if (isFirst) {
    writeFileSync(override, JSON.stringify({ terraform: { backend: { local: { path: file } } } }));
  }
  if (terraform(folder, ["init", "-input=false"]) !== 0) {
    throw new Stop(
      isFirst
        ? "nothing was done"
        : `nothing was done. If nobody has made the state's storage yet: npm run bootstrap -- ${stack.replace("bootstrap-", "")} --first`,
    );
  }
  const planned = terraform(folder, ["plan", "-input=false", "-detailed-exitcode", "-out=plan"]);
  if (planned === 1) throw new Stop("nothing was done");
  if (options.plan) return;
  if (planned === 2) {
    const agreed = options.yes || (await confirm({ message: "Carry this out?", default: false }));
    if (!agreed) throw new Stop("nothing was done");
    if (terraform(folder, ["apply", "-input=false", "plan"]) !== 0) {
      throw new Stop(
        "it stopped half-way; mend what is said above and run the same command again: it goes on",
      );
    }
  }
  if (!isFirst) return;
  rmSync(override);
  if (terraform(folder, ["init", "-input=false", "-migrate-state", "-force-copy"]) !== 0) {
    throw new Stop(
      `all of it is there, but its state is still in ${stack}.tfstate: roles take minutes to hold, and who runs this has to be ` +
        "among those who deploy. Run the same command again: it goes on",
    );
  }
  for (const left of [file, `${file}.backup`]) rmSync(left, { force: true });
}

function terraform(folder: string, arguments_: readonly string[]): number {
  return run("terraform", arguments_, folder);
}

function run(command: string, arguments_: readonly string[], cwd: string): number {
  const { status, error } = spawnSync(command, arguments_, { cwd, stdio: "inherit" });
  if (error !== undefined) throw new Stop(`${command} cannot be run: ${error.message}`);
  return status ?? 1;
}

main().catch((error: unknown) => {
  if (!(error instanceof Error)) throw error;
  // Whoever presses Ctrl-C at a question has answered it.
  const isMeant = error instanceof Stop || error.name === "ExitPromptError";
  process.stderr.write(`${isMeant ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
