import { defineConfig } from "vitest/config";

/** `npm run test:settings`: changes every setting on every platform, one at a time. */
export default defineConfig({
  test: { include: ["test/settings/*.walk.ts"], testTimeout: 1_200_000, maxWorkers: 2 },
});
