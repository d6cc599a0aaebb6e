import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const run = (...args: string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", "test/bench/bench.ts", ...args], {
    cwd: join(__dirname, "../.."),
    encoding: "utf8",
  });

it("compares the fleet with a raw stack that still holds the same resources", () => {
  const { stdout, stderr, status } = run("--sizes", "2,4", "--runs", "1", "--json");
  expect([status, stderr]).toEqual([0, ""]);
  const { comparisons } = JSON.parse(stdout) as {
    comparisons: { what: string; ours: Record<string, number>; other: Record<string, number> }[];
  };
  expect(comparisons.map(({ what }) => what)).toEqual(["start-up", "2 agents", "4 agents"]);
  for (const { ours, other } of comparisons) {
    for (const figure of ["seconds", "cpuSeconds", "peakMiB"]) {
      expect(ours[figure]).toBeGreaterThan(0);
      expect(other[figure]).toBeGreaterThan(0);
    }
  }
});

it("says what is wrong with its arguments", () => {
  const { stderr, status } = run("--sizes", "ten");
  expect(status).not.toBe(0);
  expect(stderr).toContain("It has to be a whole number from 1.");
});
