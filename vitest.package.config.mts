import { defineConfig } from "vitest/config";

/** `npm run test:package`: the package, installed in a project of somebody else's. Downloads what that installs. */
export default defineConfig({
  test: {
    include: ["test/package/**/*.real.ts"],
    testTimeout: 300_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
