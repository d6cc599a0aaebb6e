import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { KEYCLOAK_IMAGE } from "../../../src/identity/keycloak/keycloak-process";

/** Release that the environments run: the tests run the same. */
const VERSION = KEYCLOAK_IMAGE.split(":").at(-1) as string;

/** A Keycloak in production mode on this machine, behind a public name that leads nowhere. */
export interface RealKeycloak {
  /** Where it listens. */
  readonly url: string;
  /** What it is told that callers call it. */
  readonly publicUrl: string;
  readonly administrator: { readonly clientId: string; readonly clientSecret: string };
  readonly stop: () => Promise<void>;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly keycloak: Omit<RealKeycloak, "stop">;
  }
}

/** Before all tests: one Keycloak, in which each file of tests has a realm of its own. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const { stop, ...keycloak } = await startKeycloak("https://api.test.acme.example/identity");
  provide("keycloak", keycloak);
  return stop;
}

/**
 * Starts a real Keycloak with an empty database in memory.
 *
 * @throws Error that says what is missing on this machine.
 */
export async function startKeycloak(publicUrl: string): Promise<RealKeycloak> {
  const home = install();
  const [port, managementPort] = await Promise.all([freePort(), freePort()]);
  const administrator = { clientId: "a2a-fleet", clientSecret: randomBytes(18).toString("hex") };
  const log = join(tmpdir(), `keycloak-${port}.log`);
  const output = openSync(log, "w");
  const child = spawn(join(home, "bin", "kc.sh"), ["start"], {
    stdio: ["ignore", output, output],
    // A group of its own, because kc.sh starts Java as a child of its own.
    detached: true,
    env: {
      ...process.env,
      KC_DB: "dev-mem",
      KC_CACHE: "local",
      KC_HTTP_PORT: String(port),
      KC_HTTP_MANAGEMENT_PORT: String(managementPort),
      KC_HOSTNAME: publicUrl,
      KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
      KC_HTTP_ENABLED: "true",
      KC_PROXY_HEADERS: "xforwarded",
      KC_HEALTH_ENABLED: "true",
      KC_METRICS_ENABLED: "true",
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: administrator.clientId,
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: administrator.clientSecret,
    },
  });
  const stop = () => stopGroup(child);
  try {
    await waitUntilReady(`http://127.0.0.1:${managementPort}/health/ready`, child);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}; its log:\n${readFileSync(log, "utf8").slice(-4000)}`);
  }
  return { url: `http://127.0.0.1:${port}`, publicUrl, administrator, stop };
}

/** Unpacks the distribution once a machine; Maven checks it against its checksum. */
function install(): string {
  demand("java", ["-version"], "Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)");
  const cache = join(homedir(), ".cache", "a2a-fleet");
  const home = join(cache, `keycloak-${VERSION}`);
  if (existsSync(home)) return home;
  demand("mvn", ["--version"], "Maven (Debian: apt-get install maven), which fetches the distribution");
  const unpacked = join(cache, `unpacking-${process.pid}`);
  mkdirSync(unpacked, { recursive: true });
  const artifact = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
  for (const goal of [
    ["dependency:get", `-Dartifact=${artifact}`, "-Dtransitive=false"],
    ["dependency:unpack", `-Dartifact=${artifact}`, `-DoutputDirectory=${unpacked}`],
  ]) {
    const { status, stdout, stderr } = spawnSync("mvn", ["-q", "-B", ...goal], {
      cwd: cache,
      encoding: "utf8",
    });
    if (status !== 0)
      throw new Error(`Maven could not fetch ${artifact}; is Maven Central reachable?\n${stdout}${stderr}`);
  }
  renameSync(join(unpacked, `keycloak-${VERSION}`), home);
  rmSync(unpacked, { recursive: true });
  return home;
}

function demand(command: string, args: readonly string[], what: string): void {
  if (spawnSync(command, [...args]).status === 0) return;
  throw new Error(`these tests run a real Keycloak ${VERSION}, and '${command}' is missing; install ${what}`);
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (let seconds = 0; seconds < 180; seconds += 1) {
    if (child.exitCode !== null) throw new Error(`Keycloak ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error("Keycloak was not ready after 180 s");
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGTERM");
  await ended;
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
