import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AgentDefinition } from "../agent/agent-definition";
import type { Environment } from "../environment/environment";
import { findPlaceholders } from "../environment/find-placeholders";
import { findFleetProblems } from "../fleet/find-fleet-problems";
import { FleetError, type Problem } from "../problem";
import type { Changes } from "./plan-adoption";

/** What an adopted fleet would be. */
export interface Tried {
  readonly environments: readonly string[];
  readonly problems: readonly Problem[];
  /** What is still the repository's, by environment. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
}

/** Resolves the fleet as the changes would leave it, in a copy beside the project: nothing of the project is touched. */
export async function tryChanges(project: string, changes: Changes, today: string): Promise<Tried> {
  const copy = mkdtempSync(join(tmpdir(), "adopt-"));
  try {
    for (const name of ["agents", "stacks", "package.json", "tsconfig.json"]) {
      cpSync(join(project, name), join(copy, name), { recursive: true });
    }
    for (const name of ["src", "node_modules"]) symlinkSync(join(project, name), join(copy, name));
    writeChanges(copy, changes);
    const load = async <T>(path: string) => (await import(pathToFileURL(join(copy, path)).href)) as T;
    const { agents } = await load<{ agents: readonly AgentDefinition[] }>("agents/index.ts");
    const { environments } = await load<{ environments: readonly Environment[] }>(
      "stacks/environments/index.ts",
    );
    return {
      environments: environments.map(({ name }) => name),
      problems: findFleetProblems(agents, environments, today),
      placeholders: Object.fromEntries(environments.map((each) => [each.name, findPlaceholders(each)])),
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Writes all files, or none: what is new stands beside the old until everything is written. */
export function writeChanges(project: string, changes: Changes): void {
  const written = [...changes].flatMap(([path, text]) =>
    text === null ? [] : [[join(project, path), text] as const],
  );
  const beside = (path: string) => `${path}.adopting`;
  try {
    for (const [path, text] of written) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(beside(path), text);
    }
  } catch (error) {
    for (const [path] of written) rmSync(beside(path), { force: true });
    throw error;
  }
  for (const [path] of written) renameSync(beside(path), path);
  for (const [path, text] of changes) if (text === null) rmSync(join(project, path), { force: true });
}

/** The values that a project has now. @throws FleetError where the file is no JSON */
export function readCompany(project: string): unknown {
  const file = "stacks/company.json";
  try {
    return JSON.parse(readFileSync(join(project, file), "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FleetError("nothing is changed", [
      {
        rule: "adoption",
        message: `${file} cannot be read: ${why}; correct it, or get it back: git checkout ${file}`,
      },
    ]);
  }
}
