import { expect, test } from "vitest";
import { isRefusal } from "../../src/verify/caller-place";

test.each([
  [200, false],
  [299, false],
  [300, true],
  [401, true],
  [403, true],
  [404, false],
  [428, true],
  [429, false],
  [430, true],
  [499, true],
  [500, false],
])("a cloud that answers %i to a look refuses for good: %s", (status, refuses) => {
  expect(isRefusal(status)).toBe(refuses);
});
