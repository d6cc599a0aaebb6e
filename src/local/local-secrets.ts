import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the project with a file for each secret; git doesn't know it. */
export const SECRETS_FOLDER = join(".local", "secrets");

/** A secret of this machine, as its file has it; made up where there is none yet. */
export function localSecret(project: string, name: string): string {
  const folder = join(project, SECRETS_FOLDER);
  const file = join(folder, name);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The folder is closed to others; a container's user, which gets the file alone, has to read it.
    writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o644 });
  }
  return readFileSync(file, "utf8").trim();
}

/** Whether somebody has put a secret there. */
export function hasLocalSecret(project: string, name: string): boolean {
  return existsSync(join(project, SECRETS_FOLDER, name));
}
