import { spawnSync } from "node:child_process";

/** A program and its arguments, as a shell's user would type them. */
export type CommandLine = readonly [string, ...string[]];

/** What a program said, and how it ended: its exit code, or null where it could not be started. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the programs of this machine. */
export interface Shell {
  /** Shows the command and everything that it says, and waits for its end. @throws CommandFailure */
  readonly run: (command: CommandLine) => void;
  /** Asks without showing anything. Never throws: what it says of a failure is the answer. */
  readonly ask: (command: CommandLine) => Outcome;
}

/** A command that did not do what it was run for. Its own words are on the screen already. */
export class CommandFailure extends Error {
  constructor(readonly command: CommandLine) {
    super(`this did not work: ${written(command)}`);
    this.name = "CommandFailure";
  }
}

/** A shell whose commands run in a folder. */
export function shellIn(folder: string, show: (text: string) => void): Shell {
  return {
    run: (command) => {
      show(`$ ${written(command)}\n`);
      const { status } = start(command, folder, "inherit");
      if (status !== 0) throw new CommandFailure(command);
    },
    ask: (command) => {
      const { status, stdout, stderr, error } = start(command, folder, "pipe");
      return { code: error ? null : status, output: stdout ?? "", errors: stderr ?? "" };
    },
  };
}

/** A shell that shows what it would run, and only asks what is installed. */
export function dryShellIn(folder: string, show: (text: string) => void): Shell {
  return { ...shellIn(folder, show), run: (command) => show(`$ ${written(command)}\n`) };
}

/** A command line that can be pasted. */
export function written(command: CommandLine): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

function start([program, ...args]: CommandLine, cwd: string, output: "inherit" | "pipe") {
  // az and gcloud are batch files on Windows, which only its shell starts.
  const shell = process.platform === "win32";
  return spawnSync(program, args, { cwd, encoding: "utf8", shell, stdio: ["ignore", output, output] });
}
