import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findMutants } from "./find-mutants";
import { SURVIVORS } from "./survivors";

test("every change that nobody is to notice is one of its source", () => {
  const changes = (file: string) =>
    findMutants(file, readFileSync(join(__dirname, "../..", file), "utf8")).map(({ before, after }) => ({
      before,
      after,
    }));
  for (const { file, before, after } of SURVIVORS) expect(changes(file)).toContainEqual({ before, after });
});
