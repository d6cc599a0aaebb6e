import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ownProgram } from "../own-program";
import { type ChildResult, type FollowProps, followChild, startChild } from "./child-process";
import { RehearsalFailure } from "./failure";
import type { WorkFolder } from "./work-folder";

const requireFrom = createRequire(__filename);

/**
 * Node's arguments that run cdktf-cli: the project's, or the one beside us.
 *
 * @throws one line that says what to do where there is none
 */
export function cdktfCommand(): string[] {
  return [findOwn("cdktf-cli/bundle/bin/cdktf")];
}

/** A stack of plain Terraform needs no cdktf, so that it may not be there. */
function findOwn(file: string): string {
  try {
    return requireFrom.resolve(file, { paths: [process.cwd(), __dirname] });
  } catch {
    throw new RehearsalFailure({
      what: "cdktf-cli isn't installed, and cdktf's stacks are deployed with it; add it with `npm install --save-dev cdktf-cli@0.21`, or rehearse a folder of plain Terraform with --folder",
    });
  }
}

const TERMINAL_LIBRARY = "@cdktf/node-pty-prebuilt-multiarch";

/**
 * Checks that cdktf-cli can run Terraform with this Node. It does so by a native library, which brings builds for
 * some versions of Node and some platforms (not Node 24, not Intel Macs), and no install script is run here.
 *
 * @param folder the library's
 * @throws one line that says what to do
 */
export function requireTerminal(folder = dirname(findOwn(`${TERMINAL_LIBRARY}/package.json`))): void {
  const { ptyPath } = requireFrom(join(folder, "lib/prebuild-file-path.js")) as { ptyPath: string | null };
  if (ptyPath !== null || existsSync(join(folder, "build/Release/pty.node"))) return;
  throw new RehearsalFailure({
    what: `cdktf-cli has no terminal library for Node ${process.version} on ${process.platform} ${process.arch}; use Node 20 or 22, or build it with \`npm rebuild ${TERMINAL_LIBRARY} --ignore-scripts=false\``,
  });
}

/**
 * Gives cdktf settings of its own in the work folder, which is where it is run: output stays inside, and the
 * app is a program that runs the project's app and then seals what came out.
 */
export async function writeCdktfSettings(workFolder: WorkFolder): Promise<void> {
  const app = [process.execPath, ...ownProgram(join(__dirname, "sealed-app")), workFolder.name];
  const settings = {
    language: "typescript",
    app: app.map((part) => JSON.stringify(part)).join(" "),
    output: "out",
    projectId: "rehearsal",
    sendCrashReports: "false",
  };
  await writeFile(join(workFolder.path, "cdktf.json"), `${JSON.stringify(settings, null, 2)}\n`);
}

/**
 * What runs before cdktf-cli: it loads the most of it, which takes a second, and waits for what that is to do.
 *
 * cdktf-cli draws its screen anew for each piece of Terraform's output, which takes it longer than Terraform's work takes,
 * and wraps what it draws, at 80 columns where there is no terminal, which would cut addresses and messages in two:
 * Terraform's lines are printed past it, behind the stack's name as it does it. With `--auto-approve` it looks for nothing
 * in them but the exit code. Its converter of HCL to code, which a deploy never asks, is a third of what it loads. When it
 * is interrupted it hands that on to Terraform and ends, which closes Terraform's terminal: Terraform would end at once,
 * before it has saved what it made, if it didn't ignore that.
 */
const PREPARATION = `
  import Module, { createRequire } from "node:module";
  import { basename } from "node:path";
  process.stdout.columns = 400;
  const load = Module._load;
  Module._load = function (id, ...rest) {
    if (id === "@cdktf/hcl2cdk") return { __esModule: true };
    const loaded = load.call(this, id, ...rest);
    if (id !== "${TERMINAL_LIBRARY}") return loaded;
    const ignoring = ["-c", "trap '' HUP; exec \\"$0\\" \\"$@\\""];
    const spawn = process.platform === "win32"
      ? loaded.spawn
      : (file, args, options) => loaded.spawn("/bin/sh", [...ignoring, file, ...args], options);
    return {
      ...loaded,
      spawn: (file, args, options) => printed(spawn(file, args, options), basename(options.cwd)),
    };
  };
  createRequire(process.argv[1])("./cmds/handlers.js");
  // Whoever started it may have ended.
  process.once("disconnect", process.exit);
  const { args, env } = await new Promise((resolve) => process.once("message", resolve));
  process.off("disconnect", process.exit);
  process.disconnect();
  process.argv.push(...args);
  Object.assign(process.env, env);
  function printed(terminal, stack) {
    let unfinished = "";
    const print = (lines) => process.stdout.write(lines.map((line) => stack + "  " + line + "\\n").join(""));
    terminal.onData((text) => {
      const lines = (unfinished + text).split(/\\r?\\n/);
      unfinished = lines.pop();
      print(lines);
    });
    terminal.onExit(() => print(unfinished === "" ? [] : [unfinished]));
    return {
      write: (answer) => terminal.write(answer),
      onData: () => {},
      onExit: (listen) => terminal.onExit(listen),
    };
  }
`;

/** A cdktf-cli that has been started, loads while others work, and waits for what it is to do. */
export class WaitingCdktf {
  private child: ChildProcess;

  /** @param env what it may read while it loads */
  constructor(
    private readonly workFolder: WorkFolder,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.child = this.start();
  }

  /** Runs it once, with these variables besides, and follows what it prints. */
  run(args: readonly string[], env: NodeJS.ProcessEnv, props: FollowProps): Promise<ChildResult> {
    return followChild(() => {
      // One that has ended while it waited is none that we could follow.
      if (this.hasEnded()) this.child = this.start();
      this.child.send({ args, env });
      return this.child;
    }, props);
  }

  /** Ends one that still waits, and has done nothing yet. */
  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private start(): ChildProcess {
    return startChild({
      command: process.execPath,
      args: [`--import=data:text/javascript,${encodeURIComponent(PREPARATION)}`, ...cdktfCommand()],
      cwd: this.workFolder.path,
      // It draws no moving frames when it is told that it runs in CI, and nobody is there to answer Terraform's questions: a
      // variable that nothing gives a value is an error.
      env: { ...this.env, CI: "true", TF_INPUT: "0" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  }
}
