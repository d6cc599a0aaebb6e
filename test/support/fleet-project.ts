import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { REPOSITORY } from "./rehearsal-project";

/** The fleet that tests stand on. It is nobody's: what a company does with its own leaves it as it is. */
export const FLEET = join(__dirname, "fleet");

/** A project like this one with that fleet, for commands that read the project they are in. */
export function useFleetProject(): { readonly folder: string } {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fleet-"));
    for (const name of ["src", "package.json", "cdktf.json", "tsconfig.json", "stacks/main.ts"]) {
      cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
    }
    cpSync(join(FLEET, "agents"), join(folder, "agents"), { recursive: true });
    cpSync(join(FLEET, "environments"), join(folder, "stacks/environments"), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    get folder() {
      return folder;
    },
  };
}
