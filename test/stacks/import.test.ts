import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FIXTURES, REPOSITORY } from "../support/rehearsal-project";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  const app = `node --import tsx ${join(FIXTURES, "one-agent/main.ts")}`;
  writeFileSync(
    join(folder, "cdktf.json"),
    JSON.stringify({ language: "typescript", app, projectId: "test" }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run rehearse -- …`, with what it printed, without colours and line breaks. */
function rehearse(...args: string[]): Promise<{ readonly ok: boolean; readonly text: string }> {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const command = ["--import", tsx, join(REPOSITORY, "src/cli/rehearse.ts"), ...args];
  const env = { ...process.env, NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: folder, env }, (error, stdout, stderr) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: Terraform's own colours
      const text = `${stdout}${stderr}`.replace(/\x1b\[[0-9;]*m/g, "").replace(/[\s│]+/g, " ");
      resolve({ ok: error === null, text });
    });
  });
}

/** Terraform, for a stack, as the README says it. */
const terraform = (...args: string[]) => rehearse("exec", "--stack", "test", "terraform", ...args);

test("an app whose creation failed is imported as the README says, and the next deploy goes on from there", async () => {
  const missing = "ghcr.io/agents/billing:1.0.0";
  const failed = await rehearse("test", "--keep", "--image-missing", missing);
  expect(failed.ok).toBe(false);
  expect(failed.text).toContain("MANIFEST_UNKNOWN");

  const again = await terraform("apply", "-input=false", "-auto-approve");
  expect(again.ok).toBe(false);
  const [, id = ""] = /A resource with the ID "([^"]+)" already exists/.exec(again.text) ?? [];
  const [, address = ""] = /with (azurerm_container_app\.[\w-]+)/.exec(again.text) ?? [];
  expect(id).toMatch(/\/providers\/Microsoft\.App\/containerApps\/billing$/);

  const imported = await terraform("import", "-input=false", address, id);
  expect(imported.text).toContain("Import successful!");

  const converged = await rehearse("test", "--keep");
  expect(converged).toMatchObject({ ok: true, text: expect.stringContaining("second plan test") });
});
