import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { tellGuard } from "./guard";

/** A process that belongs to the fleet: an agent's, or that of something it leans on. */
export interface Part {
  readonly name: string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to end, and ends it if it doesn't within so many milliseconds. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** What a process is started with. */
export interface PartCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** All of its variables: nothing else of this machine's gets in. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** How it is asked to end. @default "SIGTERM" */
  readonly endsOn?: NodeJS.Signals;
}

/**
 * Starts a process in a group of its own, so that Ctrl-C reaches it through `stop` alone, and with it what it starts. It
 * ends with this one, however that ends.
 */
export function startPart(command: PartCommand): Part {
  const { name, program, args, folder, variables, onLine, endsOn = "SIGTERM" } = command;
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) tellGuard(["started", pid]);
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  let running = true;
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      running = false;
      if (pid !== undefined) tellGuard(["ended", pid]);
      resolve(code ?? signal ?? -1);
    };
    child.once("error", (error) => {
      onLine(error.message);
      end(-1, null);
    });
    child.once("close", end);
  });
  return {
    name,
    ended,
    stop: async (graceMs) => {
      if (!running) return;
      signalGroup(child, endsOn);
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
