import { defineConfig } from "vitest/config";

/** `npm run test:local`: the fleet of one machine with all its real parts, and its page in a real browser. */
export default defineConfig({
  test: {
    include: ["test/local/**/*.real.ts"],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // What comes true by itself may take its time on a machine that has none to spare.
    expect: { poll: { timeout: 60_000 } },
    // Two cores, and each file starts a fleet.
    fileParallelism: false,
  },
});
