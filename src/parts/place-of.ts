import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** `stacks/environments/staging.ts:12`, or the folder where the value stands in no file of its own. */
export function placeOf(name: string, value: string): string {
  const folder = join(process.cwd(), "stacks/environments");
  if (!existsSync(folder)) return "your environment";
  const files = readdirSync(folder).filter((file) => /\.(?:ts|json)$/.test(file));
  for (const file of files.toSorted((a, b) => Number(b === `${name}.ts`) - Number(a === `${name}.ts`))) {
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes(`"${value}"`));
    if (line >= 0) return `${relative(process.cwd(), join(folder, file))}:${line + 1}`;
  }
  return "stacks/environments";
}
