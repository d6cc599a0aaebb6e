import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where an environment keeps its agents' digests, if it pins them: agent to `sha256:…`, read by the environment's file. */
export function pinnedImagesFile(environment: string): string {
  return `stacks/environments/${environment}.images.json`;
}

/**
 * Writes digests of an environment's agents; what it says of other agents stays.
 *
 * @returns whether there is such a file: an environment that takes tags has none
 */
export function writePinnedImages(
  project: string,
  environment: string,
  digests: ReadonlyMap<string, string>,
): boolean {
  const file = join(project, pinnedImagesFile(environment));
  if (!existsSync(file)) return false;
  const before = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  writeFileSync(file, `${JSON.stringify({ ...before, ...Object.fromEntries(digests) }, undefined, 2)}\n`);
  return true;
}

/** What an environment's file says to start agents from these digests. */
export function pinnedImagesText(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].map(([agent, digest]) => `  ${key(agent)}: { image: "${digest}" },`);
  return ["agents: {", ...lines, "},"].join("\n");
}

function key(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name);
}
