import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cdktfCommand, requireTerminal, writeCdktfSettings } from "./cdktf-program";
import { runChild } from "./child-process";
import { findTypes, requireRunning, servedProviders, startClouds } from "./clouds";
import { RehearsalFailure } from "./failure";
import type { Interruption } from "./interruption";
import { findUnsealed } from "./seal";
import { sealedEnvironment } from "./sealed-environment";
import {
  fetchStacks,
  findWantedVersions,
  type RehearsalStack,
  readSynthesized,
  requireSealed,
  sealStacks,
} from "./stacks";
import { requireTerraform, type TerraformProgram } from "./terraform-program";
import type { StackSource, WorkFolder } from "./work-folder";

/** What people may run by hand: these keep to the stacks' sealed copies. The rest logs in, downloads or writes elsewhere. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cdktf: ["deploy", "apply", "destroy", "diff", "plan", "output", "outputs", "list", "synth", "synthesize"],
  terraform: [
    "apply",
    "console",
    "destroy",
    "graph",
    "import",
    "init",
    "output",
    "plan",
    "providers",
    "refresh",
    "show",
    "state",
    "taint",
    "untaint",
    "validate",
    "version",
  ],
};

/** Options that would lead away from the sealed copies. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  cdktf: /^(-[ao]|--(app|output)(=|$))/,
  terraform: /^--?(chdir|state|state-out|backup|backend-config|backend|plugin-dir|from-module|cloud)(=|$)/,
};

/** cdktf commands that would write a lock file of provider downloads, which there are none of. */
const LOCKING = ["deploy", "apply", "destroy", "diff", "plan", "output", "outputs"];

/**
 * Refuses what can't be kept away from real clouds and states.
 *
 * @throws one line that says what, and what is allowed
 */
export function requireAllowed(command: readonly string[]): void {
  const [program = "", ...args] = command;
  const kind = program === "tofu" ? "terraform" : program;
  const allowed = Object.hasOwn(ALLOWED, kind) ? ALLOWED[kind] : undefined;
  if (allowed === undefined) {
    throw new RehearsalFailure({ what: `exec runs cdktf, terraform and tofu only, not '${program}'` });
  }
  const refused = args.find((arg) => REFUSED[kind]?.test(arg));
  if (refused !== undefined) {
    throw new RehearsalFailure({
      what: `exec refuses '${refused}': it would lead out of the rehearsal, which has folders and state of its own`,
    });
  }
  const subcommand = args[0] ?? "";
  if (!allowed.includes(subcommand)) {
    const given = subcommand === "" ? `'${program}' alone` : `'${program} ${subcommand}'`;
    throw new RehearsalFailure({
      what: `exec doesn't run ${given}; it runs ${program} ${allowed.join(", ")}`,
    });
  }
}

export interface ExecProps {
  readonly workFolder: WorkFolder;
  /** Where stacks come from if the work folder is new. */
  readonly source: StackSource;
  /** Program and arguments. */
  readonly command: readonly string[];
  /**
   * The stack that a terraform command is about.
   *
   * @default - the only one
   */
  readonly stack?: string;
  readonly interruption: Interruption;
}

/**
 * Runs a person's own command against a simulated cloud that stays.
 *
 * @returns the command's exit status
 */
export async function execute(props: ExecProps): Promise<number> {
  const { workFolder, command, interruption } = props;
  requireAllowed(command);
  const [program, ...args] = command as [string, ...string[]];
  const isNew = !workFolder.exists();
  await workFolder.open();
  let isUsed = false;
  let stop: (() => Promise<void>) | undefined;
  try {
    const settings = { home: workFolder.home, terraformConfigFile: workFolder.terraformConfigFile };
    const plain = sealedEnvironment({ ...settings, reattach: "{}" });
    const terraform: TerraformProgram = program === "tofu" ? "tofu" : "terraform";
    await requireTerraform(terraform, { cwd: workFolder.path, env: plain, interruption });

    if (program === "cdktf") requireTerminal();

    const record = await workFolder.readRecord();
    const source = record?.source ?? props.source;
    if (program === "cdktf" && source.kind === "terraform") {
      throw new RehearsalFailure({
        what: `${source.folder} is hand-written Terraform; use exec terraform or exec tofu`,
      });
    }
    await workFolder.writeRecord({ source, stacks: record?.stacks ?? [], outcome: "kept" });
    const runsApp = program === "cdktf" && source.kind === "app" && !args.includes("--skip-synth");
    const stacks = runsApp ? undefined : await findStacks(source, props, plain);
    const clouds = await startClouds(workFolder);
    stop = clouds.stop;
    // What an app is about to synthesize isn't known yet: then every type is offered.
    if (stacks !== undefined) {
      const folders = stacks.flatMap(({ configurationFolders }) => configurationFolders);
      await clouds.offer(await findTypes(folders), folders);
    }
    const env = {
      ...sealedEnvironment({ ...settings, reattach: clouds.reattach }),
      // A person looks at this output: as colourful as their terminal has it.
      ...Object.fromEntries(
        ["NO_COLOR", "FORCE_COLOR", "COLORTERM", "CI"].flatMap((name) =>
          process.env[name] === undefined ? [] : [[name, process.env[name]]],
        ),
      ),
    };
    if (stacks !== undefined) {
      const problems = await sealStacks({ stacks, served: servedProviders(clouds.reattach) });
      requireSealed(
        stacks.map(({ name }) => name),
        problems,
      );
    }
    isUsed = true;
    if (program === "cdktf") {
      await writeCdktfSettings(workFolder);
      const extra = [
        ...(LOCKING.includes(args[0] ?? "") && !args.includes("--skip-provider-lock")
          ? ["--skip-provider-lock"]
          : []),
        ...(source.kind === "synthesized" && !args.includes("--skip-synth") ? ["--skip-synth"] : []),
      ];
      const words = [...cdktfCommand(), ...args, ...extra];
      const status = await runInForeground(process.execPath, words, workFolder.path, env, interruption);
      requireRunning(clouds, command.join(" "));
      return status;
    }
    const stack = chooseStack(stacks ?? [], props.stack);
    if (args[0] !== "init" && !existsSync(join(stack.folder, ".terraform"))) {
      const init = { command: program, args: ["init", "-input=false"], cwd: stack.folder, env, interruption };
      const { exitCode, output } = await runChild(init);
      if (exitCode !== 0)
        throw new RehearsalFailure({ what: `${program} init failed`, details: [output.trim()] });
    }
    if (args[0] !== "init") {
      requireSealed([stack.name], new Map([[stack.name, await findUnsealed(stack.folder, stack)]]));
    }
    const chosen = { ...env, TF_REATTACH_PROVIDERS: clouds.reattachFor(await findWantedVersions(stack)) };
    const status = await runInForeground(program, args, stack.folder, chosen, interruption);
    requireRunning(clouds, command.join(" "));
    return status;
  } finally {
    await stop?.();
    await (isNew && !isUsed ? workFolder.remove() : workFolder.close());
  }
}

/** The stacks as the last synthesis left them, or brought in now if there are none. */
async function findStacks(
  source: StackSource,
  { workFolder, interruption }: ExecProps,
  env: NodeJS.ProcessEnv,
): Promise<readonly RehearsalStack[]> {
  if (source.kind !== "terraform" && existsSync(join(workFolder.out, "manifest.json"))) {
    return readSynthesized(workFolder);
  }
  return fetchStacks({ source, workFolder, env, interruption });
}

function chooseStack(stacks: readonly RehearsalStack[], name: string | undefined): RehearsalStack {
  const names = stacks.map((stack) => stack.name).join(", ");
  const found =
    name === undefined
      ? stacks.length === 1
        ? stacks[0]
        : undefined
      : stacks.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new RehearsalFailure({
    what:
      name === undefined
        ? `say which stack it is about with --stack (${names}), before the command`
        : `there is no stack '${name}' (${names})`,
  });
}

/**
 * Hands the terminal to a program, so that it can ask. Ctrl-C reaches it from the terminal; we wait for it to
 * end. Other signals are ours to pass on.
 */
function runInForeground(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  interruption: Interruption,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd, env, stdio: "inherit" });
    const onAbort = () => child.kill("SIGTERM");
    if (!process.stdin.isTTY) interruption.gentle.addEventListener("abort", onAbort, { once: true });
    interruption.forced.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      interruption.gentle.removeEventListener("abort", onAbort);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}
