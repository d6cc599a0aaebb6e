import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeFleetProject } from "../support/fleet-project";

// Terraform is stood in for: what it is asked, in which order, and what it finds in the folder.
let folder = "";
let asked = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
  writeFleetProject(folder, ["stacks/bootstrap.ts"]);
  mkdirSync(join(folder, "bin"));
  asked = join(folder, "asked");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const file of [asked, stateFile()]) rmSync(file, { force: true });
});

const stateFile = () => join(folder, "bootstrap-azure.tfstate");

/** Runs the command with a Terraform that fails at the calls that match. */
function bootstrap(failing: string, ...args: readonly string[]) {
  const file = join(folder, "bin/terraform");
  writeFileSync(
    file,
    `#!/usr/bin/env bash
if [ "$1" = version ]; then echo "Terraform v1.11.4"; exit 0; fi
backend=remote; [ -f backend_override.tf.json ] && backend=file
echo "$backend: $*" >> ${asked}
if [ -n "${failing}" ] && [[ "$backend: $*" == *"${failing}"* ]]; then exit 1; fi
case "$1" in plan) exit 2;; apply) [ $backend = remote ] || echo '{}' > ${stateFile()};; esac
exit 0
`,
  );
  chmodSync(file, 0o755);
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", tsx, "src/cli/bootstrap.ts", ...args],
    {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: [join(folder, "bin"), process.env.PATH].join(delimiter), HOME: folder, NO_COLOR: "1" },
    },
  );
  return {
    status,
    said: `${stdout}${stderr}`.trim(),
    asked: existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n") : [],
  };
}

const INIT = "init -input=false";
const PLAN = "plan -input=false -detailed-exitcode -out=plan";
const APPLY = "apply -input=false plan";
const MOVE = "init -input=false -migrate-state -force-copy";

describe("the first time", () => {
  test("state is in a file until its storage is made, and moves there", () => {
    const { status, asked } = bootstrap("", "azure", "--first", "--yes");
    expect(asked).toEqual([`file: ${INIT}`, `file: ${PLAN}`, `file: ${APPLY}`, `remote: ${MOVE}`]);
    expect(status).toBe(0);
    expect(existsSync(stateFile())).toBe(false);
  });

  test("goes on, without being told, from what it left where it stopped", () => {
    const stopped = bootstrap("-migrate-state", "azure", "--first", "--yes");
    expect(stopped.status).toBe(1);
    expect(stopped.said).toMatch(
      /its state is still in bootstrap-azure\.tfstate.*Run the same command again/,
    );
    expect(existsSync(stateFile())).toBe(true);
    rmSync(asked);
    const { status, asked: then } = bootstrap("", "azure", "--yes");
    expect(then.at(0)).toBe(`file: ${INIT}`);
    expect(then.at(-1)).toBe(`remote: ${MOVE}`);
    expect(status).toBe(0);
    expect(existsSync(stateFile())).toBe(false);
  });
});

describe("later", () => {
  test("state is where it is kept", () => {
    const { asked, status } = bootstrap("", "azure", "--yes");
    expect(asked).toEqual([`remote: ${INIT}`, `remote: ${PLAN}`, `remote: ${APPLY}`]);
    expect(status).toBe(0);
  });

  test("storage that nobody reaches is no first time by itself", () => {
    const { asked, status, said } = bootstrap("init", "azure", "--yes");
    expect(asked).toEqual([`remote: ${INIT}`]);
    expect(status).toBe(1);
    expect(said).toMatch(/nothing was done\. If nobody has made .*: npm run bootstrap -- azure --first$/);
  });

  test("--plan only shows", () => {
    expect(bootstrap("", "azure", "--plan").asked).toEqual([`remote: ${INIT}`, `remote: ${PLAN}`]);
  });
});

test("a cloud that no environment is in is answered with those that are, without a stack trace", () => {
  const { status, said, asked } = bootstrap("", "aws", "--yes");
  expect(asked).toEqual([]);
  expect(status).toBe(1);
  expect(said).toBe("no environment is in 'aws' (azure and google); see stacks/environments/index.ts");
});
