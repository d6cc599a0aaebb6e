import { createRequire } from "node:module";

/** Compiled, as a package ships it, or TypeScript, as the repository has it. */
const COMPILED = __filename.endsWith(".js");

/**
 * Arguments that make Node run a program of ours.
 *
 * @param path without its ending
 */
export function ownProgram(path: string): string[] {
  if (COMPILED) return [`${path}.js`];
  // Found from here, wherever the rehearsal was started. `tsx` itself would also start a thread that loads ES modules.
  return ["--require", createRequire(__filename).resolve("tsx/cjs"), `${path}.ts`];
}
