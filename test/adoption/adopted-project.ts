import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFleetProject } from "../support/fleet-project";

/** A copy of the repository with the tests' own fleet, for a company to make its own. */
export interface AdoptedProject {
  readonly folder: string;
  /** `npm run <script> -- …`, as a machine without a terminal runs it. */
  run(script: string, ...args: readonly string[]): Promise<Ran>;
  /** What the linter has to say of files of the company. */
  lint(...files: readonly string[]): Promise<Ran>;
  remove(): void;
}

export interface Ran {
  readonly code: number;
  /** What it printed, to both of its outputs. */
  readonly text: string;
}

/** What the checks of an adopted fleet need of the repository, beside the fleet and its program. */
const CHECKED = ["test", "biome.json", "vitest.config.mts", ".gitignore"];

export function newProject(): AdoptedProject {
  const folder = mkdtempSync(join(tmpdir(), "adopted-"));
  writeFleetProject(folder, CHECKED);
  const start = (command: string, args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, NO_COLOR: "1", CI: "true", VITEST: undefined };
      execFile(command, args, { cwd: folder, env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` }),
      );
    });
  return {
    folder,
    run: (script, ...args) => start("npm", ["run", "--silent", script, "--", ...args]),
    lint: (...files) => start(join(folder, "node_modules/.bin/biome"), ["check", ...files]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
