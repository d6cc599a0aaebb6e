import { defineConfig } from "vitest/config";

/** `npm run test:review`: the workflow's review of a pull request, step by step, in a clone of a project. */
export default defineConfig({ test: { include: ["test/review/**/*.real.ts"], testTimeout: 300_000 } });
