import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FIXTURES, REPOSITORY, useRehearsalProject } from "../../support/rehearsal-project";

const project = useRehearsalProject();

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  /** Resolves when the output so far matches. */
  readonly seen: (text: RegExp) => Promise<void>;
  readonly finished: Promise<Finished>;
}

/** The command as a person starts it in the project's folder. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Running {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const cli = join(REPOSITORY, "src/cli/rehearse.ts");
  const child = spawn(process.execPath, ["--import", tsx, cli, ...args], {
    cwd: project.folder,
    // CI counts as a terminal with colours.
    env: { ...env, NO_COLOR: "1", [MARKER]: project.folder },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const seen = async (text: RegExp) => {
    while (!text.test(stdout)) {
      if (child.exitCode !== null) throw new Error(`it ended without ${text}:\n${stdout}\n${stderr}`);
      await sleep(50);
    }
  };
  return { child, seen, finished };
}

const run = (line: string, env?: NodeJS.ProcessEnv) => start(line.split(" "), env).finished;

/** Whatever a rehearsal starts, also in a sealed environment, has the locale's variables. */
const MARKER = "LC_REHEARSAL_TEST";

/** Processes that a rehearsal of this project started, by what is in their environment. */
function leftovers(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${MARKER}=${project.folder}`);
      } catch {
        return false;
      }
    });
}

/** Reads /proc, so elsewhere than on Linux nothing is looked for. */
const onLinux = process.platform === "linux";

let filesBefore: string[] = [];
beforeEach(() => {
  filesBefore = readdirSync(project.folder).sort();
});
afterEach(() => {
  expect(readdirSync(project.folder).sort()).toEqual(filesBefore);
  if (onLinux) expect(leftovers()).toEqual([]);
});

test("two stacks of a cdktf app, one reading the other's state, deploy with cdktf, settle and are destroyed", async () => {
  const { code, stdout, stderr } = await run("first second --verbose");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const phases = [...stdout.matchAll(/^✔ (.*?) \(/gm)].map(([, title]) => title);
  expect(phases).toEqual([
    "synth",
    "deploy first",
    "deploy second",
    "second plan first",
    "second plan second",
    "cloud and state agree",
    "destroy second",
    "destroy first",
    "nothing is left",
  ]);
  expect(stdout).toMatch(/Agents of first \(1\)\n +inventory +https:\/\/inventory\.example\.com/);
  expect(stdout).toContain('vault = "kv-first-fixture"');
  expect(stdout).toContain("A rehearsal can't see quotas");
});

test("someone else's cdktf output deploys as it is, in the order of its dependencies", async () => {
  const out = join(project.folder, "their.out");
  const app = join(FIXTURES, "two-stacks/main.ts");
  execFileSync(process.execPath, ["--import", "tsx", app], {
    cwd: REPOSITORY,
    env: { ...process.env, CDKTF_OUTDIR: out },
  });
  filesBefore = readdirSync(project.folder).sort();
  const backend = () =>
    JSON.parse(readFileSync(join(out, "stacks/first/cdk.tf.json"), "utf8")).terraform.backend;
  expect(backend()).toEqual({ gcs: { bucket: "someones-real-state", prefix: "first" } });
  const { code, stdout } = await run("--cdktf-out their.out");
  expect(code).toBe(0);
  expect(stdout).toMatch(/deploy first[\s\S]*deploy second[\s\S]*destroy second[\s\S]*nothing is left/);
  expect(readdirSync(join(out, "stacks/first"))).toEqual(["cdk.tf.json"]);
  const alone = await run("--cdktf-out their.out second");
  expect(alone.stderr).toContain("Unable to find remote state");
  expect(alone.code).toBe(1);
});

test("one's own cdktf commands work against a simulated cloud that stays, and its state is a local file", async () => {
  expect((await run("exec --name hand cdktf deploy first second --auto-approve")).code).toBe(0);
  expect(readdirSync(join(project.folder, ".rehearsal/hand/state")).sort()).toContain("first.tfstate");
  const diff = await run("exec cdktf diff first");
  expect(diff.stderr).toContain("simulated cloud: .rehearsal/hand");
  expect(diff.stdout).toContain("No changes.");
  expect((await run("exec cdktf output second")).stdout).toContain("vault = kv-first-fixture");
  expect((await run("exec --stack first terraform state list")).stdout.trim().split("\n")).toEqual([
    "azurerm_key_vault.vault",
    "azurerm_key_vault_secret.secret",
    "azurerm_resource_group.group",
  ]);
  const unnamed = await run("exec terraform state list");
  expect(unnamed.stderr).toContain("say which stack it is about with --stack (first, second)");
  expect(unnamed.code).toBe(1);
  const destroyed = await run("exec cdktf destroy first second --auto-approve");
  expect(destroyed.code).toBe(0);
  const ledger = JSON.parse(readFileSync(join(project.folder, ".rehearsal/hand/cloud/ledger.json"), "utf8"));
  expect(ledger.entries).toEqual({});
  expect((await run("first second --name hand --fresh --plan")).stdout).toContain("Plan: 3 to add");
});

test.each([
  ["exec kubectl get pods", "exec runs cdktf, terraform and tofu only, not 'kubectl'"],
  ["exec cdktf deploy first -o /elsewhere", "exec refuses '-o'"],
  ["exec --folder other cdktf diff", "other is hand-written Terraform; use exec terraform or exec tofu"],
  ["exec --folder aws terraform plan", "provider hashicorp/aws isn't served"],
])("'%s' is refused in one line", async (line, message) => {
  if (line.includes("aws")) {
    project.writeTerraform("aws", 'resource "aws_s3_bucket" "bucket" {}');
    filesBefore = readdirSync(project.folder).sort();
  }
  const { code, stderr } = await run(line);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

/** A PATH with Node, and Terraform only if a script for it is given. */
function pathWith(name: string, terraform?: string): NodeJS.ProcessEnv {
  const folder = join(project.folder, ".rehearsal-bin", name);
  mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, join(folder, "node"));
  if (terraform !== undefined) {
    writeFileSync(join(folder, "terraform"), terraform);
    chmodSync(join(folder, "terraform"), 0o755);
  }
  filesBefore = readdirSync(project.folder).sort();
  return { ...process.env, PATH: folder };
}

test.each([
  ["missing", undefined, "'terraform' isn't on the path; install Terraform 1.11 or newer: https://"],
  [
    "old",
    '#!/bin/sh\necho \'{"terraform_version": "1.10.5"}\'\n',
    "Terraform 1.10.5 is too old for write-only arguments",
  ],
  [
    "broken",
    "#!/bin/sh\necho no version set\nexit 1\n",
    "'terraform version' says 'no version set' (status 1)",
  ],
])("with Terraform %s, one line says what to install", async (name, script, message) => {
  // A shim with the real Node's folder on the path would find the real Terraform next to it.
  const { code, stdout, stderr } = await run("first", pathWith(name, script));
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(message);
});

test("with --tofu, everything is run by what is called tofu, and its absence is told before anything else", async () => {
  const missing = await run("first --tofu");
  expect([missing.code, missing.stderr]).toEqual([
    1,
    expect.stringMatching(/'tofu' isn't on the path; install OpenTofu 1\.11 or newer/),
  ]);
  // A stand-in that says what it was asked to: whether OpenTofu does it as Terraform does, only OpenTofu can show.
  const folder = join(project.folder, ".rehearsal-bin");
  const said = join(folder, "said");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tofu"), `#!/bin/sh\necho "$1" >> "${said}"\nexec terraform "$@"\n`);
  chmodSync(join(folder, "tofu"), 0o755);
  filesBefore = readdirSync(project.folder).sort();
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { code, stdout } = await run("first --tofu", env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/deploy first[\s\S]*second plan first[\s\S]*destroy first[\s\S]*nothing is left/);
  const commands = new Set(readFileSync(said, "utf8").trim().split("\n"));
  expect([...commands]).toEqual(expect.arrayContaining(["version", "init", "apply", "plan", "destroy"]));
  writeFileSync(said, "");
  expect((await run("first", env)).code).toBe(0);
  expect(readFileSync(said, "utf8")).toBe("");
});

test("a failure shows Terraform's own words with stack, address and construct, and no stack trace", async () => {
  const { code, stderr } = await run("first --fault azurerm_key_vault@1");
  expect(code).toBe(1);
  expect(stderr).toContain("✘ deploy of first failed");
  expect(stderr).toContain("first › azurerm_key_vault.vault (first/vault)\n  Error: ");
  expect(stderr).toContain(
    "stays in .rehearsal/first: `npm run rehearse -- first --fault azurerm_key_vault@1`",
  );
  expect(stderr).not.toMatch(/^\s+at /m);
  expect((await run("first")).code).toBe(0);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "after %s in the middle, the same command goes on from there",
  async (signal) => {
    const running = start(["first", "--fault", "azurerm_key_vault@1=30000"]);
    await running.seen(/… deploy first/);
    await waitForEntry("azurerm_resource_group");
    running.child.kill(signal);
    const { code, stderr } = await running.finished;
    expect(stderr).toContain(`interrupted (${signal})`);
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    const again = await run("first");
    expect(again.stdout).toMatch(/deploy first .*1 of them from before/);
    expect(again.code).toBe(0);
  },
);

test("killed in the middle, everything it started ends, and the next run creates nothing twice", async () => {
  const running = start(["first", "--fault", "azurerm_key_vault@1=30000"]);
  await running.seen(/… deploy first/);
  await waitForEntry("azurerm_resource_group");
  running.child.kill("SIGKILL");
  await running.finished;
  const deadline = Date.now() + 15_000;
  while (onLinux && leftovers().length > 0 && Date.now() < deadline) await sleep(200);
  expect(onLinux ? leftovers() : []).toEqual([]);
  const again = await run("first");
  expect(again.stdout).toContain("where the last run was cut off");
  expect(again.stdout).toMatch(/nothing is left \(.*\) 0 in the cloud/);
  expect(again.code).toBe(0);
});

/** Waits until the simulated cloud holds something of that type. */
async function waitForEntry(type: string): Promise<void> {
  const path = join(project.folder, ".rehearsal/first/cloud/ledger.json");
  while (!existsSync(path) || !readFileSync(path, "utf8").includes(`"type": "${type}"`)) await sleep(50);
}

test("an environment that isn't there is named with those that are", async () => {
  const { code, stderr } = await run("frist");
  expect(code).toBe(1);
  expect(stderr).toBe("✘ there is no environment 'frist' (first, second, all)\n");
});
