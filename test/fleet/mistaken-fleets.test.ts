import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mistakenFleet, rightFleets } from "../support/mistaken-fleet";
import { findRefusalFaults } from "../support/refusal-words";
import { tryFleet } from "../support/try-fleet";

test.each(Object.entries(rightFleets))(
  "the fleet '%s', in which mistakes are made, has none",
  async (_name, fleet) => {
    expect(await tryFleet(fleet)).toEqual({ kind: "built" });
  },
);

// `npm run mistakes` tries ten thousand.
test("a mistake that nobody thought of is built or refused in words, and is never an exception", async () => {
  await fc.assert(
    fc.asyncProperty(mistakenFleet(), async (fleet) => {
      const outcome = await tryFleet(fleet);
      expect(outcome.kind === "crashed" ? outcome.stack : "", fleet.mistake).toBe("");
      expect(outcome.kind === "refused" ? findRefusalFaults(outcome.messages) : [], fleet.mistake).toEqual(
        [],
      );
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

test.each([
  ["the words of a library", "agent 'billing': 'port' Too small: expected number to be >=1; use another"],
  ["nobody that it is about", "'port' 0 is too small; use at least 1"],
  ["nothing to do", "agent 'billing': 'port' 0 is too small"],
  ["a password", "environment 'test': 'url' 'http://fleet:hunter-2@host' is not right; correct it"],
])("a refusal with %s is found", (_what, message) => {
  expect(findRefusalFaults([message])).toHaveLength(1);
});
