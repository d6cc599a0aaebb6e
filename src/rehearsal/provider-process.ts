import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ServerAnswer, ServerOptions } from "./provider/main";
import { providerVersions } from "./provider/schema/schema-store";
import { type Scenario, writeScenario } from "./scenario";

export interface ProviderProcessOptions {
  /** Work folder of the rehearsal: the ledger, the scenario and the server's lock are in it. Created if need be. */
  readonly folder: string;
  /**
   * Types of resources, data sources and ephemeral resources to offer; see `findTypesInUse`. Types that are in
   * the ledger are always offered. Terraform takes half a second longer over all of them.
   *
   * @default - all
   */
  readonly types?: readonly string[];
  /**
   * Faults, taken names and missing images.
   *
   * @default - `scenario.json` of the folder, if there is one
   */
  readonly scenario?: Partial<Scenario>;
  /**
   * What everything invented in a new ledger derives from.
   *
   * @default - random
   */
  readonly seed?: string;
}

/** The simulated clouds, running. */
export interface ProviderProcess {
  /** Value of `TF_REATTACH_PROVIDERS`. */
  readonly reattach: string;
  /** Variables that Terraform or OpenTofu must run with: `reattach`, and no calls home. */
  readonly variables: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Linux allows 107 bytes, macOS 103. */
const LONGEST_SOCKET_PATH = 100;
const LONGEST_SOCKET_NAME = "/kubernetes.sock".length;
const HOSTS = ["registry.terraform.io", "registry.opentofu.org"];

/**
 * Starts the simulated clouds in a process of their own, which ends with this one.
 *
 * @throws when another server works on the folder, when no socket can be made, when the ledger can't be read.
 */
export async function startProviders(options: ProviderProcessOptions): Promise<ProviderProcess> {
  const { folder, types, scenario, seed } = options;
  mkdirSync(folder, { recursive: true });
  if (scenario) writeScenario(folder, scenario);
  const lock = join(folder, "server.lock");
  takeLock(lock, folder);
  let socketFolder: string | undefined;
  try {
    socketFolder = makeSocketFolder(folder);
    const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "provider", "main.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
      // tsx is found from the project, wherever the rehearsal was started.
      cwd: __dirname,
    });
    const clean = () => {
      rmSync(socketFolder as string, { recursive: true, force: true });
      rmSync(lock, { force: true });
    };
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => {
        clean();
        resolve();
      });
    });
    child.stdin?.on("error", () => {});
    const request: ServerOptions = { folder, socketFolder, types, seed };
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const sockets = await firstAnswer(child);
    const reattach = reattachValue(sockets, child.pid as number);
    return {
      reattach,
      variables: { TF_REATTACH_PROVIDERS: reattach, CHECKPOINT_DISABLE: "1" },
      pid: child.pid as number,
      ended,
      stop: async () => {
        child.stdin?.end();
        await ended;
      },
    };
  } catch (error) {
    if (socketFolder) rmSync(socketFolder, { recursive: true, force: true });
    rmSync(lock, { force: true });
    throw error;
  }
}

function firstAnswer(child: ChildProcess): Promise<Readonly<Record<string, string>>> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.once("line", (line) => {
      const answer: ServerAnswer = JSON.parse(line);
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer.sockets);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the simulated clouds ended at once, with code ${code}`)));
  });
}

function reattachValue(sockets: Readonly<Record<string, string>>, pid: number): string {
  const entries = Object.entries(sockets).flatMap(([name, socket]) => {
    const { source, protocol } = providerVersions[name] as { source: string; protocol: 5 | 6 };
    const address = { Network: "unix", String: socket };
    return HOSTS.map((host) => [
      `${host}/${source}`,
      { Protocol: "grpc", ProtocolVersion: protocol, Pid: pid, Test: true, Addr: address },
    ]);
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** One server a folder: two would overwrite each other's ledger. */
function takeLock(lock: string, folder: string): void {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = openSync(lock, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(existsSync(lock) ? readFileSync(lock, "utf8") : "0");
      if (holder > 0 && isAlive(holder)) {
        throw new Error(
          `${folder} is in use by another rehearsal (process ${holder}); wait for it, or choose another folder`,
        );
      }
      rmSync(lock, { force: true });
    }
  }
  throw new Error(`${folder} is in use by another rehearsal that is just starting; run again`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** In the work folder if its path is short enough for a socket, otherwise in the system's temporary folder. */
function makeSocketFolder(folder: string): string {
  const parents = [folder, tmpdir()];
  for (const parent of parents) {
    const length = Buffer.byteLength(join(parent, "s-XXXXXX")) + LONGEST_SOCKET_NAME;
    if (length <= LONGEST_SOCKET_PATH) return mkdtempSync(join(parent, "s-"));
  }
  throw new Error(
    `the paths of ${parents.join(" and ")} are too long for a socket (${LONGEST_SOCKET_PATH} bytes with its name); ` +
      "set TMPDIR to a short path",
  );
}
