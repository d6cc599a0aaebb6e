import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

/**
 * `stacks/company.json:2`, or the folder where the value stands in no file. A domain that an environment has below the
 * company's (`dev.example.com`) is found where the company's stands.
 */
export function placeOf(name: string, value: string): string {
  const folder = join(process.cwd(), "stacks");
  if (!existsSync(folder)) return "your environment";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:ts|json)$/.test(file))
    .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
  const isOwn = ({ file, text }: (typeof files)[number]) =>
    basename(file) === `${name}.ts` || new RegExp(`\\bname: "${name}"`).test(text);
  // The environment's own file is the likeliest, an example the least.
  const rank = (each: (typeof files)[number]) => (isOwn(each) ? 0 : each.file.includes("examples") ? 2 : 1);
  const sorted = files.toSorted((a, b) => rank(a) - rank(b));
  for (const isThere of [
    (line: string) => line.includes(`"${value}"`),
    (line: string) => [...line.matchAll(/"([^"]+\.[^"]+)"/g)].some(([, word]) => value.endsWith(`.${word}`)),
  ]) {
    for (const { file, text } of sorted) {
      const line = text.split("\n").findIndex(isThere);
      if (line >= 0) return `${relative(process.cwd(), join(folder, file))}:${line + 1}`;
    }
  }
  return "stacks";
}
