import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentDefinition } from "../agent/agent-definition";

/** A folder with a Dockerfile whose image has code for some skills. */
export interface ImageSource {
  /** Name of the folder. */
  readonly name: string;
  /** Where it is, relative to the project. */
  readonly folder: string;
  /** Ids of the skills that it has code for: the Dockerfile's label `a2a-fleet.skills`. */
  readonly skills: readonly string[];
}

/** The images that a project builds itself: every folder below this one with a Dockerfile, by name. */
export function readImageSources(project: string, below: string): ImageSource[] {
  const root = join(project, below);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .toSorted()
    .map((name) => ({ name, file: join(root, name, "Dockerfile") }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({
      name,
      folder: `${below.replaceAll("\\", "/")}/${name}`,
      skills: skillsOf(readFileSync(file, "utf8")),
    }));
}

/** The first image that has code for all of an agent's skills, or the one that somebody chose. */
export function sourceOf(
  { name, skills }: AgentDefinition,
  sources: readonly ImageSource[],
  chosen: ReadonlyMap<string, string>,
): ImageSource | undefined {
  const able = sources.filter((source) => skills.every(({ id }) => source.skills.includes(id)));
  const choice = chosen.get(name);
  return choice === undefined ? able[0] : able.find((source) => source.name === choice);
}

function skillsOf(dockerfile: string): string[] {
  const [, list = ""] = /^\s*(?:LABEL\s+)?a2a-fleet\.skills="([^"]*)"/m.exec(dockerfile) ?? [];
  return list.split(/\s+/).filter(Boolean);
}
