import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { placeOf } from "../../src/parts/place-of";

const FILES = {
  "stacks/company.json": '{\n  "prefix": "a2a",\n  "domain": "example.com"\n}\n',
  "stacks/environments/dev.ts":
    'export const dev = {\n  name: "dev",\n  group: "rg-shared",\n  domain: `dev.${company.domain}`,\n};\n',
  "stacks/environments/another.ts": 'export const another = {\n  group: "rg-shared",\n};\n',
  "stacks/examples.ts": 'export const example = { account: "acmestate" };\n',
  "stacks/shared.ts": 'export const shared = { account: "acmestate" };\n',
  "stacks/environments/examples/plain-cluster.ts":
    'export const plain = {\n  name: "plain",\n  prefix: "a2a",\n  domain: "plain.example.com",\n};\n',
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "places-"));
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ["what all environments spread, in the company's file", "dev", "a2a", "stacks/company.json:2"],
  ["a domain below the company's, where that one stands", "dev", "dev.example.com", "stacks/company.json:3"],
  [
    "the same value in an example of its own",
    "plain",
    "a2a",
    "stacks/environments/examples/plain-cluster.ts:3",
  ],
  ["an example's own value", "plain", "plain.example.com", "stacks/environments/examples/plain-cluster.ts:4"],
  ["what several have, in the environment's own file", "dev", "rg-shared", "stacks/environments/dev.ts:3"],
  [
    "what is in no file of its own, in an example last, and in a first line",
    "dev",
    "acmestate",
    "stacks/shared.ts:1",
  ],
  ["what is computed, nowhere but the folder", "dev", "nowhere", "stacks"],
])("finds %s", (_, environment, value, place) => {
  expect(placeOf(environment, value)).toBe(place);
});

test("finds nothing where there are no stacks, and says whose it is", () => {
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(join(folder, "stacks/environments"));
  expect(placeOf("dev", "a2a")).toBe("your environment");
  cwd.mockReturnValue(folder);
});
