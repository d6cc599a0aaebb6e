import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "../../src/local/free-port";

const ROOT = join(__dirname, "..", "..");

test("never draws a port twice, nor one that the system gives to somebody else", async () => {
  const ports: number[] = [];
  for (let draws = 0; draws < 100; draws += 1) ports.push(await freePort());
  expect(new Set(ports).size).toBe(100);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(30_000);
});

test("passes over a port that somebody listens on", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port + 1, "127.0.0.1", resolve));
  try {
    expect(await freePort()).toBe(port + 2);
  } finally {
    server.close();
  }
});

test("draws other ports than the processes that are started beside it", async () => {
  const program = `
    const { freePort } = require("./src/local/free-port");
    (async () => {
      const ports = [];
      for (let draws = 0; draws < 12; draws += 1) ports.push(await freePort());
      console.log(ports.join(" "));
    })();
  `;
  const draw = () => promisify(execFile)(process.execPath, ["--import", "tsx", "-e", program], { cwd: ROOT });
  const drawn = (await Promise.all([draw(), draw(), draw(), draw()])).flatMap(({ stdout }) =>
    stdout.trim().split(" "),
  );
  expect(drawn).toHaveLength(48);
  expect(new Set(drawn).size).toBe(48);
});
