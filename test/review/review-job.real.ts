import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { writeFleetProject } from "../support/fleet-project";

// The job `review` of the workflow, each step as it stands, in a clone of a project whose pull request changes an image.
// Of the forge it gets the variables that it sets, and a `gh` that only writes down what it is asked.
const WORKFLOW = join(__dirname, "../../.github/workflows/fleet.yml");

let root: string;
let folder: string;
let base: string;
let change: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "review-job-"));
  folder = join(root, "project");
  mkdirSync(folder);
  writeFleetProject(folder);
  writeFileSync(join(folder, ".gitignore"), "node_modules\ncdktf.out/\n.rehearsal/\nhome/\n");
  git("init", "--quiet", "--initial-branch=main");
  base = commit("Before");
  const inventory = join(folder, "agents/inventory.ts");
  const text = readFileSync(inventory, "utf8");
  writeFileSync(inventory, text.replace(/version: "[\d.]+"/, 'version: "9.9.9"'));
  expect(readFileSync(inventory, "utf8")).not.toBe(text);
  change = commit("Another image");
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/gh"), `#!/usr/bin/env bash\necho "$*" >> ${join(root, "asked")}\n`);
  chmodSync(join(root, "bin/gh"), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["-c", "user.name=somebody", "-c", "user.email=somebody@acme.example", ...args],
    { cwd: folder, encoding: "utf8" },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout.trim();
}

function commit(message: string): string {
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
  return git("rev-parse", "HEAD");
}

test("the review of a pull request says what it changes, planned on its rehearsed base", {
  timeout: 300_000,
}, () => {
  const { steps } = parse(readFileSync(WORKFLOW, "utf8")).jobs.review;
  const named: { name: string; run: string }[] = steps.filter(
    ({ name, run }: { name?: string; run?: string }) => name && run,
  );
  const ran = named.map(({ name, run }) => {
    const script = join(root, "step.sh");
    writeFileSync(script, run);
    const { status, stdout, stderr } = spawnSync("bash", ["-e", script], {
      cwd: folder,
      encoding: "utf8",
      env: {
        PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
        HOME: root,
        CI: "true",
        CHECKPOINT_DISABLE: "1",
        BASE: base,
        ENVIRONMENT: "dev",
        GITHUB_SHA: change,
        GITHUB_STEP_SUMMARY: join(root, "summary.md"),
        GITHUB_REPOSITORY: "acme/fleet",
        NUMBER: "12",
        GH_TOKEN: "none",
      },
    });
    return { name, status, said: status === 0 ? "" : `${stdout}${stderr}` };
  });
  expect(ran).toEqual(
    [
      "Checklist of every environment",
      "Deploy the base to a simulated cloud",
      "Plan the change on it",
      "Show the review",
      "Comment",
    ].map((name) => ({ name, status: 0, said: "" })),
  );
  const summary = readFileSync(join(root, "summary.md"), "utf8");
  expect(summary).toMatch(/^# What would change: dev$/m);
  expect(summary).toMatch(/agent inventory: `[^`]*inventory:\d+\.\d+\.\d+` → `[^`]*inventory:9\.9\.9`/);
  // The base is what is deployed: nothing else of the fleet is said to be new.
  expect(summary).not.toMatch(/\d+ (?:resources? )?created/);
  expect(JSON.parse(readFileSync(join(folder, "checklist.sarif"), "utf8")).version).toBe("2.1.0");
  expect(readFileSync(join(root, "asked"), "utf8")).toBe(
    "pr comment 12 --repo acme/fleet --edit-last --create-if-none --body-file review.md\n",
  );
  expect(git("rev-parse", "HEAD")).toBe(change);
});
