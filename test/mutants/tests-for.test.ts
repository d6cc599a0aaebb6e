import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Experience, readTests, type TestFile, testsFor } from "./tests-for";

const NOTHING_SEEN: Experience = { noticed: () => [], count: () => 0, seconds: () => 0 };

const loading = (file: string, ...loads: string[]): TestFile => ({
  file,
  loads: new Set([file, ...loads]),
  names: new Set(),
  startsPrograms: false,
  holdsTexts: false,
});

const scaler = "src/cluster/agent/agent-scaler.ts";
const everybodys = loading("test/fleet/a.test.ts", scaler);
const elsewhere = loading("test/review/a.test.ts", scaler);
const ofItsRoom = loading("test/cluster/b.test.ts", scaler);
const named = { ...loading("test/parts/c.test.ts", scaler), names: new Set([scaler]) };
const programs = { ...loading("test/cluster/d.test.ts", scaler), startsPrograms: true };
const stranger = loading("test/cluster/e.test.ts", "src/cluster/agent/agent-edge.ts");
const tests = [everybodys, elsewhere, ofItsRoom, programs, stranger, named];

describe("the tests that should notice a change", () => {
  test("are those that load the source: who names it first, then its room's, then everybody's", () => {
    const first = [named.file, ofItsRoom.file, everybodys.file];
    expect(testsFor(tests, scaler, NOTHING_SEEN)).toEqual(first);
    expect(testsFor(tests, scaler, NOTHING_SEEN, true)).toEqual([...first, elsewhere.file, programs.file]);
  });

  test("are of other rooms where they hold finished texts, before everybody's", () => {
    const texts = { ...elsewhere, file: "test/signals/a.test.ts", holdsTexts: true };
    expect(testsFor([...tests, texts], scaler, NOTHING_SEEN)).toEqual([
      named.file,
      ofItsRoom.file,
      texts.file,
      everybodys.file,
    ]);
  });

  test("start other programs only where they name the source, and last", () => {
    const naming = { ...programs, file: "test/cluster/agent-scaler.test.ts" };
    expect(testsFor([naming, ...tests], scaler, NOTHING_SEEN).at(-1)).toBe(naming.file);
  });

  test("start other programs where nobody else of the room loads it", () => {
    expect(testsFor([programs, elsewhere, stranger], scaler, NOTHING_SEEN)).toEqual([programs.file]);
  });

  test("are of other rooms where nobody of the room loads it", () => {
    const afar = { ...elsewhere, startsPrograms: true };
    expect(testsFor([afar, stranger], scaler, NOTHING_SEEN)).toEqual([afar.file]);
  });

  test("are led by who noticed one of the same source, and then by who notices most for its time", () => {
    const count = (file: string) => (file === everybodys.file ? 3 : 0);
    expect(testsFor(tests, scaler, { ...NOTHING_SEEN, count })[1]).toBe(everybodys.file);
    const noticed = () => [everybodys.file];
    expect(testsFor(tests, scaler, { ...NOTHING_SEEN, noticed })[0]).toBe(everybodys.file);
    const other = loading("test/cluster/f.test.ts", scaler);
    const seconds = (file: string) => (file === ofItsRoom.file ? 5 : 1);
    expect(testsFor([ofItsRoom, other], scaler, { ...NOTHING_SEEN, seconds })).toEqual([
      other.file,
      ofItsRoom.file,
    ]);
  });
});

describe("the project's tests", () => {
  const read = readTests(join(__dirname, "../.."));
  const one = async (file: string) => (await read).find((each) => each.file === file);

  test("load what they name, and what that loads", async () => {
    const figures = await one("test/cluster/figures.test.ts");
    expect(figures?.names).toContain("test/support/kubernetes-fleet.ts");
    expect(figures?.names).not.toContain("src/cluster/agent/agent-edge.ts");
    expect(figures?.loads).toContain(scaler);
    expect((await one("test/gateway/refusals.test.ts"))?.loads).not.toContain(scaler);
  });

  test("name what is named beside them for their sake", async () => {
    expect((await one("test/edge/edges.test.ts"))?.names).toContain("src/edge/edge-program.ts");
  });

  test("that hold finished texts are known by that", async () => {
    expect((await one("test/cluster/objects.test.ts"))?.holdsTexts).toBe(true);
    expect((await one("test/cluster/figures.test.ts"))?.holdsTexts).toBe(false);
  });

  test("that read policies as callers meet them start no program, and those that plan do", async () => {
    expect((await one("test/gateway/effective-policies.test.ts"))?.startsPrograms).toBe(false);
    expect((await one("test/stacks/by-hand.test.ts"))?.startsPrograms).toBe(true);
  });
});
