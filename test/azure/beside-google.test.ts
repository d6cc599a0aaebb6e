import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { helper, onBothClouds } from "../support/fleet-on-google";
import { synthEnvironment } from "../support/synth";

/** Azure has the gateway, and every agent runs on Cloud Run. */
const besideGoogle: Environment = { ...onBothClouds, identityProvider: { kind: "entra" } };

describe("where every agent is on Cloud Run, Azure's side", () => {
  test.each<Environment["taskStore"]>([
    { kind: "managed-redis" },
    { kind: "redis-cache", reason: "our clients know no other" },
    { kind: "azure-postgres" },
    { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" },
    { kind: "existing-postgres", host: "postgres.acme.example" },
    { kind: "memory" },
  ])("is planned with the store $kind", (taskStore) => {
    const stack = synthEnvironment({ ...besideGoogle, taskStore }, [helper]);
    expect(stack.resources("azurerm_api_management")).toHaveLength(1);
  });

  test.each<[part: string, kind: string, change: Partial<Environment>]>([
    ["taskStore", "memorystore", { taskStore: { kind: "memorystore" } }],
    ["taskStore", "cloud-sql", { taskStore: { kind: "cloud-sql" } }],
    ["registry", "google", { registry: { kind: "google" } }],
    ["vault", "secret-manager", { vault: { kind: "secret-manager" } }],
  ])("can't use the %s %s, and says so", (part, kind, change) => {
    const { problems } = resolveFleet([helper], { ...besideGoogle, ...change });
    const refusals = problems.filter(({ rule }) => rule === "part-beside-azure");
    expect(refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${part}.kind is '${kind}', and 'azure' is set, which cannot use that; use `),
    ]);
  });
});
