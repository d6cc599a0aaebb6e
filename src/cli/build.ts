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
  const files = new Map<string, string>();
  return text
    .replaceAll(/^(?:var|const) (\w+) = (require\("\.[^"]+"\));\n/gm, (_line, variable, file) => {
      files.set(variable, file);
      return "";
    })
    .replaceAll(/return (\w+)\.(\w+); \}/g, (_getter, variable, name) => {
      const file = files.get(variable);
      if (file === undefined) throw new Error(`the compiler writes exports in another way now: ${variable}`);
      return `return ${file}.${name}; }`;
    });
}
