import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Interruption } from "./interruption";

/** How long a child may take to end by itself after it was asked to. Terraform finishes the resource at hand. */
const GRACE_MS = 20_000;

/** A program to run. */
export interface StartProps {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `command` through the shell: for command lines that people write, as in cdktf.json's `app`. @default false */
  readonly shell?: boolean;
  /** What it reads and writes, in the order of its file descriptors. @default - output that is read here, and no input */
  readonly stdio?: SpawnOptions["stdio"];
}

/** What becomes of a program's output. */
export interface FollowProps {
  readonly interruption: Interruption;
  /** File that takes all output, without colours. @default - none */
  readonly logFile?: string;
  /** Receives each finished line, without colours. @default - none */
  readonly onLine?: (line: string) => void;
}

export interface ChildResult {
  readonly exitCode: number;
  /** Standard output and error as they came, without colours. */
  readonly output: string;
  /** Standard output alone, without colours. */
  readonly stdout: string;
}

/**
 * Runs a program to its end.
 *
 * @throws the interruption, after the child has ended
 */
export function runChild(props: StartProps & FollowProps): Promise<ChildResult> {
  return followChild(() => startChild(props), props);
}

/**
 * Starts a program. It gets a process group of its own, so that Ctrl-C reaches it once and through us (Terraform
 * answers a second one by dropping what it is doing).
 */
export function startChild({ command, args, cwd, env, ...props }: StartProps): ChildProcess {
  const { shell = false, stdio = ["ignore", "pipe", "pipe"] } = props;
  return spawn(command, [...args], { cwd, env, shell, detached: true, stdio });
}

/**
 * Follows a program to its end.
 *
 * @param start starts it, or wakes one that waits
 * @throws the interruption, after the child has ended
 */
export async function followChild(start: () => ChildProcess, props: FollowProps): Promise<ChildResult> {
  props.interruption.check();
  if (props.logFile !== undefined) await mkdir(dirname(props.logFile), { recursive: true });
  const log = props.logFile === undefined ? undefined : createWriteStream(props.logFile, { flags: "a" });
  const child = start();
  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended in the meantime.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const onGentle = () => {
    signalGroup("SIGINT");
    timer = setTimeout(() => signalGroup("SIGKILL"), GRACE_MS);
  };
  const onForced = () => signalGroup("SIGKILL");
  props.interruption.gentle.addEventListener("abort", onGentle, { once: true });
  props.interruption.forced.addEventListener("abort", onForced, { once: true });

  let output = "";
  let stdout = "";
  let unfinished = "";
  const take = (isStdout: boolean) => (chunk: string) => {
    const text = stripVTControlCharacters(chunk).replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    output += text;
    if (isStdout) stdout += text;
    log?.write(text);
    const lines = (unfinished + text).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) props.onLine?.(line);
  };
  child.stdout?.setEncoding("utf8").on("data", take(true));
  child.stderr?.setEncoding("utf8").on("data", take(false));
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      log?.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
    if (unfinished !== "") props.onLine?.(unfinished);
    props.interruption.check();
    return { exitCode, output, stdout };
  } finally {
    clearTimeout(timer);
    props.interruption.gentle.removeEventListener("abort", onGentle);
    props.interruption.forced.removeEventListener("abort", onForced);
    if (child.exitCode === null && child.signalCode === null) signalGroup("SIGKILL");
    await new Promise<void>((resolve) => (log === undefined || log.destroyed ? resolve() : log.end(resolve)));
  }
}
