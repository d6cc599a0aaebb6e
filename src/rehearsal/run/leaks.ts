import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** A place where a sensitive value was found that belongs in a state alone. */
export interface Leak {
  readonly file: string;
  /** The JSON key's path, or the line and the argument on it. */
  readonly where: string;
}

/** Searches files and folders for sensitive values. Never names the value itself. */
export async function findLeaks(paths: readonly string[], secrets: readonly string[]): Promise<Leak[]> {
  if (secrets.length === 0) return [];
  const files = (await Promise.all(paths.map(listFiles))).flat();
  const found = await Promise.all(
    files.map(async (file) =>
      findLeaksInText(await readFile(file, "utf8"), secrets).map((where) => ({ file, where })),
    ),
  );
  return found.flat();
}

/** Where in a text, JSON or not, one of the values stands. */
export function findLeaksInText(text: string, secrets: readonly string[]): string[] {
  // In JSON a value may be escaped; a value that Terraform prints over several lines shows by its first.
  const needles = secrets.flatMap((secret) => [
    secret.split("\n").find((line) => line.trim().length >= 8) ?? secret,
    JSON.stringify(secret).slice(1, -1),
  ]);
  const present = needles.filter((needle) => needle !== "" && text.includes(needle));
  if (present.length === 0) return [];
  const holds = (value: string) => present.some((needle) => value.includes(needle));
  try {
    return [...leakingKeys(JSON.parse(text), "", holds)];
  } catch {
    return text.split("\n").flatMap((line, index) => {
      if (!holds(line)) return [];
      const argument = /^[\s~+-]*"?([\w.-]+)"?\s*[=:]/.exec(line)?.[1];
      return [`line ${index + 1}${argument === undefined ? "" : ` (${argument})`}`];
    });
  }
}

function* leakingKeys(value: unknown, path: string, holds: (text: string) => boolean): Generator<string> {
  if (typeof value === "string") {
    if (holds(value) || holds(JSON.stringify(value))) yield path === "" ? "." : path;
  } else if (value !== null && typeof value === "object") {
    for (const [key, child] of Object.entries(value)) {
      yield* leakingKeys(child, path === "" ? key : `${path}.${key}`, holds);
    }
  }
}

/** Files below a path, without Terraform's own folders. */
async function listFiles(path: string): Promise<string[]> {
  const kind = await stat(path).catch(() => undefined);
  if (kind === undefined) return [];
  if (!kind.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return (
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // The binary plan holds what the state holds.
      .filter(
        (file) => !file.includes("/.terraform/") && !/\/(\.terraform\.lock\.hcl|plan|.*\.tfplan)$/.test(file),
      )
  );
}
