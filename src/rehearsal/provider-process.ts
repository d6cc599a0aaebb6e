import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ownProgram } from "./own-program";
import type { Fidelity } from "./provider/fidelity";
import type {
  FidelityRequest,
  OfferRequest,
  ServedProvider,
  ServerAnswer,
  ServerOptions,
} from "./provider/main";
import { admits } from "./run/version-constraint";
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

/** The version of a provider that a configuration asks for. */
export interface WantedVersion {
  /** `hashicorp/azurerm` */
  readonly source: string;
  /** As Terraform writes it: `~> 4.0`. */
  readonly constraint: string;
}

/** The simulated clouds, running. */
export interface ProviderProcess {
  /** Value of `TF_REATTACH_PROVIDERS`, for those who ask for no version. */
  readonly reattach: string;
  /** Value of `TF_REATTACH_PROVIDERS` for a configuration that asks for these. */
  reattachFor(wanted: readonly WantedVersion[]): string;
  readonly served: readonly ServedProvider[];
  /** Variables that Terraform or OpenTofu must run with: `reattach`, and no calls home. */
  readonly variables: Readonly<Record<string, string>>;
  readonly pid: number;
  /**
   * Offers other types (all when undefined) to the Terraform runs that start from now on.
   *
   * @param folders that Terraform runs in: charts that are given by a path are looked for there
   */
  offer(types?: readonly string[], folders?: readonly string[]): Promise<void>;
  /** How far the plans of these types can be trusted, by type. */
  fidelityOf(types: readonly string[]): Promise<ReadonlyMap<string, Fidelity>>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Whether it still serves: nobody has stopped or killed it. */
  isRunning(): boolean;
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
  const lock = join(folder, "server.lock");
  takeLock(lock, folder);
  let socketFolder: string | undefined;
  const clean = () => {
    if (socketFolder) rmSync(socketFolder, { recursive: true, force: true });
    rmSync(lock, { force: true });
  };
  try {
    if (scenario) writeScenario(folder, scenario);
    socketFolder = makeSocketFolder(folder);
    const child = spawn(process.execPath, ownProgram(join(__dirname, "provider", "main")), {
      stdio: ["pipe", "pipe", "inherit"],
      env: providerEnvironment(process.env),
      cwd: __dirname,
    });
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => {
        clean();
        resolve();
      });
    });
    return await connect(child, ended, { folder, socketFolder, types, seed });
  } catch (error) {
    clean();
    throw withReason(error as NodeJS.ErrnoException, folder);
  }
}

/**
 * Variables that the simulated clouds may have: what Node needs, and where their providers look for a subscription
 * or project that no configuration names. No credentials, whatever they are called.
 */
const LET_IN = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "ARM_SUBSCRIPTION_ID", "GOOGLE_PROJECT"];

export function providerEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(LET_IN.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

async function connect(
  child: ChildProcess,
  ended: Promise<void>,
  options: ServerOptions,
): Promise<ProviderProcess> {
  // A write to a child that has just died must not end this process too: the missing answer says enough.
  child.stdin?.on("error", () => {});
  const ask = questions(child);
  try {
    const { served } = await ask<{ readonly served: readonly ServedProvider[] }>(options);
    const reattachFor = (wanted: readonly WantedVersion[]) =>
      reattachValue(chooseVersions(served, wanted), child.pid as number);
    const reattach = reattachFor([]);
    return {
      reattach,
      reattachFor,
      served,
      variables: { TF_REATTACH_PROVIDERS: reattach, CHECKPOINT_DISABLE: "1" },
      pid: child.pid as number,
      fidelityOf: async (types) => {
        const question: FidelityRequest = { fidelityOf: types };
        const { fidelity } = await ask<{ readonly fidelity: Readonly<Record<string, Fidelity>> }>(question);
        return new Map(Object.entries(fidelity));
      },
      ended,
      isRunning: () => child.exitCode === null && child.signalCode === null,
      offer: async (types, folders) => {
        await ask({ types, folders } satisfies OfferRequest);
      },
      stop: async () => {
        child.stdin?.end();
        await ended;
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function withReason(error: NodeJS.ErrnoException, folder: string): Error {
  if (error.code === "ENOSPC")
    return new Error(`no space left on the disk for ${folder}; free some and run again`);
  if (error.code === "EACCES" || error.code === "EROFS")
    return new Error(`${folder} can't be written to: ${error.message}`);
  return error;
}

/** Writes lines to the child, and reads as many back. */
function questions(child: ChildProcess): <Answer extends ServerAnswer>(question: object) => Promise<Answer> {
  const answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return async <Answer extends ServerAnswer>(question: object) => {
    child.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error("the simulated clouds have ended; what they said is above");
    const answer: ServerAnswer = JSON.parse(value);
    if ("error" in answer) throw new Error(answer.error);
    return answer as Answer;
  };
}

/**
 * Of each provider the one that a configuration gets: what is simulated by more than its schema where its version is
 * admitted, otherwise the highest that is.
 */
export function chooseVersions(
  served: readonly ServedProvider[],
  wanted: readonly WantedVersion[],
): ServedProvider[] {
  const chosen = new Map<string, ServedProvider>();
  for (const provider of [...served].sort(byVersion)) {
    const { source } = provider;
    if (!isAdmitted(provider, wanted)) continue;
    if (chosen.get(source)?.isHeld !== true || provider.isHeld) chosen.set(source, provider);
  }
  return [...chosen.values()];
}

/** Whether a configuration that asks for these takes it. One that stands for every version is always taken. */
export function isAdmitted(
  { source, version }: Pick<ServedProvider, "source" | "version">,
  wanted: readonly WantedVersion[],
): boolean {
  return (
    version === undefined ||
    wanted.every((each) => each.source !== source || admits(each.constraint, version))
  );
}

function byVersion(one: ServedProvider, other: ServedProvider): number {
  return (one.version ?? "").localeCompare(other.version ?? "", "en", { numeric: true });
}

function reattachValue(served: readonly ServedProvider[], pid: number): string {
  const entries = served.flatMap(({ source, host, protocol, socket }) => {
    const address = { Network: "unix", String: socket };
    return [...new Set([...HOSTS, ...(host === undefined ? [] : [host])])].map((each) => [
      `${each}/${source}`,
      { Protocol: "grpc", ProtocolVersion: protocol, Pid: pid, Test: true, Addr: address },
    ]);
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** One server a folder: two would overwrite each other's ledger. */
function takeLock(lock: string, folder: string): void {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        // Unlike opening and then writing, a link is there with its contents or not at all.
        linkSync(own, lock);
        removeOldSockets(folder);
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
  } finally {
    rmSync(own, { force: true });
  }
}

/** What a rehearsal that was killed has left. */
function removeOldSockets(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^s-\w{6}$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
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
