import { defineConfig } from "vitest/config";

/** `npm run test:images`: what runs the reference images themselves, on a real Redis and a real Postgres. */
export default defineConfig({
  test: {
    include: ["test/images/**/*.real.ts"],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    // Two cores, and each file starts several processes.
    fileParallelism: false,
  },
});
