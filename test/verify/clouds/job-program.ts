import { type ChildProcess, spawn } from "node:child_process";

/** A job's one program, really run, and what it has said. */
export class JobProgram {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;

  /** @param variables of the job, with secrets' values put in */
  constructor(command: readonly string[], variables: Readonly<Record<string, string>>, folder: string) {
    const [program, ...args] = command;
    if (program !== "node") throw new Error(`there is no program '${program}' in the image`);
    this.child = spawn(process.execPath, args, { cwd: folder, env: variables });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        this.lines.push(...lines);
      });
    }
  }

  /** Undefined while it runs. */
  get exitCode(): number | undefined {
    return this.child.exitCode ?? (this.child.signalCode === null ? undefined : 137);
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}

/** What goes wrong with a job. */
export type JobFault =
  /** Its program ends without saying anything of use. */
  | "fails"
  /** It never begins. */
  | "hangs"
  /** Its image can't be pulled. */
  | "no image"
  /** It is refused once everything is there. */
  | "can't be made";
