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
  const needles = secrets.flatMap((secret) => {
    const line = tellingLine(secret);
    // As it stands, in JSON, and in JSON that is a string within JSON.
    return [line, escaped(line), escaped(escaped(line))];
  });
  const holds = (value: string) => needles.some((needle) => needle !== "" && value.includes(needle));
  // cdktf breaks a line that is too long for it, and indents its rest.
  if (!holds(text)) return holds(text.replaceAll(/\n\s*/g, "")) ? ["a line that was broken in two"] : [];
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

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** A text of several lines may be indented where it leaks: its longest line tells, a PEM's header doesn't. */
function tellingLine(secret: string): string {
  const lines = secret.split("\n").filter((line) => !line.startsWith("-----"));
  return lines.reduce((longest, line) => (line.length > longest.length ? line : longest), "");
}

function* leakingKeys(value: unknown, path: string, holds: (text: string) => boolean): Generator<string> {
  if (typeof value === "string") {
    if (holds(value)) yield path === "" ? "." : path;
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
