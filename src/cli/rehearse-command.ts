import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { execute } from "../rehearsal/run/exec";
import { readExistingThings } from "../rehearsal/run/existing-things";
import { RehearsalFailure, reportFailure } from "../rehearsal/run/failure";
import { watchInterruption } from "../rehearsal/run/interruption";
import { readProviderSchemas } from "../rehearsal/run/provider-schemas";
import { rehearse } from "../rehearsal/run/rehearse";
import { liveView, plainView } from "../rehearsal/run/view";
import { type StackSource, WORK_ROOT, WorkFolder } from "../rehearsal/run/work-folder";
import type { Fault, Scenario } from "../rehearsal/scenario";
import { parseFault } from "./fault-option";
import { collect } from "./option-values";

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
  readonly tofu?: boolean;
  readonly fault?: Fault[];
  readonly nameTaken?: string[];
  readonly imageMissing?: string[];
  readonly existing?: string[];
  readonly providerSchema?: string[];
}

interface ExecOptions extends SourceOptions {
  readonly stack?: string;
}

/** The command as its users call it, and what it knows of their stacks. */
export interface RehearseCommandProps {
  /** How it is called: `npm run rehearse --`. */
  readonly calledAs: string;
  /**
   * The stacks of a fleet that these names mean, in the order of their deployment. A fleet asks for at least one.
   *
   * @default - the stacks with these names, or without a name all of the app
   */
  readonly order?: (names: readonly string[], available: readonly string[]) => readonly string[];
}

const fleetExamples = (calledAs: string) => `
Examples:
  ${calledAs} staging              deploy, plan again (must be empty), destroy, offline
  ${calledAs} all                  every environment, side by side in one simulated cloud
  ${calledAs} staging --keep       leave it deployed, with plans, states and logs to look at
  ${calledAs} staging --plan       only show the plans from nothing
  ${calledAs} production --unprotect
  ${calledAs} staging --fault azurerm_container_app:inventory@1
  ${calledAs} exec cdktf diff staging
  ${calledAs} exec --stack staging terraform state list
  ${calledAs} --folder ./some/terraform/folder
  ${calledAs} --cdktf-out ../other/cdktf.out
`;

const stackExamples = (calledAs: string) => `
Examples:
  ${calledAs} --folder .               the Terraform of this folder: deploy, plan again (must be empty), destroy
  ${calledAs} --cdktf-out cdktf.out    what cdktf synth wrote
  ${calledAs}                          synthesizes the app of this folder's cdktf.json: every stack
  ${calledAs} network apps             these two stacks of it
  ${calledAs} --folder . --keep        leave it deployed, with plans, states and logs to look at
  ${calledAs} --folder . --plan        only show the plans from nothing
  ${calledAs} --folder . --fault azurerm_key_vault@1
  ${calledAs} exec --folder . terraform state list
`;

function withSource(command: Command): Command {
  return command
    .addOption(
      new Option("--folder <folder>", "hand-written Terraform instead of this project").conflicts("cdktfOut"),
    )
    .option("--cdktf-out <folder>", "what a `cdktf synth` wrote, instead of running this project's app")
    .option("--name <name>", `name of the simulated cloud: its folder below ${WORK_ROOT}/`);
}

/** Runs the command with the arguments of this process. */
export function rehearseCommand(props: RehearseCommandProps): void {
  // Whoever reads us may have seen enough (`| head`): the work, and above all its cleaning up, goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  run(props).catch((error) => {
    process.exitCode = reportFailure(error);
  });
}

async function run(props: RehearseCommandProps): Promise<void> {
  const program = withSource(new Command(props.calledAs))
    .description(
      "Deploys infrastructure with the real Terraform to simulated clouds, offline, without credentials.",
    )
    .argument(
      "[names...]",
      props.order === undefined ? "stacks; without a name, every one" : "environments, or 'all'",
    )
    .option("--keep", "leave everything deployed, with states, plans and logs")
    .option("--plan", "only show the plans")
    .option("--unprotect", "destroy also what deletion protection guards")
    .option("--fresh", "start over instead of going on from what the last run left")
    .option("--tofu", "run OpenTofu, which has to be on the path, in Terraform's place")
    .option("--verbose", "list every kind of resource and every output that isn't sensitive")
    .option(
      "--fault <type[:name][@attempt][/action][=ms]>",
      "make a resource fail, or slow with =ms (repeatable)",
      (value, earlier: Fault[] = []) => [...earlier, parseFault(value)],
    )
    .option("--name-taken <name>", "a globally unique name that someone else has (repeatable)", collect)
    .option("--image-missing <image>", "an image that isn't in its registry (repeatable)", collect)
    .option(
      "--provider-schema <[version=]file>",
      "another provider's schema, or version (repeatable)",
      collect,
    )
    .option("--existing <file>", "what exists before: a list of things, or a state (repeatable)", collect)
    .addHelpText("after", (props.order === undefined ? stackExamples : fleetExamples)(props.calledAs))
    .enablePositionalOptions()
    .action((names: string[], options: RehearseOptions, command: Command) =>
      runRehearsal(names, options, command, props),
    );
  withSource(program.command("exec"))
    .description("runs cdktf, terraform or tofu by hand against a simulated cloud that stays")
    .option("--stack <stack>", "the stack that a terraform or tofu command is about")
    .argument("<command...>", "the command with its arguments")
    .passThroughOptions()
    .action(runExec);
  await program.parseAsync();
}

async function runRehearsal(
  names: string[],
  options: RehearseOptions,
  program: Command,
  { calledAs, order }: RehearseCommandProps,
): Promise<void> {
  const source = findSource(options);
  // Nobody means to deploy every environment of a fleet by saying nothing.
  const isFleet = source.kind === "app" && order !== undefined;
  if (isFleet && names.length === 0) program.help({ error: true });
  const scenario = await findScenario(options);
  const given =
    options.providerSchema && (await Promise.all(options.providerSchema.map(readProviderSchemas)));
  const interruption = watchInterruption();
  const name =
    options.name ??
    (source.kind === "app" && names.length > 0 ? names.join("+") : nameOfFolder(source.folder));
  const arguments_ = process.argv.slice(2).filter((argument) => argument !== "--fresh");
  try {
    await rehearse({
      workFolder: new WorkFolder(process.cwd(), name),
      source,
      choose: (available) => {
        if (isFleet) return order(names, available);
        return names.length === 0 ? available : names;
      },
      view:
        process.stdout.isTTY && process.stdout.rows > 0 && process.env.CI === undefined
          ? liveView()
          : plainView(),
      interruption,
      scenario,
      givenProviders: given?.flat(),
      keep: options.keep,
      planOnly: options.plan,
      unprotect: options.unprotect,
      fresh: options.fresh,
      verbose: options.verbose,
      program: options.tofu ? "tofu" : "terraform",
      calledAs,
      command: `${calledAs} ${arguments_.join(" ")}`,
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

async function findScenario(options: RehearseOptions): Promise<Partial<Scenario> | undefined> {
  const { fault, nameTaken, imageMissing, existing = [] } = options;
  if ([fault, nameTaken, imageMissing].every((given) => given === undefined) && existing.length === 0) {
    return undefined;
  }
  const things = await Promise.all(existing.map(readExistingThings));
  return {
    faults: fault ?? [],
    takenNames: nameTaken ?? [],
    missingImages: imageMissing ?? [],
    existing: things.flat(),
  };
}
