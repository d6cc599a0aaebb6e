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
  const github = {
    GITHUB_OUTPUT: file("output"),
    GITHUB_STEP_SUMMARY: file("summary"),
    GITHUB_ENV: file("env"),
    GITHUB_REPOSITORY: "acme/fleet",
  };
  const ran = runScript(found[0].run, folder, { ...github, ...variables }, ["-e"]);
  const read = (of: string) => (existsSync(file(of)) ? readFileSync(file(of), "utf8") : "");
  return {
    ...ran,
    summary: read("summary"),
    env: read("env"),
    output: Object.fromEntries(
      read("output")
        .split("\n")
        .flatMap((line) => [line.split("=", 2)].filter(([name]) => name)),
    ),
  };
}

/** A program's output of one job that the next one reads, and what people see of it. */
interface Ran {
  readonly status: number | null;
  readonly said: string;
  readonly output: Readonly<Record<string, string | undefined>>;
}

/** The jobs that plan and carry out, as a forge runs them. */
interface Forge {
  readonly plan: (folder: string, variables: Readonly<Record<string, string>>) => Ran;
  readonly apply: (folder: string, variables: Readonly<Record<string, string>>) => Ran;
}

// biome-ignore lint/suspicious/noExplicitAny: a pipeline, read by who knows what to look for
const pipeline = (file: string): any => parse(readFileSync(join(__dirname, "../../docs", file), "utf8"));

/** Runs a script of a pipeline by a shell as its forge starts it. */
function runScript(
  script: string,
  folder: string,
  variables: Readonly<Record<string, string>>,
  options: readonly string[] = [],
) {
  const file = join(folder, ".script.sh");
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync("bash", [...options, file], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
      HOME: root,
      CHECKPOINT_DISABLE: "1",
      ...variables,
    },
  });
  return { status, said: `${stdout}${stderr}` };
}

const gitlab: Forge = {
  plan: (folder, variables) => {
    rmSync(join(folder, "plan.env"), { force: true });
    // All lines of a job are one script.
    const lines: string[] = pipeline("gitlab-ci.yml")[".plan"].script;
    const ran = runScript(lines.join("\n"), folder, variables, ["-eo", "pipefail"]);
    const said = existsSync(join(folder, "plan.env")) ? readFileSync(join(folder, "plan.env"), "utf8") : "";
    const { CHANGES: changes, DIGEST: digest } = Object.fromEntries(
      said.split("\n").map((line) => line.split("=", 2)),
    );
    return { ...ran, output: { changes, digest } };
  },
  apply: (folder, variables) => {
    const lines: string[] = pipeline("gitlab-ci.yml")[".apply"].script;
    return {
      ...runScript(lines.join("\n"), folder, { CHANGES: "true", ...variables }, ["-eo", "pipefail"]),
      output: {},
    };
  },
};

/** The stages of a stack of production: what stands once for both. */
function azureStages() {
  const loop = pipeline("azure-pipelines.yml").stages.find((stage: object) =>
    Object.keys(stage)[0]?.startsWith("${{ each"),
  );
  const [planning, applying] = Object.values<object[]>(loop)[0] as never as [
    { jobs: [{ steps: never[] }] },
    { jobs: [{ strategy: { runOnce: { deploy: { steps: never[] } } } }] },
  ];
  return { plan: planning.jobs[0].steps, apply: applying.jobs[0].strategy.runOnce.deploy.steps };
}

/** Scripts of steps in their order; each is a shell of its own, which does not stop at a failure by itself. */
function runAzure(
  steps: readonly { script?: string; inputs?: { inlineScript?: string } }[],
  folder: string,
  variables: Readonly<Record<string, string>>,
): Ran {
  let said = "";
  const login = { servicePrincipalId: "client", tenantId: "tenant", idToken: "token" };
  for (const { script, inputs } of steps) {
    const text = script ?? inputs?.inlineScript;
    if (text === undefined) continue;
    const ran = runScript(text, folder, { ...login, ...variables });
    said += ran.said;
    if (ran.status !== 0) return { status: ran.status, said, output: {} };
  }
  const set = [...said.matchAll(/##vso\[task\.setvariable variable=(\w+);isOutput=true\](.*)/g)];
  return { status: 0, said, output: Object.fromEntries(set.map(([, name, value]) => [name, value])) };
}

const azureDevOps: Forge = {
  // A secret variable that isn't there is passed on as its own name.
  plan: (folder, variables) => {
    rmSync(join(folder, "sealed"), { recursive: true, force: true });
    const ran = runAzure(azureStages().plan, folder, { PLAN_KEY: "$(PLAN_KEY)", ...variables });
    if (existsSync(join(folder, "sealed"))) cpSync(join(folder, "sealed"), folder, { recursive: true });
    return ran;
  },
  apply: (folder, variables) =>
    runAzure(azureStages().apply, folder, { SEALED: join(folder, "approved.sealed"), ...variables }),
};

const github: Forge = {
  plan: (folder, variables) => {
    rmSync(join(folder, ".github-output"), { force: true });
    const steps = [/^npx cdktf diff/, "Show what is to be approved", "Seal the plan"];
    const results = steps.map((step) => run(["approved.yml", "plan", step], folder, variables));
    const last = results.at(-1) as (typeof results)[number];
    return { ...last, said: results.map(({ said, summary }) => said + summary).join("") };
  },
  apply: (folder, variables) =>
    run(["approved.yml", "apply", "Carry out exactly what was approved"], folder, variables),
};

const forges: [string, Forge][] = [
  ["GitHub", github],
  ["GitLab", gitlab],
  ["Azure DevOps", azureDevOps],
];

describe.each(forges)("a plan that somebody approves on %s", (name, forge) => {
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

  const plan = (variables: Readonly<Record<string, string>> = key) =>
    forge.plan(work, { STACK, ...variables });

  /** The job that carries it out, on another machine. */
  function apply(digest: string | undefined, variables: Readonly<Record<string, string>> = key) {
    const folder = mkdtempSync(join(root, "apply-"));
    cpSync(join(work, "approved.sealed"), join(folder, "approved.sealed"));
    return forge.apply(folder, { ...variables, DIGEST: digest ?? "" });
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
    standIn("npm", `[ "$1" = ci ] || exec ${process.execPath} ${join(root, "review.js")} "$@"`);
    writeFileSync(
      join(root, "review.js"),
      `const plan = process.argv.at(-1);
       const { resource_changes } = JSON.parse(require("fs").readFileSync(plan.split("=")[1], "utf8"));
       const changes = resource_changes.filter(({ change }) => change.actions[0] !== "no-op");
       console.log(changes.length === 0 ? "Nothing changes." : changes.map(({ address }) => address).join("\\n"));
       if (JSON.stringify(changes).includes("a loss")) process.exit(1);`,
    );
    writeStack("first");
  });

  test("is carried out as it was reviewed, whatever the code says by then", () => {
    const { output, said } = plan();
    // Azure DevOps takes the review from its file.
    expect(name === "Azure DevOps" ? readFileSync(join(work, "review.md"), "utf8") : said).toContain(
      "terraform_data.what",
    );
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
    expect(plan().output).toMatchObject({ changes: "false" });
  });

  test("goes no further than a review that fails", () => {
    writeStack("a loss");
    if (name === "GitHub") {
      run(["approved.yml", "plan", /^npx cdktf diff/], work, { STACK });
      expect(run(["approved.yml", "plan", "Show what is to be approved"], work, { STACK }).status).toBe(1);
      return;
    }
    const { status, output } = plan();
    expect(status).not.toBe(0);
    expect(output.changes).toBeUndefined();
  });

  test("asks for the key that seals it", () => {
    const { status, said } = plan({});
    expect(said).toMatch(/PLAN_KEY.*is missing: make one up and set it as a /);
    expect(status).not.toBe(0);
  });
});

describe("a merge request's note on GitLab", () => {
  const note = (notes: object[], token = "given") => {
    const folder = mkdtempSync(join(root, "note-"));
    standIn("curl", `echo "$*" >> ${join(folder, "asked")}\necho '${JSON.stringify(notes)}'`);
    writeFileSync(join(folder, "review.md"), "# What would change: staging\n");
    const [script] = pipeline("gitlab-ci.yml").review.after_script;
    const { status } = runScript(script, folder, {
      FORGE_TOKEN: token,
      CI_API_V4_URL: "https://gitlab.acme.example/api/v4",
      CI_PROJECT_ID: "7",
      CI_MERGE_REQUEST_IID: "12",
    });
    expect(status).toBe(0);
    const asked = join(folder, "asked");
    return existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").slice(1) : [];
  };
  const address = "https://gitlab.acme.example/api/v4/projects/7/merge_requests/12/notes";

  test("is made once, and written into after", () => {
    expect(note([{ id: 1, body: "hello" }])).toEqual([
      expect.stringMatching(new RegExp(`--request POST .* ${address}$`)),
    ]);
    expect(note([{ id: 3, body: "# What would change: staging" }])).toEqual([
      expect.stringMatching(new RegExp(`--request PUT .* ${address}/3$`)),
    ]);
  });

  test("is left out where nobody may write", () => {
    expect(note([], "")).toEqual([]);
  });
});

describe("a pull request's comment on Azure DevOps", () => {
  const comment = (threads: object[], isFork = "False") => {
    const folder = mkdtempSync(join(root, "comment-"));
    standIn("curl", `echo "$*" >> ${join(folder, "asked")}\necho '${JSON.stringify({ value: threads })}'`);
    writeFileSync(join(folder, "review.md"), "# What would change: staging\n");
    const { jobs } = pipeline("azure-pipelines.yml").stages[0];
    const { steps } = jobs.find(({ job }: { job: string }) => job === "review");
    const { script } = steps.find(({ displayName }: { displayName?: string }) => displayName === "Comment");
    const { status, said } = runScript(script, folder, {
      SYSTEM_ACCESSTOKEN: "given",
      SYSTEM_PULLREQUEST_ISFORK: isFork,
      SYSTEM_COLLECTIONURI: "https://dev.azure.com/acme/",
      SYSTEM_TEAMPROJECTID: "p",
      BUILD_REPOSITORY_ID: "r",
      SYSTEM_PULLREQUEST_PULLREQUESTID: "12",
    });
    expect({ status, said }).toMatchObject({ status: 0 });
    const asked = join(folder, "asked");
    return existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").slice(1) : [];
  };
  const address = "https://dev.azure.com/acme/p/_apis/git/repositories/r/pullRequests/12/threads";

  test("is made once, written into after, and left out for a fork", () => {
    expect(comment([{ id: 1, comments: [{ content: null }] }])).toEqual([
      expect.stringContaining(
        `--request POST --header Content-Type: application/json --data @comment.json ${address}?`,
      ),
    ]);
    expect(comment([{ id: 5, comments: [{ content: "# What would change: staging" }] }])).toEqual([
      expect.stringContaining(
        `--request PATCH --header Content-Type: application/json --data @comment.json ${address}/5/comments/1?`,
      ),
    ]);
    expect(comment([], "True")).toEqual([]);
  });
});

describe("what the night finds elsewhere", () => {
  const report = (forge: "gitlab" | "azure", text: string, known: string) => {
    const folder = mkdtempSync(join(root, "night-"));
    writeFileSync(join(folder, "report.md"), text);
    const log = join(folder, "asked");
    const list = known === "" ? "[]" : `[{"iid": ${known}, "id": ${known}}]`;
    for (const program of ["curl", "az"]) standIn(program, `echo "$*" >> ${log}\necho '${list}'`);
    const { jobs } = pipeline("azure-pipelines.yml").stages.at(-1);
    const scripts =
      forge === "gitlab"
        ? [pipeline("gitlab-ci.yml")[".issue"].after_script[0]]
        : jobs.map(({ steps }: { steps: { script?: string }[] }) => steps.at(-1)?.script);
    // Both of its jobs say it in the same words.
    expect(new Set(scripts).size).toBe(1);
    const { status } = runScript(scripts[0], folder, {
      TITLE: "staging isn't what the code says",
      FORGE_TOKEN: "given",
      CI_API_V4_URL: "https://gitlab.acme.example/api/v4",
      CI_PROJECT_ID: "7",
      SYSTEM_COLLECTIONURI: "https://dev.azure.com/acme/",
      SYSTEM_TEAMPROJECT: "p",
    });
    expect(status).toBe(0);
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(1) : [];
  };

  test("is one issue on GitLab, written into until it is closed", () => {
    expect(report("gitlab", "it drifted", "")).toEqual([
      expect.stringMatching(/--request POST .*\/projects\/7\/issues$/),
    ]);
    expect(report("gitlab", "it drifted", "17")).toEqual([
      expect.stringMatching(/--request PUT .*\/issues\/17$/),
    ]);
    expect(report("gitlab", "", "")).toEqual([]);
  });

  test("is one work item on Azure DevOps, written into until it is closed", () => {
    expect(report("azure", "it drifted", "").join()).toMatch(
      /^boards work-item create .*--title staging isn't what the code says/,
    );
    expect(report("azure", "it drifted", "17").join()).toMatch(/^boards work-item update .*--id 17/);
    expect(report("azure", "", "")).toEqual([]);
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

describe.each<[string, (folder: string, inside: string) => { status: number | null; said: string }]>([
  ["GitHub", (folder, inside) => run(["fleet.yml", "deploy", "Verify"], folder, { INSIDE: inside })],
  [
    "GitLab",
    (folder, inside) => {
      const lines: string[] = pipeline("gitlab-ci.yml").staging.script;
      const script = lines.find((line) => line.includes("npm run -s verify")) ?? "";
      return runScript(script, folder, { VERIFY_INSIDE: inside }, ["-eo", "pipefail"]);
    },
  ],
  [
    "Azure DevOps",
    (folder, inside) => {
      const { stages } = pipeline("azure-pipelines.yml");
      const [deployment] = stages.find(({ stage }: { stage?: string }) => stage === "staging").jobs;
      const steps: { displayName?: string; script?: string; inputs?: { inlineScript: string } }[] =
        deployment.strategy.runOnce.deploy.steps;
      const asks = steps.filter(({ displayName }) => displayName?.startsWith("Verify"));
      expect(asks).toHaveLength(2);
      const ran = asks
        .slice(0, inside === "" ? 1 : 2)
        .map(({ script, inputs }) =>
          runScript(script ?? inputs?.inlineScript ?? "", folder, { VERIFY_INSIDE: inside }),
        );
      const failed = ran.find(({ status }) => status !== 0);
      return { status: failed?.status ?? 0, said: ran.map(({ said }) => said).join("") };
    },
  ],
])("what was just deployed is asked on %s", (_name, verify) => {
  /** As `npm run verify` ends, from outside and from inside. */
  function ask(outside: number, fromInside: number, inside = "orchestrator-acme") {
    const folder = mkdtempSync(join(root, "verify-"));
    standIn(
      "npm",
      `echo "$*" >> ${join(folder, "asked")}
code=${outside}; case "$*" in *--inside*) code=${fromInside} ;; esac
while [ $# -gt 0 ]; do case "$1" in --junit | --checklist) echo evidence > "$2" ;; esac; shift; done
exit $code`,
    );
    const { status, said } = verify(folder, inside);
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    const kept = ["outside", "inside"].filter((of) =>
      ["xml", "json"].every((end) => existsSync(join(folder, "verified", `${of}.${end}`))),
    );
    return { status, said, asked, kept };
  }

  test("and its evidence is kept, also where it breaks promises", () => {
    expect(ask(0, 0)).toMatchObject({ status: 0, kept: ["outside", "inside"] });
    expect(ask(0, 0).said).not.toContain("staging is deployed");
    expect(ask(1, 0)).toMatchObject({ status: 1, kept: ["outside", "inside"] });
    expect(ask(1, 0).said).toContain("staging is deployed, and breaks promises");
  });

  test("from inside as who is named, or not", () => {
    expect(ask(0, 0, "").asked).toEqual([expect.not.stringContaining("--inside")]);
    expect(ask(0, 0).asked[1]).toContain("verify -- staging");
    expect(ask(0, 0).asked[1]).toContain("--inside orchestrator-acme");
  });

  test("and what is broken weighs more than what could not be asked", () => {
    expect(ask(1, 2).status).toBe(1);
    expect(ask(0, 2).status).toBe(2);
    expect(ask(0, 2).said).toContain("staging is deployed, and could not be asked");
    expect(ask(0, 1).status).toBe(1);
  });
});
