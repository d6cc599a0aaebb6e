import { expect, test } from "vitest";
import { collect, milliseconds, port, positive, words } from "../../src/cli/option-values";

test.each([
  ["words", words(" redis, edge=nginx,,"), ["redis", "edge=nginx"]],
  ["an option's second value", collect("b", ["a"]), ["a", "b"]],
  ["a port", port("65535"), 65_535],
  ["no pause", milliseconds("0"), 0],
  ["a number", positive("200"), 200],
])("%s: read from a command line", (_what, read, expected) => {
  expect(read).toEqual(expected);
});

test.each([
  ["a port that there isn't", () => port("65536"), "Write a port, 1 to 65535."],
  ["a port that is no number", () => port("http"), "Write a port, 1 to 65535."],
  ["nothing for a pause", () => milliseconds(" "), "Write milliseconds."],
  ["half a request", () => positive("0.5"), "Write a whole number above 0."],
  ["no request", () => positive("0"), "Write a whole number above 0."],
])("%s is refused in words", (_what, read, says) => {
  expect(read).toThrow(says);
});
