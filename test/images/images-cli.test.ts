import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { useFleetProject } from "../support/fleet-project";

const project = useFleetProject();

/** A machine whose path has git and these programs, and nothing else. */
const folder = mkdtempSync(join(tmpdir(), "images-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const program of ["git", "sh"]) symlinkSync(`/usr/bin/${program}`, join(folder, program));

function run(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", tsx, "src/cli/images.ts", ...args],
      { cwd: project.folder, env: { PATH: folder, NO_COLOR: "1" } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test.concurrent("--help says what it does, with examples", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout).toContain("npm run images -- push --environment dev --dry-run");
});

test.concurrent("a machine without an engine gets to the engine's call, and hears what to install", async () => {
  const { code, stdout, stderr } = await run("build", "--environment", "dev");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^nothing here builds images for a2afleetimages\.azurecr\.io: docker is not installed; .*Install/,
  );
  expect(stderr).not.toContain("    at ");
});

test.concurrent("the commands can be seen without an engine, those of agents alone too", async () => {
  const all = await run("push", "--dry-run", "--engine", "docker");
  expect(all).toMatchObject({ code: 0, stderr: "" });
  // Environments that share a registry share their images.
  expect(all.stdout.match(/^\$ docker build /gm)).toHaveLength(2);
  expect(all.stdout.match(/^\$ docker push /gm)).toHaveLength(7);
  const one = await run("push", "research", "--dry-run", "--engine", "docker", "--environment", "staging");
  expect(one.stdout.match(/^\$ docker push .*/gm)).toEqual([
    "$ docker push a2afleetimages.azurecr.io/agents/research:1.2.0",
  ]);
});

test.concurrent("what isn't there is answered with what is", async () => {
  const answers = await Promise.all([
    run("build", "resarch"),
    run("list", "--environment", "stagin"),
    run("build", "--from", "orchestrator=pyton"),
    run("build", "--from", "inventory=python"),
    run("push", "--write"),
  ]);
  expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
  expect(answers.map(({ stderr }) => stderr.trim())).toEqual([
    expect.stringMatching(/^there is no agent 'resarch' \(.*\); correct the name to 'research'$/),
    "there is no environment 'stagin' (dev, staging and production)",
    expect.stringContaining("There is no image 'pyton' (python and typescript)."),
    expect.stringContaining("'python' has no code for stock-level and low-stock of 'inventory'."),
    "--write writes into one environment: say which with --environment <name>",
  ]);
});

test("lists each agent with what it is built from and what the registry has", async () => {
  const program = join(folder, "skopeo");
  writeFileSync(
    program,
    `#!/bin/sh\ncase "$*" in *research*) echo sha256:${"ab".repeat(32)};; *) echo manifest unknown >&2; exit 1;; esac\n`,
  );
  chmodSync(program, 0o755);
  const { code, stdout } = await run("list", "--environment", "dev");
  expect(code).toBe(0);
  const row = (agent: string) => stdout.split("\n").find((line) => line.includes(`│ ${agent} `));
  expect(row("research")).toMatch(/agents\/research:1\.2\.0 .* agents\/images\/python .* sha256:(?:ab){32} /);
  expect(row("inventory")).toMatch(/agents\/inventory:1\.0\.0 .* agents\/images\/typescript .* no /);
  rmSync(program);
});
