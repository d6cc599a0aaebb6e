import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { FleetError } from "../../src/problem";
import { compile } from "../support/compile";
import { staging } from "../support/fleet/stacks/environments/staging";
import { type CodeBlock, findCodeBlocks, patternOf, readPages } from "../support/pages";
import { billing, desk } from "../support/sample-fleet";

const ROOT = join(__dirname, "../..");

interface Shown extends CodeBlock {
  /** Where it stands: `docs/operate.md`. */
  readonly page: string;
  /** Its place among the page's blocks, from 1. */
  readonly at: number;
}

/** Every block of code that the repository shows a reader. */
const BLOCKS: readonly Shown[] = readPages().flatMap(({ file, text }) =>
  findCodeBlocks(text).map((block, index) => ({ ...block, page: file, at: index + 1 })),
);

const named = ({ page, at }: Shown) => `${page}, block ${at}`;

/** Pages whose every block is run, letter by letter, by a test of its own. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  "docs/rehearsal-alone.md": "test/package/package.real.ts",
};

/** What holds the blocks of a language to what they say, where it isn't a test of this file. */
const HELD_ELSEWHERE: Readonly<Record<string, string>> = {
  kusto: "test/signals/kql.test.ts",
  mermaid: "test/project/rooms.test.ts",
};

const HELD_HERE = ["ts", "sh", "json", "yaml", ""];

const blocksOf = (language: string) =>
  BLOCKS.filter((block) => block.language === language && !(block.page in RUN_ELSEWHERE));

test("every block of code is of a kind that a test holds", () => {
  const held = [...HELD_HERE, ...Object.keys(HELD_ELSEWHERE)];
  const unheld = BLOCKS.filter(({ language, page }) => !held.includes(language) && !(page in RUN_ELSEWHERE));
  expect(unheld.map((block) => `${named(block)}: ${block.language}`)).toEqual([]);
  expect(BLOCKS.length).toBeGreaterThan(40);
});

test("every file that holds blocks elsewhere reads them", () => {
  for (const [page, file] of Object.entries(RUN_ELSEWHERE)) {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(page.replace(/^docs\//, ""));
  }
});

test("every TypeScript of a page compiles: a file as it stands, settings as those of an environment", () => {
  const blocks = blocksOf("ts");
  const files = blocks.map((block, index) => [`block-${index}.ts`, asFile(block.text)] as const);
  expect(files.length).toBeGreaterThan(5);
  const complaints = compile(Object.fromEntries(files));
  const said = blocks.flatMap((block, index) => {
    const lines = complaints.get(`block-${index}.ts`) ?? [];
    return lines.map((line) => `${named(block)}: ${line}`);
  });
  expect(said).toEqual([]);
});

/** Some properties of an environment, each at the start of a line, become a file of as many environments. */
function asFile(text: string): string {
  if (/^(?:import|export) /m.test(text)) return text;
  const settings = text.split(/^(?=\w+: )/m).filter((setting) => /^\w+: /.test(setting));
  return [
    'import type { Environment } from "a2a-fleet";',
    ...settings.map((setting, index) => `export const of${index}: Partial<Environment> = { ${setting} };`),
  ].join("\n");
}

test("every JSON and YAML of a page can be read", () => {
  for (const { text } of blocksOf("json")) expect(JSON.parse(text)).toBeTypeOf("object");
  for (const { text } of blocksOf("yaml")) expect(parseYaml(text)).toBeTypeOf("object");
  expect(blocksOf("json").length).toBeGreaterThan(0);
});

/** Programs that a page starts, and the first words that each knows. Where there are none, it is a cloud's own. */
const PROGRAMS: Readonly<Record<string, readonly string[] | undefined>> = {
  npm: ["ci", "test", "run", "install", "rebuild", "pack", "version"],
  npx: ["cdktf", "a2a-fleet"],
  git: ["fetch", "merge", "clone", "add", "commit"],
  terraform: ["init", "import", "output", "untaint", "state", "providers"],
  az: undefined,
  gcloud: undefined,
  kubectl: undefined,
};
const CDKTF = ["deploy", "destroy", "diff", "output", "synth"];

test("every command of a page is one that its program knows", () => {
  const commands = blocksOf("sh")
    .filter(({ text }) => !/^\w+='/m.test(text))
    .flatMap((block) => commandsOf(block.text).map((command) => ({ command, where: named(block) })));
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const wrong = commands.filter(({ command }) => {
    const [program = "", first = "", second = ""] = command
      .split(/\s+/)
      .filter((word) => !/^(?:\w+=.*|-.*)$/.test(word));
    if (!(program in PROGRAMS)) return true;
    if (PROGRAMS[program]?.includes(first) === false) return true;
    if (program === "npm" && first === "run") return !(second in scripts);
    return first === "cdktf" && !CDKTF.includes(second);
  });
  expect(wrong.map(({ command, where }) => `${where}: ${command}`)).toEqual([]);
  expect(commands.length).toBeGreaterThan(30);
});

/** The commands of a block: one a line, or joined; without what explains them. */
function commandsOf(text: string): string[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => line.replace(/\s+#.*$/, "").split(" && "))
    .map((command) => command.trim())
    .filter((command) => command !== "" && !command.startsWith("#"));
}

test("the README's three refusals are what such a fleet is told", () => {
  const [shown] = blocksOf("").filter(({ text }) => text.startsWith("environment '"));
  const fleet = [
    { ...desk, name: "orchestrator", calls: ["ordres"], perCustomer: false },
    { ...billing, name: "inventory", taskStore: "memory", maxReplicas: 10 },
    { ...billing, name: "procurement", taskDeadlineSeconds: 300 },
  ] as const;
  const { problems } = resolveFleet(fleet, staging);
  const said = new FleetError("environment 'staging'", problems).message;
  expect(said).toMatch(patternOf(shown?.text ?? ""));
});

test("every output that a page shows is compared with what is said", () => {
  const compared = [
    // Above.
    /^environment 'staging': 3 problems/,
    // `test/adoption/billing.real.ts` rehearses it.
    /^✔ synth …/,
    // What the tests themselves end with.
    /^ Test Files {2}… passed/,
    // A drawing in words, not an output.
    /^agents\/\*\.ts +what runs/,
  ];
  const others = blocksOf("").filter(({ text }) => !compared.some((start) => start.test(text)));
  expect(others.map(named)).toEqual([]);
});
