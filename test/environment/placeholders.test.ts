import { expect, test } from "vitest";
import { findPlaceholders } from "../../src/environment/find-placeholders";

const zeros = (count: number) => "0".repeat(count);

test.each<[placeholder: string, ...own: string[]]>([
  [`${zeros(8)}-0000-0000-0000-${zeros(12)}`, `${zeros(8)}-0000-0000-0000-${zeros(13)}`, `1${zeros(8)}-0000`],
  [`sha256:${zeros(64)}`, `sha256:${zeros(65)}`, `sha256:${zeros(63)}1`, `a@sha256:${zeros(64)}`],
  ["example.com", "example.com.au", "myexample.com"],
  ["fleet.example.com", "example.community"],
  ["on-call@example.com", "on-call@example.org"],
  ["a2a", "a2ab", "ba2a"],
  ["a2astate", "a2astates", "xa2astate"],
  ["a2afleetimages", "a2aimages"],
  ["rg-a2a-registry", "rg-a2a-registry-2", "my-rg-a2a-registry"],
  ["rg-a2a-state", "rg-a2a-network"],
  ["a2a-example", "a2a-examples", "my-a2a-example"],
  ["a2a-example-google", "a2a-exampled-google"],
  [zeros(12), zeros(13), zeros(11)],
  ["203.0.113.7", "203.0.114.7", "1203.0.113.7"],
  ["203.0.113.0/24", "203.0.113.0/24/x"],
])("%s is a placeholder wherever it stands, and what only looks like it is not", (placeholder, ...own) => {
  expect(findPlaceholders({ a: [{ b: placeholder }, placeholder, 7, null] })).toEqual([placeholder]);
  expect(findPlaceholders(own)).toEqual([]);
});
