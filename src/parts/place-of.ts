import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

/** `stacks/environments/staging.ts:12`, or the folder where the value stands in no file of its own. */
export function placeOf(name: string, value: string): string {
  const folder = join(process.cwd(), "stacks/environments");
  if (!existsSync(folder)) return "your environment";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(?:ts|json)$/.test(file),
  );
  const isOwn = (file: string) => {
    const text = readFileSync(join(folder, file), "utf8");
    return basename(file) === `${name}.ts` || new RegExp(`\\bname: "${name}"`).test(text);
  };
  for (const file of files.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)))) {
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes(`"${value}"`));
    if (line >= 0) return `${relative(process.cwd(), join(folder, file))}:${line + 1}`;
  }
  return "stacks/environments";
}
