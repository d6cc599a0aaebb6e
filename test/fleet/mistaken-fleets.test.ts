import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mistakenFleet, rightFleets } from "../support/mistaken-fleet";
import { findProviderRefusals, isConstrained } from "../support/provider-verdict";
import { findRefusalFaults } from "../support/refusal-words";
import { tryFleet } from "../support/try-fleet";

test.each(Object.entries(rightFleets))(
  "the fleet '%s', in which mistakes are made, has none",
  async (_name, fleet) => {
    const outcome = await tryFleet(fleet);
    expect(outcome).toMatchObject({ kind: "built" });
    expect(outcome.kind === "built" ? outcome.stacks.flatMap(findProviderRefusals) : []).toEqual([]);
  },
);

// Always the same fleets, so that a change is judged and not the day. `npm run mistakes` draws ten thousand others, and asks
// the providers' rules about what was built.
test("a mistake that nobody thought of is built or refused in words, and is never an exception", async () => {
  await fc.assert(
    fc.asyncProperty(mistakenFleet(), async (fleet) => {
      const outcome = await tryFleet(fleet);
      expect(outcome.kind === "crashed" ? outcome.stack : "", fleet.mistake).toBe("");
      expect(outcome.kind === "refused" ? findRefusalFaults(outcome.messages) : [], fleet.mistake).toEqual(
        [],
      );
    }),
    { numRuns: 150, seed: 1, endOnFailure: true },
  );
});

test("what a provider refuses of a fleet that was built is found", async () => {
  const built = await tryFleet(rightFleets.apps as never);
  const [stack] = built.kind === "built" ? structuredClone(built.stacks) : [];
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON, broken on purpose
  const resources = (stack as any).resource;
  const [app] = Object.values<{ template: { max_replicas: number } }>(resources.azurerm_container_app);
  expect(isConstrained({ resource: resources }, app?.template.max_replicas)).toBe(true);
  if (app !== undefined) app.template.max_replicas = 301;
  expect(findProviderRefusals({ resource: resources })).toEqual([
    expect.stringMatching(/^azurerm_container_app\..*max_replicas.*301/),
  ]);
});

test.each([
  ["the words of a library", "agent 'billing': 'port' Too small: expected number to be >=1; use another"],
  ["nobody that it is about", "'port' 0 is too small; use at least 1"],
  ["nothing to do", "agent 'billing': 'port' 0 is too small"],
  ["a password", "environment 'test': 'url' 'http://fleet:hunter-2@host' is not right; correct it"],
])("a refusal with %s is found", (_what, message) => {
  expect(findRefusalFaults([message])).toHaveLength(1);
});
