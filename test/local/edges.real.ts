/** Streams at fixed arrivals through every real edge (Debian: nginx haproxy caddy openssl). */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("no edge cuts a stream, or loses one to a replica that has failed", async () => {
  const command = ["--import", "tsx", "test/bench/main.ts", "edges", "--streams", "60", "--compress", "60"];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, "--json"], {
    cwd: join(__dirname, "../.."),
  });
  const ways = JSON.parse(stdout) as { way: string; cut: number; lostAfterFailure: number | null }[];
  expect(ways.map(({ way, cut, lostAfterFailure }) => [way, cut, lostAfterFailure])).toEqual([
    ["direct", 0, null],
    ["nginx", 0, 0],
    ["haproxy", 0, 0],
    ["caddy", 0, 0],
  ]);
});
