import { describe, expect, it } from "vitest";
import {
  agrees,
  agreesOnReasons,
  type Comparison,
  compareVerdicts,
  countAgreed,
  findOtherAnswers,
  isLaxer,
  renderDisagreement,
} from "./agreement";
import { documentedFolder, readVerdicts, type VerdictFile } from "./verdicts";

/** Shares that may only rise: of creations, of changes, and of replacements for which the same arguments are named. */
const LEAST: Readonly<Record<string, readonly [number, number, number]>> = {
  azuread: [1, 1, 1],
  azurerm: [1, 1, 1],
  google: [1, 1, 1],
};

// Of this process: how long other work on the machine makes it wait says nothing.
const started = process.cpuUsage();
const files = readVerdicts();
const compared = new Map(files.map((file) => [file.provider, compareVerdicts(file)]));
const used = process.cpuUsage(started);
const seconds = (used.user + used.system) / 1_000_000;

function share(comparisons: readonly Comparison[], agree = agrees): number {
  const { agreed, cases } = countAgreed(comparisons, agree);
  return agreed / cases;
}

function differences(comparisons: readonly Comparison[]): string {
  return comparisons
    .filter((comparison) => !agrees(comparison))
    .map(renderDisagreement)
    .join("\n");
}

describe("what the simulated providers say, held against what the real ones say", () => {
  it("is measured for every provider that has verdicts, in one process and less than a minute", () => {
    expect([...compared.keys()]).toEqual(Object.keys(LEAST));
    expect([...compared.values()].flat().length).toBeGreaterThan(6200);
    expect(seconds).toBeLessThan(60);
  });

  it.each(Object.entries(LEAST))("agrees with %s", (provider, [creations, changes, reasons]) => {
    const comparisons = compared.get(provider) ?? [];
    const created = comparisons.filter(({ real }) => real.kind === "create");
    const changed = comparisons.filter(({ real }) => real.kind === "update");
    const replaced = comparisons.filter(({ real }) => real.verdict === "replace");
    expect(share(created), differences(created)).toBeGreaterThanOrEqual(creations);
    expect(share(changed), differences(changed)).toBeGreaterThanOrEqual(changes);
    expect(share(replaced, agreesOnReasons)).toBeGreaterThanOrEqual(reasons);
  });

  it.each(files)("answers data sources and provider blocks like $provider", (file) => {
    expect(file.questions?.length).toBeGreaterThan(500);
    expect(findOtherAnswers(file)).toEqual([]);
  });

  it.each(readVerdicts(documentedFolder))(
    "answers nearly every type's documented examples like $provider",
    (file) => {
      const types = new Set(file.questions?.map(({ type }) => type));
      expect(types.size).toBeGreaterThan(690);
      const other = findOtherAnswers(file);
      expect(other.length / (file.questions?.length ?? 0), other.join("\n")).toBeLessThanOrEqual(0.005);
    },
  );

  it("accepts nothing that a real provider refuses", () => {
    const laxer = [...compared.values()].flat().filter(isLaxer);
    expect(laxer.map(renderDisagreement)).toEqual([]);
  });
});

describe("the comparison itself", () => {
  const file = files[0] as VerdictFile;
  const flip = (from: string, to: string): VerdictFile => {
    const cases = file.cases.filter(({ verdict }) => verdict === from).slice(0, 2);
    return { ...file, cases: cases.map((each) => ({ ...each, verdict: to as "accepted" })) };
  };

  it("finds a refusal that only the real provider has, and calls it laxer", () => {
    const comparisons = compareVerdicts(flip("accepted", "refused-plan"));
    expect(countAgreed(comparisons)).toEqual({ agreed: 0, cases: 2 });
    expect(comparisons.every(isLaxer)).toBe(true);
  });

  it("finds a refusal that only the simulated provider has", () => {
    const comparisons = compareVerdicts(flip("refused-validate", "accepted"));
    expect(countAgreed(comparisons)).toEqual({ agreed: 0, cases: 2 });
    expect(comparisons.some(isLaxer)).toBe(false);
  });

  it("finds an answer to a data source that only the real provider gives", () => {
    const questions = (file.questions ?? []).slice(0, 20);
    const turned = questions.map((each) => ({
      ...each,
      verdict: each.verdict === "refused" ? ("accepted" as const) : ("refused" as const),
    }));
    expect(findOtherAnswers({ ...file, questions: turned })).toHaveLength(20);
  });

  it("tells a replacement from a change in place, and one reason from another", () => {
    const comparisons = compareVerdicts(flip("replace", "in-place"));
    expect(countAgreed(comparisons)).toEqual({ agreed: 0, cases: 2 });
    const elsewhere = compareVerdicts(file).filter(({ real }) => real.verdict === "replace");
    const moved = elsewhere.map((each) => ({ ...each, real: { ...each.real, because: ["elsewhere"] } }));
    expect(countAgreed(moved, agreesOnReasons).agreed).toBe(0);
  });
});
