import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { isAlive } from "../support/is-alive";

const GUARD = join(__dirname, "../../src/local/guard.ts");
const PART = join(__dirname, "../../src/local/part.ts");

/** Starts two processes as a fleet does, one of which starts another and ends only when it is made to; then waits. */
const PROGRAM = `
  const { temporaryFolder } = require(${JSON.stringify(GUARD)});
  const { startPart } = require(${JSON.stringify(PART)});
  const { folder } = temporaryFolder("test");
  const start = (name, script) => startPart({
    name, program: "sh", args: ["-c", script], folder, variables: { PATH: process.env.PATH },
    onLine: (line) => console.log(JSON.stringify({ folder, pid: Number(line) })),
  });
  start("stubborn", "trap '' TERM; echo $$; sleep 1000 & echo $!; wait; sleep 1000");
  start("willing", "echo $$; sleep 1000");
`;

async function startFleet() {
  const child = spawn(process.execPath, ["--import", "tsx", "-e", PROGRAM], {
    cwd: join(__dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pids: number[] = [];
  let folder = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { folder: string; pid: number };
    pids.push(said.pid);
    folder = said.folder;
    if (pids.length === 3) break;
  }
  return { child, pids, folder };
}

test("what a fleet has started ends with it, also when it is killed", async () => {
  const { child, pids, folder } = await startFleet();
  // As long as it runs, everything else does.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(pids.filter(isAlive)).toEqual(pids);
  expect(existsSync(folder)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
}, 60_000);
