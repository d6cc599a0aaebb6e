import { defineConfig } from "vitest/config";

/** `npm run test:images`: what runs the reference images themselves, on a real Redis and a real Postgres. */
export default defineConfig({
  test: {
    include: ["test/images/**/*.real.ts"],
    globalSetup: ["test/images/support/build-images.ts"],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    // What comes true by itself may take its time on a machine that has none to spare.
    expect: { poll: { timeout: 60_000 } },
    // Each file starts several processes, and waits for most of its time.
    maxWorkers: 2,
  },
});
