import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The project as it was at a revision of its own repository, in a folder of its own. */
export interface Revision {
  /** What one of its commands prints; undefined where the revision doesn't have it, or it failed. */
  run(script: string, ...args: readonly string[]): string | undefined;
  remove(): void;
}

/**
 * Checks a revision out beside the project. Its packages are the project's own: a revision that needs others runs as far
 * as it can.
 *
 * @throws Error with git's own words when there is no such revision
 */
export function checkOut(root: string, revision: string): Revision {
  const folder = mkdtempSync(join(tmpdir(), "a2a-fleet-base-"));
  const git = (...args: readonly string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const { status, stderr } = git("worktree", "add", "--detach", "--force", folder, revision);
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`--base ${revision}: ${stderr.trim()}`);
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    run: (script, ...args) => runCommand(folder, script, args),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      git("worktree", "prune");
    },
  };
}

/** What a command of the project in a folder prints; undefined where it doesn't have it, or it prints nothing. */
export function runCommand(folder: string, script: string, args: readonly string[]): string | undefined {
  const { stdout, error } = spawnSync(
    process.execPath,
    ["--import", "tsx", join("src/cli", `${script}.ts`), ...args],
    { cwd: folder, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
  );
  // A checklist that fails prints its report all the same.
  return error === undefined && stdout !== "" ? stdout : undefined;
}
