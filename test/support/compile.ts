import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/**
 * Compiles files as if they stood in a folder of `test/`, by the project's own settings.
 *
 * @returns the compiler's complaints by file name; none of a file that compiles
 */
export function compile(files: Readonly<Record<string, string>>): Map<string, string[]> {
  const project = mkdtempSync(join(tmpdir(), "compile-"));
  try {
    // Beside the project's own sources, which others read meanwhile, and not among them.
    for (const name of ["src", "node_modules"]) symlinkSync(join(ROOT, name), join(project, name));
    const folder = join(project, "test/compiled");
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const settings = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
    const { compilerOptions } = settings as {
      compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
    };
    // Paths are those of the folder that the settings stand in.
    const paths = Object.entries(compilerOptions.paths).map(([name, files]) => [
      name,
      files.map((file) => join(project, file)),
    ]);
    // What an example leaves unused is the reader's.
    const options = {
      ...compilerOptions,
      paths: Object.fromEntries(paths),
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
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
    rmSync(project, { recursive: true, force: true });
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
