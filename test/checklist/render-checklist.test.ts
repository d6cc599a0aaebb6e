import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import { CHECKLIST_PAGE, renderChecklistPage } from "../../src/checklist/checklist-page";
import { items } from "../../src/checklist/items";
import { renderMarkdown, renderSarif } from "../../src/checklist/render-checklist";
import { type ChecklistReport, heaviest, runChecklist } from "../../src/checklist/run-checklist";
import { subjectOf } from "../support/checked-fleet";
import { environments } from "../support/fleet/stacks/environments";
import { useFleetProject } from "../support/fleet-project";

const ROOT = join(__dirname, "../..");
const {
  $schema: _draft,
  id: _id,
  ...schema
} = JSON.parse(
  readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
);
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

let reports: readonly ChecklistReport[];
beforeAll(async () => {
  const found: ChecklistReport[] = [];
  for (const environment of environments) found.push(runChecklist(items, await subjectOf(environment)));
  reports = found;
}, 120_000);

const fileOf = (environment: string, agent: string | undefined) =>
  agent === undefined ? `stacks/environments/${environment}.ts` : `agents/${agent}.ts`;

test("what ships has no error but about alerts, and a certificate that has to be imported", () => {
  const errors = reports.flatMap(({ environment, results }) =>
    results
      .filter(({ findings }) => heaviest(findings) === "error")
      .map(({ item }) => `${environment}: ${item.id}`),
  );
  expect(errors.filter((id) => !/azure\/(?:alerts|streams-counted)$|agent\/https$/.test(id))).toEqual([]);
});

describe("SARIF", () => {
  test("is valid, with a result for each finding and a suppression for each exception", () => {
    const log = JSON.parse(renderSarif(reports, fileOf));
    expect([validate(log), validate.errors]).toEqual([true, null]);
    const findings = reports.flatMap(({ results }) => results.flatMap((result) => result.findings));
    const [run] = log.runs;
    expect(findings.length).toBeGreaterThan(10);
    expect(run.results).toHaveLength(findings.length);
    const excused = findings.filter((each) => each.excused !== undefined);
    expect(excused.length).toBeGreaterThan(0);
    expect(run.results.filter((each: { suppressions?: unknown }) => each.suppressions)).toHaveLength(
      excused.length,
    );
  });

  test("that isn't any is seen", () => {
    const log = JSON.parse(renderSarif(reports, fileOf));
    log.runs[0].results[0].level = "fatal";
    expect(validate(log)).toBe(false);
  });
});

test("Markdown shows what users wrote as text", () => {
  const [report] = reports as [ChecklistReport];
  const finding = { level: "error" as const, message: "a [link](https://evil.example) for @everybody <img>" };
  const [result] = report.results;
  if (result === undefined) throw new Error("the report is empty");
  const text = renderMarkdown([
    { ...report, results: [{ ...result, outcome: "failed", findings: [finding] }] },
  ]);
  expect(text).toContain("a \\[link\\](https://evil.example) for &#64;everybody \\<img\\>");
});

test("the page says what is asked", () => {
  expect(readFileSync(join(ROOT, CHECKLIST_PAGE), "utf8")).toBe(renderChecklistPage(items));
});

describe("npm run checklist", () => {
  const project = useFleetProject();
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "src/cli/checklist.ts", ...args], {
      cwd: project.folder,
      encoding: "utf8",
    });

  test("fails at the level that it is told, also by a user's own rules", () => {
    const folder = mkdtempSync(join(tmpdir(), "checklist-"));
    const rules = join(folder, "rules.ts");
    const item = `{ id: "acme/owned", title: "t", source: "s", evidence: ["definition"],
      find: ({ definitions }) => [{ level: "error", message: definitions.length + " agents without an owner" }] }`;
    writeFileSync(rules, `export const items = [${item}];\n`);
    try {
      const [name = ""] = /\((\S+?)[,) ]/.exec(run("nowhere").stderr)?.slice(1) ?? [];
      const passed = run(name, "--format", "json");
      expect([passed.status, passed.stderr]).toEqual([0, ""]);
      const warned = run(name, "--format", "markdown", "--fail-on", "note");
      expect(warned.status).toBe(1);
      const failed = run(name, "--format", "markdown", "--rules", rules);
      expect(failed.stdout).toMatch(/\d agents without an owner/);
      expect(failed.status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [["nowhere"], "there is no environment 'nowhere'"],
    [[], "name an environment"],
    [["dev", "--today", "soon"], "--today 'soon' is no day"],
    [["dev", "--rules", "nothing.ts"], "there is no such file"],
    [["dev", "--format", "pdf"], "'pdf' is invalid"],
  ])("says what it was called with: %s", (args, says) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(says);
    expect(status).toBe(2);
  });
});
