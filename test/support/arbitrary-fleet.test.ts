import * as fc from "fast-check";
import { expect, it } from "vitest";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet } from "./arbitrary-fleet";

it("generates fleets that nothing is wrong with", () => {
  fc.assert(
    fc.property(arbitraryFleet(), ({ definitions, environment }) => {
      const fleet = resolveFleet(definitions, environment);
      expect(fleet.problems).toEqual([]);
      expect(fleet.workloads.length).toBeGreaterThanOrEqual(definitions.length);
    }),
    { numRuns: 300 },
  );
});

it("generates fleets with peers, customers, gateways and stores, and fleets without", () => {
  const fleets = fc.sample(arbitraryFleet(), 100).map(({ definitions, environment }) => ({
    environment,
    workloads: resolveFleet(definitions, environment).workloads,
  }));
  for (const has of [
    ({ workloads }: (typeof fleets)[number]) => workloads.some(({ peers }) => peers.length > 1),
    ({ workloads }: (typeof fleets)[number]) => workloads.some(({ customer }) => customer !== null),
    ({ environment }: (typeof fleets)[number]) => environment.gateway !== undefined,
    ({ environment }: (typeof fleets)[number]) => environment.taskStore.kind === "memory",
  ]) {
    const share = fleets.filter(has).length;
    expect(share).toBeGreaterThan(5);
    expect(share).toBeLessThan(95);
  }
});
