import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/**
 * Compiles files as if they stood in `test/`, by the project's own settings.
 *
 * @returns the compiler's complaints by file name; none of a file that compiles
 */
export function compile(files: Readonly<Record<string, string>>): Map<string, string[]> {
  // Inside the project, so that packages and relative imports resolve as everywhere else.
  const folder = mkdtempSync(join(ROOT, "test/.compile-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const settings = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
    const { compilerOptions } = settings as { compilerOptions: Record<string, unknown> };
    // What an example leaves unused is the reader's.
    const options = { ...compilerOptions, noUnusedLocals: false, noUnusedParameters: false };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: Object.keys(files) }),
    );
    const lines = output(join(folder, "tsconfig.json")).split("\n");
    return new Map(
      Object.keys(files).map((name) => [
        name,
        lines.filter((line) => line.includes(`/${name}(`) || line.startsWith(`${name}(`)),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function output(project: string): string {
  try {
    return execFileSync(
      join(ROOT, "node_modules/.bin/tsc"),
      ["--noEmit", "-p", project, "--pretty", "false"],
      {
        cwd: ROOT,
        encoding: "utf8",
      },
    );
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (stdout === undefined || stdout === "") throw error;
    return stdout;
  }
}
