import { defineConfig } from "vitest/config";

// Whole fleets, adopted by generated companies: minutes each.
export default defineConfig({
  test: {
    include: ["test/adoption/*.real.ts"],
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
