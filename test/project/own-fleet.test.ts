import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(__dirname, "../..");

/** The one test of the fleet that a company makes its own. */
const YOURS = "test/your-fleet.test.ts";

/** What is the company's: its agents, and its environments. The program that builds them is anybody's. */
const isCompanys = (path: string) =>
  /^(?:agents|stacks)(?:\/|$)/.test(path) &&
  !/^stacks\/main(?:\.ts)?$/.test(path) &&
  !path.startsWith("agents/images");

/** Commands that load the company's fleet when they start. */
const readers = readdirSync(join(ROOT, "src/cli"))
  .map((name) => `src/cli/${name}`)
  .filter((file) => /from "\.\.\/\.\.\/(?:agents|stacks)/.test(readFileSync(join(ROOT, file), "utf8")));

/** Files of a company that a text of a file in `test/` names: by import, or by a path that is put together. */
function namedIn(file: string, text: string): string[] {
  const imported = [...text.matchAll(/(?:from|import\(|import|require\()\s*"(\.[^"]+)"/g)].map(
    ([, path = ""]) => relative(ROOT, join(ROOT, dirname(file), path)),
  );
  const joined = [...text.matchAll(/join\((?:__dirname|REPOSITORY|ROOT),\s*"(?:\.\.\/)*([^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  // A command reads the fleet of the project that it is run in.
  const commands = text.includes("useFleetProject")
    ? []
    : readers.filter((command) => text.includes(command));
  return [...[...imported, ...joined].filter(isCompanys), ...commands];
}

test("tests stand on a fleet of their own: one file alone knows the company's agents and environments", () => {
  const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .map((name) => `test/${name}`)
    // What this one names are texts to try itself on.
    .filter((name) => /\.m?ts$/.test(name) && name !== relative(ROOT, __filename));
  const knowing = files.filter((file) => namedIn(file, readFileSync(join(ROOT, file), "utf8")).length > 0);
  expect(knowing).toEqual([YOURS]);
});

test.each([
  ["test/fleet/some.test.ts", 'import { agents } from "../../agents";', ["agents"]],
  ["test/fleet/some.test.ts", 'await import("../../stacks/environments/dev")', ["stacks/environments/dev"]],
  [
    "test/fleet/some.test.ts",
    'readFileSync(join(REPOSITORY, "stacks/company.json"))',
    ["stacks/company.json"],
  ],
  ["test/fleet/some.test.ts", 'import { agents } from "../support/fleet/agents";', []],
  ["test/fleet/some.test.ts", 'spawn("src/cli/preflight.ts")', ["src/cli/preflight.ts"]],
  ["test/fleet/some.test.ts", 'useFleetProject(); spawn("src/cli/preflight.ts")', []],
  ["test/images/some.test.ts", 'join(__dirname, "../../agents/images", path)', []],
  ["test/stacks/some.test.ts", 'import { EnvironmentStack } from "../../src/stacks/environment-stack";', []],
])("%s with %s names %j", (file, text, named) => {
  expect(namedIn(file, text)).toEqual(named);
});

test("the tests' own fleet is there", () => {
  expect(existsSync(join(ROOT, "test/support/fleet/agents/index.ts"))).toBe(true);
});
