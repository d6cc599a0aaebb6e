// `npm run build`: the package, compiled into dist/.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const ROOT = join(__dirname, "../..");
const SOURCES = join(ROOT, "src");
const DIST = join(ROOT, "dist");

/** What others import by name. Each offers more than most stacks use, so a part is loaded when it is asked for. */
const ENTRIES = ["index", "azure", "cluster", "google", "stacks"];

rmSync(DIST, { recursive: true, force: true });
const tsc = join(ROOT, "node_modules/.bin/tsc");
execFileSync(tsc, ["-p", join(ROOT, "tsconfig.build.json")], { stdio: "inherit" });
// Charts, scripts, schemas: what the code reads while it runs.
cpSync(SOURCES, DIST, { recursive: true, filter: isAsset });
for (const entry of ENTRIES) {
  const file = join(DIST, `${entry}.js`);
  writeFileSync(file, loadWhenUsed(readFileSync(file, "utf8")));
}

function isAsset(path: string): boolean {
  return statSync(path).isDirectory() || !(path.endsWith(".ts") || basename(path) === "README.md");
}

/** Has a compiled list of exports load the file of each when it is read, rather than all of them at once. */
function loadWhenUsed(text: string): string {
  const files = new Map(
    [...text.matchAll(/^var (\w+) = (require\("\.[^"]+"\));$/gm)].map(([, variable, file]) => [
      variable,
      file,
    ]),
  );
  const parts = [
    ...text.matchAll(/^Object\.defineProperty\(exports, "(\w+)", .* return (\w+)\.(\w+); \} \}\);$/gm),
  ];
  const [, declared = ""] = /^((?:exports\.\w+ = )+)void 0;$/m.exec(text) ?? [];
  if (parts.length === 0 || declared.split(" = ").length - 1 !== parts.length) {
    throw new Error("the compiler writes exports in another way now");
  }
  return [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    "const parts = {",
    ...parts.map(([, name, variable, own]) => `  ${name}: () => ${files.get(variable)}.${own},`),
    "};",
    "for (const name in parts) Object.defineProperty(exports, name, { enumerable: true, get: parts[name] });",
    "// Never run: where Node reads the names from that an ES module may import.",
    `0 && (module.exports = { ${parts.map(([, name]) => name).join(", ")} });`,
    "",
  ].join("\n");
}
