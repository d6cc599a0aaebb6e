import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { registryStacks, registryStacksOf } from "../fleet/registries-of";
import { execute } from "../rehearsal/run/exec";
import { RehearsalFailure, reportFailure } from "../rehearsal/run/failure";
import { watchInterruption } from "../rehearsal/run/interruption";
import { rehearse } from "../rehearsal/run/rehearse";
import { liveView, plainView } from "../rehearsal/run/view";
import { type StackSource, WORK_ROOT, WorkFolder } from "../rehearsal/run/work-folder";
import type { Fault, Scenario } from "../rehearsal/scenario";
import { parseFault } from "./fault-option";
import { orderStacks } from "./stack-order";

interface SourceOptions {
  readonly folder?: string;
  readonly cdktfOut?: string;
  readonly name?: string;
}

interface RehearseOptions extends SourceOptions {
  readonly keep?: boolean;
  readonly plan?: boolean;
  readonly unprotect?: boolean;
  readonly fresh?: boolean;
  readonly verbose?: boolean;
  readonly fault?: Fault[];
  readonly nameTaken?: string[];
  readonly imageMissing?: string[];
}

interface ExecOptions extends SourceOptions {
  readonly stack?: string;
}

const EXAMPLES = `
Examples:
  npm run rehearse -- staging              deploy, plan again (must be empty), destroy, offline
  npm run rehearse -- all                  every environment, side by side in one simulated cloud
  npm run rehearse -- staging --keep       leave it deployed, with plans, states and logs to look at
  npm run rehearse -- staging --plan       only show the plans from nothing
  npm run rehearse -- production --unprotect
  npm run rehearse -- staging --fault azurerm_container_app:inventory@1
  npm run rehearse -- exec cdktf diff staging
  npm run rehearse -- exec --stack staging terraform state list
  npm run rehearse -- --folder ./some/terraform/folder
  npm run rehearse -- --cdktf-out ../other/cdktf.out
`;

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

function withSource(command: Command): Command {
  return command
    .addOption(
      new Option("--folder <folder>", "hand-written Terraform instead of this project").conflicts("cdktfOut"),
    )
    .option("--cdktf-out <folder>", "what a `cdktf synth` wrote, instead of running this project's app")
    .option("--name <name>", `name of the simulated cloud: its folder below ${WORK_ROOT}/`);
}

async function main(): Promise<void> {
  const program = withSource(new Command("npm run rehearse --"))
    .description(
      "Deploys environments with the real Terraform to simulated clouds, offline, without credentials.",
    )
    .argument("[environments...]", "environments, or 'all'")
    .option("--keep", "leave everything deployed, with states, plans and logs")
    .option("--plan", "only show the plans")
    .option("--unprotect", "destroy also what deletion protection guards")
    .option("--fresh", "start over instead of going on from what the last run left")
    .option("--verbose", "list every kind of resource and every output that isn't sensitive")
    .option(
      "--fault <type[:name][@attempt][/action][=ms]>",
      "make a resource fail, or slow with =ms (repeatable)",
      (value, earlier: Fault[] = []) => [...earlier, parseFault(value)],
    )
    .option("--name-taken <name>", "a globally unique name that someone else has (repeatable)", collect)
    .option("--image-missing <image>", "an image that isn't in its registry (repeatable)", collect)
    .addHelpText("after", EXAMPLES)
    .enablePositionalOptions()
    .action(runRehearsal);
  withSource(program.command("exec"))
    .description("runs cdktf, terraform or tofu by hand against a simulated cloud that stays")
    .option("--stack <stack>", "the stack that a terraform or tofu command is about")
    .argument("<command...>", "the command with its arguments")
    .passThroughOptions()
    .action(runExec);
  await program.parseAsync();
}

/** The stacks with the images of an environment: of this project's as it says, of another project's app all there are. */
function registriesOf(name: string): readonly string[] {
  // Read once the app has been synthesized: a mistake in an environment has been reported in its own words by then.
  const { environments } = require("../../stacks/environments") as typeof import("../../stacks/environments");
  const environment = environments.find((each) => each.name === name);
  return environment === undefined ? registryStacks : registryStacksOf(environment);
}

async function runRehearsal(
  environments: string[],
  options: RehearseOptions,
  program: Command,
): Promise<void> {
  const source = findSource(options);
  const ours = source.kind === "app";
  if (ours && environments.length === 0) program.help({ error: true });
  const interruption = watchInterruption();
  const name = options.name ?? (ours ? environments.join("+") : nameOfFolder(source.folder));
  const arguments_ = process.argv.slice(2).filter((argument) => argument !== "--fresh");
  try {
    await rehearse({
      workFolder: new WorkFolder(process.cwd(), name),
      source,
      choose: (available) => {
        if (ours) return orderStacks(environments, available, registriesOf);
        return environments.length === 0 ? available : environments;
      },
      view:
        process.stdout.isTTY && process.stdout.rows > 0 && process.env.CI === undefined
          ? liveView()
          : plainView(),
      interruption,
      scenario: findScenario(options),
      keep: options.keep,
      planOnly: options.plan,
      unprotect: options.unprotect,
      fresh: options.fresh,
      verbose: options.verbose,
      command: `npm run rehearse -- ${arguments_.join(" ")}`,
    });
  } finally {
    interruption.release();
  }
}

async function runExec(command: string[], options: ExecOptions): Promise<void> {
  const interruption = watchInterruption();
  const workFolder = new WorkFolder(process.cwd(), options.name ?? latestCloud() ?? "by-hand");
  try {
    console.error(`simulated cloud: ${workFolder.shown}`);
    process.exitCode = await execute({
      workFolder,
      source: findSource(options),
      command,
      stack: options.stack,
      interruption,
    });
  } finally {
    interruption.release();
  }
}

/** The cloud that was last worked in. */
function latestCloud(): string | undefined {
  const root = join(process.cwd(), WORK_ROOT);
  if (!existsSync(root)) return undefined;
  const times = readdirSync(root)
    .map((name) => ({ name, file: join(root, name, "rehearsal.json") }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, time: statSync(file).mtimeMs }));
  return times.sort((one, other) => other.time - one.time)[0]?.name;
}

function findSource({ folder, cdktfOut }: SourceOptions): StackSource {
  if (folder !== undefined) return { kind: "terraform", folder: resolve(folder) };
  if (cdktfOut !== undefined) return { kind: "synthesized", folder: resolve(cdktfOut) };
  const settings = join(process.cwd(), "cdktf.json");
  if (!existsSync(settings)) {
    throw new RehearsalFailure({
      what: `${process.cwd()} holds no cdktf.json; run it from the project's folder, or point --folder or --cdktf-out somewhere`,
    });
  }
  const { app } = readSettings(settings);
  if (app === undefined) throw new RehearsalFailure({ what: `${settings} names no 'app' to synthesize` });
  return { kind: "app", command: app, folder: process.cwd() };
}

function readSettings(path: string): { readonly app?: string } {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { app?: string };
  } catch (error) {
    throw new RehearsalFailure({ what: `${path} is no JSON: ${(error as Error).message}` });
  }
}

function nameOfFolder(folder: string): string {
  return (
    basename(folder)
      .replace(/[^a-z0-9_-]+/gi, "-")
      .replace(/^-+/, "") || "folder"
  );
}

function findScenario({ fault, nameTaken, imageMissing }: RehearseOptions): Partial<Scenario> | undefined {
  if (fault === undefined && nameTaken === undefined && imageMissing === undefined) return undefined;
  return { faults: fault ?? [], takenNames: nameTaken ?? [], missingImages: imageMissing ?? [] };
}

// Whoever reads us may have seen enough (`| head`): the work, and above all its cleaning up, goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

main().catch((error) => {
  process.exitCode = reportFailure(error);
});
