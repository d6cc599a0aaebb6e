import { parseArgs } from "node:util";
import Table from "cli-table3";
import {
  agrees,
  type Comparison,
  compareVerdicts,
  countAgreed,
  findOtherAnswers,
  renderDisagreement,
} from "./agreement";
import { documentedFolder, readVerdicts, verdictFolder } from "./verdicts";

/** Prints by provider and type how often the simulated providers say what the real ones say. */
function print(folder: string, showsAll: boolean): void {
  const comparisons = readVerdicts(folder).flatMap(compareVerdicts);
  const table = new Table({
    head: ["provider", "type", "creations", "changes"],
    colAligns: ["left", "left", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const [provider, ofProvider] of groupBy(comparisons, ({ provider }) => provider)) {
    table.push([provider, "all", share(ofProvider, "create"), share(ofProvider, "update")]);
    for (const [type, ofType] of groupBy(ofProvider, ({ real }) => real.type)) {
      if (showsAll || !ofType.every(agrees)) {
        table.push(["", type, share(ofType, "create"), share(ofType, "update")]);
      }
    }
  }
  const otherwise: string[] = [];
  const asked = [
    ...readVerdicts(folder).map((file) => [file, "data sources, provider block"] as const),
    ...(folder === verdictFolder ? readVerdicts(documentedFolder) : []).map(
      (file) => [file, "documented examples of all types"] as const,
    ),
  ];
  for (const [file, what] of asked) {
    const { provider, questions = [] } = file;
    const other = findOtherAnswers(file);
    otherwise.push(...other);
    table.push([provider, what, `${questions.length - other.length} of ${questions.length}`, ""]);
  }
  const different = comparisons.filter((comparison) => !agrees(comparison));
  console.log([table.toString(), ...different.map(renderDisagreement), ...otherwise].join("\n"));
}

function share(comparisons: readonly Comparison[], kind: "create" | "update"): string {
  const { agreed, cases } = countAgreed(comparisons.filter(({ real }) => real.kind === kind));
  return cases === 0 ? "-" : `${agreed} of ${cases} (${((100 * agreed) / cases).toFixed(1)} %)`;
}

function groupBy(
  comparisons: readonly Comparison[],
  keyOf: (comparison: Comparison) => string,
): [string, Comparison[]][] {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const key = keyOf(comparison);
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  return [...groups].sort(([one], [other]) => one.localeCompare(other));
}

const { values, positionals } = parseArgs({
  options: { all: { type: "boolean", default: true } },
  allowNegative: true,
  allowPositionals: true,
});
print(positionals[0] ?? verdictFolder, values.all);
