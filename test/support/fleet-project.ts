import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { REPOSITORY } from "./rehearsal-project";

/** The fleet that tests stand on. It is nobody's: what a company does with its own leaves it as it is. */
export const FLEET = join(__dirname, "fleet");

/** Writes a project like this one with that fleet into an empty folder, and what else of the repository is asked for. */
export function writeFleetProject(folder: string, more: readonly string[] = []): void {
  for (const name of ["src", "package.json", "cdktf.json", "tsconfig.json", "stacks/main.ts", ...more]) {
    cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
  }
  for (const name of ["agents", "stacks"]) {
    cpSync(join(FLEET, name), join(folder, name), { recursive: true });
    for (const file of readdirSync(join(folder, name), { recursive: true, encoding: "utf8" })) {
      if (file.endsWith(".ts")) fromTheTop(join(folder, name, file));
    }
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
}

/** The fleet stands three folders deeper in `test/` than in a project. */
function fromTheTop(file: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/"(?:\.\.\/){3}((?:\.\.\/)+src\/)/g, '"$1'));
}

/** A project like this one with that fleet, for commands that read the project they are in. */
export function useFleetProject(): { readonly folder: string } {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fleet-"));
    writeFleetProject(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    get folder() {
      return folder;
    },
  };
}
