import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { KEYCLOAK_IMAGE } from "../identity/keycloak/keycloak-process";
import { FleetError } from "../problem";

const run = promisify(execFile);

/** Release that the environments run, as their image is tagged. */
export const KEYCLOAK_VERSION = KEYCLOAK_IMAGE.split(":").at(-1) as string;

/**
 * Folder of Keycloak's distribution, unpacked once a machine; Maven checks it against its checksum.
 *
 * @throws FleetError that says what is missing on this machine.
 */
export async function keycloakHome(say: (line: string) => void): Promise<string> {
  await demand("java", ["-version"], "Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)");
  const cache = join(homedir(), ".cache", "a2a-fleet");
  const home = join(cache, `keycloak-${KEYCLOAK_VERSION}`);
  if (existsSync(home)) return home;
  await demand("mvn", ["--version"], "Maven (Debian: apt-get install maven), which fetches the distribution");
  say(`fetching Keycloak ${KEYCLOAK_VERSION}, once`);
  mkdirSync(cache, { recursive: true });
  const unpacked = mkdtempSync(join(cache, "unpacking-"));
  const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`;
  try {
    for (const goal of [
      ["dependency:get", `-Dartifact=${artifact}`, "-Dtransitive=false"],
      ["dependency:unpack", `-Dartifact=${artifact}`, `-DoutputDirectory=${unpacked}`],
    ]) {
      await run("mvn", ["-q", "-B", ...goal], { cwd: unpacked }).catch((error: unknown) => {
        const { stdout = "" } = error as { stdout?: string };
        throw missing(`Maven could not fetch ${artifact}; is Maven Central reachable? ${stdout.slice(-400)}`);
      });
    }
    renameSync(join(unpacked, `keycloak-${KEYCLOAK_VERSION}`), home);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  return home;
}

async function demand(command: string, args: readonly string[], what: string): Promise<void> {
  await run(command, [...args]).catch(() => {
    throw missing(
      `a real Keycloak ${KEYCLOAK_VERSION} runs here, and '${command}' is missing; install ${what}`,
    );
  });
}

function missing(message: string): FleetError {
  return new FleetError("there is no Keycloak", [{ rule: "keycloak-is-installed", message }]);
}
