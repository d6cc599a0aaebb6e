import { expect, test } from "vitest";
import { findLeaksInText } from "../../../src/rehearsal/run/leaks";

const CANARY = "canary-3f9c2e71";

test.each([
  ['{"output":{"url":{"value":"rediss://:canary-3f9c2e71@host"}}}', "output.url.value"],
  ['{"list":["a",{"key":"canary-3f9c2e71"}]}', "list.1.key"],
])("in JSON a leak is named by its key", (text, where) => {
  expect(findLeaksInText(text, [CANARY])).toEqual([where]);
});

test("in a plan's text a leak is named by line and argument", () => {
  expect(findLeaksInText('a\n  + password = "canary-3f9c2e71"\n', [CANARY])).toEqual(["line 2 (password)"]);
});

test("a value of several lines is found by its longest, one with quotes also inside nested JSON", () => {
  const pem = "-----BEGIN KEY-----\nMIIBcanary\n-----END KEY-----";
  expect(findLeaksInText(`x = <<EOT\n${pem}\nEOT`, [pem])).toEqual(["line 3"]);
  expect(findLeaksInText("-----BEGIN KEY-----\nMIIBanother", [pem])).toEqual([]);
  expect(
    findLeaksInText(JSON.stringify({ a: JSON.stringify({ b: 'q"uoted-value' }) }), ['q"uoted-value']),
  ).toEqual(["a"]);
});

test("a value that was broken at the end of a line is found, and one that goes on otherwise isn't", () => {
  expect(findLeaksInText(`url = ${CANARY.slice(0, 9)}\n       ${CANARY.slice(9)}`, [CANARY])).toEqual([
    "a line that was broken in two",
  ]);
  expect(findLeaksInText(`url = ${CANARY.slice(0, 9)}\n       ${CANARY.slice(8)}`, [CANARY])).toEqual([]);
});

test("nothing is found where nothing is", () => {
  expect(findLeaksInText('{"a":"canary-00000000"}', [CANARY])).toEqual([]);
});
