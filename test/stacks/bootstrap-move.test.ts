import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { writeFleetProject } from "../support/fleet-project";

// The real Terraform, and a real place for states: one that takes them by HTTP, once it is there.

/** A state by its path, as Terraform left it. */
const states = new Map<string, string>();
/** Status with which a place that isn't there yet, or that nobody may write to, answers. */
let refusing: number | undefined;
const server = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    const path = request.url ?? "";
    const held = states.get(path);
    if (refusing !== undefined) response.writeHead(refusing).end();
    else if (request.method === "POST") {
      states.set(path, text);
      response.end();
    } else if (held === undefined) response.writeHead(404).end();
    else response.end(held);
  });
});

let folder = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  folder = mkdtempSync(join(tmpdir(), "bootstrap-move-"));
  writeFleetProject(folder);
  const { port } = server.address() as AddressInfo;
  // A stack of Terraform's own resource, which no provider is downloaded for, in the place of what clouds get.
  writeFileSync(
    join(folder, "stacks/bootstrap.ts"),
    `import { App, DataResource, HttpBackend, TerraformStack } from "cdktf";
const app = new App();
const stack = new TerraformStack(app, "bootstrap-azure");
new HttpBackend(stack, { address: "http://127.0.0.1:${port}/bootstrap-azure" });
new DataResource(stack, "made", { input: "once" });
app.synth();
`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  states.clear();
  refusing = undefined;
  rmSync(stateFile(), { force: true });
});

const stateFile = () => join(folder, "bootstrap-azure.tfstate");

/** Ids of what a state says was made. */
function made(state: string | undefined): string[] {
  const { resources = [] } = JSON.parse(state ?? "{}") as {
    resources?: readonly { instances: readonly { attributes: { id: string } }[] }[];
  };
  return resources.flatMap(({ instances }) => instances.map(({ attributes }) => attributes.id));
}

async function bootstrap(...args: readonly string[]): Promise<{ status: number | null; said: string }> {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const child = spawn(process.execPath, ["--import", tsx, "src/cli/bootstrap.ts", "azure", ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: "1" },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
    });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, said })));
}

test("the first time, the state is moved from its file to where it is kept, and is found there later", async () => {
  const first = await bootstrap("--first", "--yes");
  expect(first.status, first.said).toBe(0);
  const [id] = made(states.get("/bootstrap-azure"));
  expect(id).toBeDefined();
  expect(existsSync(stateFile())).toBe(false);

  const later = await bootstrap("--yes");
  expect(later.status, later.said).toBe(0);
  expect(later.said).toContain("No changes");
  expect(made(states.get("/bootstrap-azure"))).toEqual([id]);
});

test("a place that doesn't take the state yet keeps nothing from going on, and nothing is made twice", async () => {
  refusing = 403;
  const stopped = await bootstrap("--first", "--yes");
  expect(stopped.status).toBe(1);
  expect(stopped.said).toContain("its state is still in bootstrap-azure.tfstate");
  expect(existsSync(stateFile())).toBe(true);
  expect(states.size).toBe(0);

  refusing = undefined;
  const again = await bootstrap("--yes");
  expect(again.status, again.said).toBe(0);
  expect(again.said).toContain("No changes");
  expect(made(states.get("/bootstrap-azure"))).toHaveLength(1);
  expect(existsSync(stateFile())).toBe(false);
});
