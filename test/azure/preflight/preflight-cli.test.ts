import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { useFleetProject } from "../../support/fleet-project";

const project = useFleetProject();

function run(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", tsx, "src/cli/preflight.ts", ...args],
      { cwd: project.folder, env: { PATH: process.env.PATH, NO_COLOR: "1" } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test.concurrent("--help says what it does and what its exit codes mean", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout).toContain("npm run preflight -- staging");
  expect(stdout).toContain("Exit codes: 0 nothing is missing, 1 something is");
});

test.concurrent("an environment that isn't there is answered with those that are, without a stack trace", async () => {
  const { code, stdout, stderr } = await run("stagin");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe("there is no environment 'stagin' (dev, staging and production)\n");
});

test.concurrent("environments that are not filled in are told, and where", async () => {
  const { code, stdout, stderr } = await run("staging");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toMatch(
    /placeholder staging\.example\.com\n +put your own value there: stacks\/company\.json:3/,
  );
  expect(stdout).toMatch(/staging cannot be deployed yet: \d+ things are missing/);
});
