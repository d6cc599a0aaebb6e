import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ["test/support/same-draws.ts", "src/stacks/without-traces.ts"],
    // The machine that CI runs on has two cores, and rehearsal tests start processes of their own.
    maxWorkers: 2,
  },
});
