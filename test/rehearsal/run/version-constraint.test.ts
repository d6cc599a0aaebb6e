import { expect, test } from "vitest";
import { admits } from "../../../src/rehearsal/run/version-constraint";

test.each([
  ["4.55.0", true],
  ["4.55", true],
  ["= 4.55.1", false],
  ["!= 4.55.0", false],
  ["!= 4.54.0", true],
  ["~> 4.0", true],
  ["~> 4.56", false],
  ["~> 5.0", false],
  ["~> 4.55.0", true],
  ["~> 4.54.0", false],
  [">= 3.0, < 5", true],
  [">= 3.0, < 4.55.0", false],
  ["<= 4.55.0", true],
  ["> 4.55.0", false],
  [">= 4.55.0-beta1", true],
  ["= 4.55.0-beta1", false],
])("%s lets in 4.55.0: %s", (constraint, is) => {
  expect(admits(constraint, "4.55.0")).toBe(is);
});

test("what is no constraint is named", () => {
  expect(() => admits(">= 4, latest", "4.55.0")).toThrow("'latest' is no version constraint");
});
