import { defineConfig } from "vitest/config";

/** `npm run test:keycloak`: what needs Java, Maven and a real Keycloak, which `npm test` does without. */
export default defineConfig({
  test: {
    globalSetup: ["test/identity/keycloak/real-keycloak.ts"],
    include: ["test/identity/keycloak/**/*.real.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
