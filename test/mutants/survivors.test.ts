import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findMutants } from "./find-mutants";
import { isOf, reasonFor, SURVIVORS } from "./survivors";

const mutantsOf = (file: string) => findMutants(file, readFileSync(join(__dirname, "../..", file), "utf8"));

test("every change that nobody is to notice is still one of its source", () => {
  const gone = SURVIVORS.filter((each) => !mutantsOf(each.file).some((mutant) => isOf(mutant, each)));
  expect(gone).toEqual([]);
});

test("the same change of another line has no reason", () => {
  const [survivor] = SURVIVORS;
  const file = survivor?.file ?? "";
  const alike = mutantsOf(file).filter(({ before }) => before === survivor?.before);
  expect(new Set(alike.map((mutant) => reasonFor(mutant) !== undefined))).toEqual(new Set([true, false]));
});
