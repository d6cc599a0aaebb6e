import { type ChildProcess, spawn } from "node:child_process";
import { freePort } from "../../../src/local/free-port";
import { type AgentEnvironment, variablesOf } from "./environment";
import { buildImage, type Language } from "./image";

/** A running container's process, without a container. */
export interface AgentProcess {
  readonly language: Language;
  readonly port: number;
  /** Base URL, as a registry would name it. */
  readonly url: string;
  readonly pid: number;
  /** What it said, a parsed line each; lines that aren't JSON as text. */
  readonly logs: () => (Record<string, unknown> | string)[];
  /** Everything on stderr. */
  readonly errors: () => string;
  readonly signal: (which: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Kills it, if it still runs, and waits. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds in which an agent is ready, on however busy a machine. */
const LONGEST_START = 120_000;

/** Every process that tests have started and not ended; killed when the tests end. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) killGroup(child, "SIGKILL");
});

/** Starts an image with variables as they are, and nothing else of this machine's. */
export function startProcess(
  language: Language,
  variables: Record<string, string>,
): Omit<AgentProcess, "url" | "port"> {
  const image = buildImage(language);
  const [program = "", ...args] = image.command;
  const child = spawn(program, args, {
    cwd: image.folder,
    // A group of its own: workers are ended with the process that started them.
    detached: true,
    env: { PATH: image.programs, ...image.variables, HOME: "/tmp", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  let errors = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    errors += data;
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? -1);
    });
  });
  return {
    language,
    pid: child.pid ?? -1,
    logs: () => output.split("\n").filter(Boolean).map(parse),
    errors: () => errors,
    signal: (which) => void child.kill(which),
    ended,
    stop: async () => {
      killGroup(child, "SIGKILL");
      await ended;
    },
  };
}

/** Starts an agent and waits until it is ready. */
export async function startAgent(
  language: Language,
  environment: Omit<AgentEnvironment, "port"> & { readonly port?: number },
): Promise<AgentProcess> {
  const port = environment.port ?? (await freePort());
  return startWith(language, variablesOf({ ...environment, port }), port);
}

/** Starts an image with these variables, which name this port, and waits until it is ready. */
export async function startWith(
  language: Language,
  variables: Record<string, string>,
  port: number,
): Promise<AgentProcess> {
  const started = startProcess(language, variables);
  const url = `http://127.0.0.1:${port}/`;
  let over = false;
  started.ended.then(() => {
    over = true;
  });
  for (const until = Date.now() + LONGEST_START; Date.now() < until && !over; ) {
    const answer = await fetch(`${url}ready`).catch(() => undefined);
    if (answer?.ok) return { ...started, port, url };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await started.stop();
  throw new Error(
    `the ${language} agent was not ready: ${started.errors()}\n${JSON.stringify(started.logs())}`,
  );
}

function parse(line: string): Record<string, unknown> | string {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
}

function killGroup(child: ChildProcess, which: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, which);
  } catch {
    // It has ended already.
  }
}
