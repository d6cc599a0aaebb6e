import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What it hears of: process groups by number, folders by path. */
type News = readonly ["started" | "ended", number] | readonly ["made" | "removed", string];

let guard: ChildProcess | undefined;

/** Tells the process that outlives this one what has to be ended and removed if this one cannot. */
export function tellGuard(news: News): void {
  guard ??= startGuard();
  guard.stdin?.write(`${JSON.stringify(news)}\n`);
}

/** A folder with secrets of its own, closed to others. @returns its path, and what removes it */
export function temporaryFolder(purpose: string): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `a2a-local-${purpose}-`));
  tellGuard(["made", folder]);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      tellGuard(["removed", folder]);
    },
  };
}

/** In a session of its own: what ends this process's group leaves it alone. */
function startGuard(): ChildProcess {
  const child = spawn(process.execPath, [join(__dirname, "end-orphans.mjs")], {
    detached: true,
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Neither keeps this process alive, nor stops it when somebody has ended the guard.
  child.unref();
  child.once("error", () => {});
  child.stdin?.once("error", () => {});
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  return child;
}
