import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Compiled, as a package ships it, or TypeScript, as the repository has it. */
const COMPILED = __filename.endsWith(".js");

/**
 * Arguments that make Node run a program of ours.
 *
 * @param path without its ending
 */
export function ownProgram(path: string): string[] {
  if (COMPILED) return [`${path}.js`];
  // Found from here, wherever the rehearsal was started.
  const tsx = pathToFileURL(createRequire(__filename).resolve("tsx")).href;
  return ["--import", tsx, `${path}.ts`];
}
