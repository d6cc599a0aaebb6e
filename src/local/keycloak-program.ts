import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  ADMINISTRATOR_CLIENT,
  administratorVariables,
  KEYCLOAK_IMAGE,
  keycloakVariables,
  startArguments,
} from "../identity/keycloak/keycloak-process";
import { FleetError } from "../problem";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { type Part, startPart } from "./part";

const run = promisify(execFile);

/** Release that the environments run, as their image is tagged. */
const VERSION = KEYCLOAK_IMAGE.split(":").at(-1) as string;

/** What `kc.sh build` is told: a Keycloak that is started with anything else here builds itself anew at each start. */
const BUILT_WITH = { db: "dev-mem", "health-enabled": "true", "metrics-enabled": "true" } as const;

/** Milliseconds to be ready. It takes 15 s of one processor, and a machine may have a lot else to do. */
const READY_MS = 300_000;

/** How a Keycloak of this machine is started. */
export interface KeycloakProps {
  /** Base URL that callers know, and whatever is in front of it answers at. */
  readonly publicUrl: string;
  /** Of the client that administers it, and of its first administrator. */
  readonly administratorSecret: string;
  readonly onLine: (line: string) => void;
}

/** A Keycloak that runs on this machine, without any realm but its own. What it holds ends with it. */
export interface RunningKeycloak {
  readonly part: Part;
  /** Where it listens: in front of it, the path of its public URL is cut off. */
  readonly url: string;
  readonly administrator: { readonly clientId: string; readonly clientSecret: string };
  readonly remove: () => void;
}

/**
 * Starts a real Keycloak in production mode, with an empty database in memory.
 *
 * @throws FleetError when the machine has not what it needs, Error when it ends before it is ready or takes too long.
 */
export async function startKeycloak(props: KeycloakProps): Promise<RunningKeycloak> {
  const { publicUrl, administratorSecret, onLine } = props;
  const home = await keycloakHome(onLine);
  const [port, managementPort] = [await freePort(), await freePort()];
  const { folder, remove } = temporaryFolder("keycloak");
  onLine(`Keycloak ${VERSION} starts`);
  const part = startPart({
    name: "keycloak",
    program: join(home, "bin", "kc.sh"),
    args: startArguments({ mode: "production", optimizedImage: home }),
    folder,
    variables: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      // Half as much work until it is ready, which is most of what it does here.
      JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1",
      ...keycloakVariables({ publicUrl, internalUrl: publicUrl }),
      [administratorVariables.clientSecret]: administratorSecret,
      [administratorVariables.password]: administratorSecret,
      KC_LOG_CONSOLE_OUTPUT: "default",
      KC_LOG_LEVEL: "warn",
      KC_DB: BUILT_WITH.db,
      KC_HTTP_HOST: "127.0.0.1",
      KC_HTTP_PORT: `${port}`,
      KC_HTTP_MANAGEMENT_PORT: `${managementPort}`,
    },
    onLine,
  });
  try {
    await ready(`http://127.0.0.1:${managementPort}/health/ready`, part);
  } catch (error) {
    await part.stop(0);
    remove();
    throw error;
  }
  return {
    part,
    url: `http://127.0.0.1:${port}`,
    administrator: { clientId: ADMINISTRATOR_CLIENT, clientSecret: administratorSecret },
    remove,
  };
}

/**
 * Folder of Keycloak's distribution, unpacked and built once a machine; Maven checks it against its checksum.
 *
 * @throws FleetError that says what is missing on this machine.
 */
async function keycloakHome(say: (line: string) => void): Promise<string> {
  await demand("java", ["-version"], "Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)");
  const cache = join(homedir(), ".cache", "a2a-fleet");
  const home = join(cache, `keycloak-${VERSION}-built`);
  if (existsSync(home)) return home;
  await demand("mvn", ["--version"], "Maven (Debian: apt-get install maven), which fetches the distribution");
  say(`fetching and building Keycloak ${VERSION}, once`);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "unpacking-"));
  const artifact = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
  try {
    for (const goal of [
      ["dependency:get", `-Dartifact=${artifact}`, "-Dtransitive=false"],
      ["dependency:unpack", `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
    ]) {
      await run("mvn", ["-q", "-B", ...goal], { cwd: folder }).catch((error: unknown) => {
        throw missing(`Maven could not fetch ${artifact}; is Maven Central reachable? ${saidBy(error)}`);
      });
    }
    const unpacked = join(folder, `keycloak-${VERSION}`);
    const options = Object.entries(BUILT_WITH).map(([name, value]) => `--${name}=${value}`);
    const env = { PATH: process.env.PATH, HOME: folder };
    await run(join(unpacked, "bin", "kc.sh"), ["build", ...options], { env }).catch((error: unknown) => {
      throw missing(`kc.sh build failed; is there Java 17 or newer on the path? ${saidBy(error)}`);
    });
    // Somebody else may have been as quick, with the same.
    if (!existsSync(home)) renameSync(unpacked, home);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return home;
}

async function ready(url: string, { ended }: Part): Promise<void> {
  let over: number | NodeJS.Signals | undefined;
  ended.then((code) => {
    over = code;
  });
  for (const until = Date.now() + READY_MS; Date.now() < until; ) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (over !== undefined) throw new Error(`Keycloak ended with ${over} before it was ready`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`Keycloak was not ready after ${READY_MS / 1000} s`);
}

async function demand(command: string, args: readonly string[], what: string): Promise<void> {
  await run(command, [...args]).catch(() => {
    throw missing(`a real Keycloak ${VERSION} runs here, and '${command}' is missing; install ${what}`);
  });
}

/** The end of what a program said. */
function saidBy(error: unknown): string {
  const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
  return `${stdout}${stderr}`.slice(-400);
}

function missing(message: string): FleetError {
  return new FleetError("there is no Keycloak", [{ rule: "keycloak-is-installed", message }]);
}
