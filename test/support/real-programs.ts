import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { describe, expect, test } from "vitest";

// Debian keeps the server's own programs out of the path.
export const PROGRAM_PATH = [process.env.PATH, "/usr/sbin", ...debianPostgres()].join(delimiter);

function debianPostgres(): string[] {
  try {
    return readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

function missing(...programs: string[]): string {
  return programs
    .filter(
      (program) =>
        spawnSync("sh", ["-c", `command -v ${program}`], { env: { PATH: PROGRAM_PATH } }).status !== 0,
    )
    .join(", ");
}

/**
 * The real programs, or a line in the report that says which are not here (Debian: redis-server rclone postgresql nginx
 * haproxy caddy); in CI, where they have to be, a failed test.
 */
export function withPrograms(title: string, programs: readonly string[], tests: () => void): void {
  const absent = missing(...programs);
  if (absent === "") describe(title, tests);
  else if (process.env.CI) test(title, () => expect(absent, "programs that are not here").toBe(""));
  else describe.skip(`${title} (not here: ${absent})`, tests);
}
