import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

/** What workflows run, run as it stands: by GitHub's own command line for scripts, with stand-ins for what is elsewhere. */
const FOLDER = join(__dirname, "../../.github/workflows");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steps-"));
  mkdirSync(join(root, "bin"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Has a program of the path do something else. */
function standIn(name: string, script: string): void {
  const file = join(root, "bin", name);
  writeFileSync(file, `#!/usr/bin/env bash\n${script}`);
  chmodSync(file, 0o755);
}

/** Runs the script of one step. */
function run(
  [workflow, job, step]: readonly [workflow: string, job: string, step: string | RegExp],
  folder: string,
  variables: Readonly<Record<string, string>> = {},
) {
  const { jobs } = parse(readFileSync(join(FOLDER, workflow), "utf8"));
  const found = jobs[job].steps.filter(({ name, run: script }: { name?: string; run?: string }) =>
    typeof step === "string" ? name === step : step.test(script ?? ""),
  );
  expect(found).toHaveLength(1);
  const file = (of: string) => join(folder, `.github-${of}`);
  const script = file("script.sh");
  writeFileSync(script, found[0].run);
  const { status, stdout, stderr } = spawnSync("bash", ["-e", script], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
      HOME: root,
      CHECKPOINT_DISABLE: "1",
      GITHUB_OUTPUT: file("output"),
      GITHUB_STEP_SUMMARY: file("summary"),
      GITHUB_ENV: file("env"),
      GITHUB_REPOSITORY: "acme/fleet",
      ...variables,
    },
  });
  const read = (of: string) => (existsSync(file(of)) ? readFileSync(file(of), "utf8") : "");
  return {
    status,
    said: `${stdout}${stderr}`,
    summary: read("summary"),
    env: read("env"),
    output: Object.fromEntries(
      read("output")
        .split("\n")
        .flatMap((line) => [line.split("=", 2)].filter(([name]) => name)),
    ),
  };
}

describe("a plan that somebody approves", () => {
  const STACK = "production";
  const key = { PLAN_KEY: "made up" };
  let work: string;

  /** A stack without providers, whose state is elsewhere, as real ones are. */
  function writeStack(value: string): void {
    const folder = join(work, "cdktf.out/stacks", STACK);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "cdk.tf.json"),
      JSON.stringify({
        terraform: { backend: { local: { path: join(root, "state") } } },
        resource: { terraform_data: { what: { input: value } } },
      }),
    );
  }

  /** The job `plan`, step after step. */
  function plan() {
    const steps = [/^npx cdktf diff/, "Show what is to be approved", "Seal the plan"];
    const results = steps.map((step) => run(["approved.yml", "plan", step], work, { STACK, ...key }));
    return results.at(-1) as (typeof results)[number];
  }

  /** The job `apply`, on another machine. */
  function apply(digest: string | undefined, variables: Readonly<Record<string, string>> = key) {
    const folder = mkdtempSync(join(root, "apply-"));
    cpSync(join(work, "approved.sealed"), join(folder, "approved.sealed"));
    return run(["approved.yml", "apply", "Carry out exactly what was approved"], folder, {
      ...variables,
      DIGEST: digest ?? "",
    });
  }

  const applied = () => {
    if (!existsSync(join(root, "state"))) return undefined;
    const { resources } = JSON.parse(readFileSync(join(root, "state"), "utf8"));
    return resources[0]?.instances[0].attributes.input.value ?? resources[0]?.instances[0].attributes.input;
  };

  beforeEach(() => {
    work = join(root, "work");
    mkdirSync(work);
    // As cdktf does it.
    standIn(
      "npx",
      '[ "$*" = "cdktf diff $STACK" ] || exit 9\ncd "cdktf.out/stacks/$STACK"\nterraform init -input=false > init.log && terraform plan -input=false -out=plan',
    );
    standIn("npm", `exec ${process.execPath} ${join(root, "review.js")} "$@"`);
    writeFileSync(
      join(root, "review.js"),
      `const plan = process.argv.at(-1);
       const { resource_changes } = JSON.parse(require("fs").readFileSync(plan.split("=")[1], "utf8"));
       const changes = resource_changes.filter(({ change }) => change.actions[0] !== "no-op");
       console.log(changes.length === 0 ? "Nothing changes." : changes.map(({ address }) => address).join("\\n"));`,
    );
    writeStack("first");
  });

  test("is carried out as it was reviewed, whatever the code says by then", () => {
    const { output, summary } = plan();
    expect(summary).toContain("terraform_data.what");
    expect(output.changes).toBe("true");
    // It is nothing to read on the way, and nothing of it is left beside it.
    expect(readFileSync(join(work, "approved.sealed")).includes("terraform_data")).toBe(false);
    expect([join(work, "plan.json"), join(work, "approved.tar")].filter(existsSync)).toEqual([]);
    writeStack("second");
    expect(apply(output.digest).status).toBe(0);
    expect(applied()).toBe("first");
  });

  test("is refused once somebody else has deployed", () => {
    const { output } = plan();
    expect(apply(output.digest).status).toBe(0);
    const again = apply(output.digest);
    expect(again.said).toContain("Saved plan is stale");
    expect(again.status).not.toBe(0);
  });

  test("is refused where it is another than the one reviewed, or another key sealed it", () => {
    const { output } = plan();
    writeStack("planted");
    const { digest } = plan().output;
    expect(digest).not.toBe(output.digest);
    expect(apply(output.digest).status).not.toBe(0);
    expect(apply(digest, { PLAN_KEY: "another" }).status).not.toBe(0);
    expect(applied()).toBeUndefined();
    expect(apply(digest).status).toBe(0);
  });

  test("asks nobody where nothing changes", () => {
    expect(apply(plan().output.digest).status).toBe(0);
    rmSync(join(work, ".github-output"));
    expect(plan().output).toEqual({ changes: "false" });
  });

  test("asks for the key that seals it", () => {
    run(["approved.yml", "plan", /^npx cdktf diff/], work, { STACK });
    run(["approved.yml", "plan", "Show what is to be approved"], work, { STACK });
    const { status, said } = run(["approved.yml", "plan", "Seal the plan"], work, { STACK });
    expect(said).toContain("make one up and set it as a secret");
    expect(status).not.toBe(0);
  });
});

describe("the nightly issue", () => {
  const TITLE = "staging isn't what the code says";
  const report = (job: string, text: string, number: string) => {
    const folder = mkdtempSync(join(root, "nightly-"));
    standIn("gh", `echo "$*" >> ${join(folder, "asked")}\n[ "$2" = list ] && echo "${number}"\nexit 0`);
    writeFileSync(join(folder, "report.md"), text);
    const { status } = run(["nightly.yml", job, "Say so in one issue"], folder, { TITLE, GH_TOKEN: "none" });
    expect(status).toBe(0);
    const asked = join(folder, "asked");
    return existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").slice(1) : [];
  };

  test.each(["expiry", "drift"])("of %s is opened once, and written into until it is closed", (job) => {
    expect(report(job, "something ends", "")).toEqual([
      expect.stringMatching(
        /^issue create --repo acme\/fleet --title staging isn't what the code says --body-file/,
      ),
    ]);
    expect(report(job, "something ends", "17")).toEqual([
      expect.stringMatching(/^issue edit 17 --repo acme\/fleet --body-file/),
    ]);
  });

  test("is not there where nothing drifted", () => {
    expect(report("drift", "# What would change\n\nNothing changes.\n", "")).toEqual([]);
  });
});

test("verify gets a token that no line of the log shows", () => {
  standIn("curl", 'cat > /dev/null\necho \'{"access_token": "abc.def"}\'');
  const { status, said, env } = run(["fleet.yml", "deploy", "A token of the caller that verify is"], root, {
    TOKEN_URL: "https://login.acme.example/token",
    CLIENT: "verify",
    CLIENT_SECRET: "very secret",
  });
  expect(status).toBe(0);
  expect(env).toBe("A2A_TOKEN=abc.def\n");
  expect(said.replace("::add-mask::abc.def", "")).not.toContain("abc.def");
});
