import { sep } from "node:path";
import type { Log, Result } from "sarif";
import { listOf } from "../problem";
import type { ChecklistItem, Level } from "./checklist-item";
import { type ChecklistReport, type ChecklistResult, heaviest } from "./run-checklist";

const MARKS = { error: "✖", warning: "!", note: "·" } as const;

/** What became of an item, in one sign and one word. */
export function markOf({ outcome, findings }: ChecklistResult): { sign: string; word: string } {
  if (outcome === "passed") return { sign: "✔", word: "passed" };
  if (outcome === "excepted") return { sign: "~", word: "excepted" };
  if (outcome === "not-applicable") return { sign: "–", word: "not applicable" };
  if (outcome === "not-looked-at") return { sign: "?", word: "not looked at" };
  const level = heaviest(findings) ?? "note";
  return { sign: MARKS[level], word: level };
}

/** Items by where they come from, in the order of the lists. */
export function bySource(results: readonly ChecklistResult[]): Map<string, ChecklistResult[]> {
  const groups = new Map<string, ChecklistResult[]>();
  for (const result of results) {
    const { source } = result.item;
    groups.set(source, [...(groups.get(source) ?? []), result]);
  }
  return groups;
}

/** Marks that are things, of which there are several. */
const COUNTED: readonly string[] = ["error", "warning", "note"];

/** `12 passed, 2 warnings`, in the order of the marks. */
export function countOf(results: readonly ChecklistResult[]): string {
  const words = results.map((result) => markOf(result).word);
  const order = ["error", "warning", "note", "passed", "excepted", "not applicable", "not looked at"];
  return order
    .map((word) => ({ word, many: words.filter((each) => each === word).length }))
    .filter(({ many }) => many > 0)
    .map(({ word, many }) => `${many} ${word}${many > 1 && COUNTED.includes(word) ? "s" : ""}`)
    .join(", ");
}

/** A finding, with what lets it pass. */
function sayFinding({ message, excused }: ChecklistResult["findings"][number]): string {
  if (excused === undefined || message.startsWith("let pass until")) return message;
  const owner = excused.owner === undefined ? "" : `, ${excused.owner}`;
  return `let pass until ${excused.until} (${excused.reason}${owner}): ${message}`;
}

/** Findings that say the same of several agents as one line. */
export function sayFindings(findings: ChecklistResult["findings"]): string[] {
  const agents = new Map<string, string[]>();
  for (const finding of findings) {
    const said = sayFinding(finding);
    const who = finding.agent === undefined ? undefined : `agent '${finding.agent}': `;
    const what = who === undefined ? said : said.replace(who, "");
    agents.set(what, [...(agents.get(what) ?? []), ...(what === said ? [] : [finding.agent as string])]);
  }
  return [...agents].map(([what, names]) => {
    if (names.length === 0) return what;
    return names.length === 1 ? `agent '${names[0]}': ${what}` : `agents ${listOf(names)}: ${what}`;
  });
}

/** A report for people in Markdown: a heading for each list, a line for each item that isn't simply passed. */
export function renderMarkdown(reports: readonly ChecklistReport[]): string {
  return `${reports.flatMap(sectionOf).join("\n")}\n`;
}

function sectionOf({ environment, today, results }: ChecklistReport): string[] {
  const lists = [...bySource(results)].flatMap(([source, group]) => [
    `### ${source}`,
    "",
    `${countOf(group)}.`,
    "",
    ...group.filter(({ outcome }) => isTold(outcome)).flatMap(linesOf),
    ...(group.some(({ outcome }) => isTold(outcome)) ? [""] : []),
  ]);
  return [`## Checklist of ${environment} on ${today}`, "", `${countOf(results)}.`, "", ...lists];
}

function isTold(outcome: ChecklistResult["outcome"]): boolean {
  return outcome === "failed" || outcome === "not-looked-at";
}

function linesOf(result: ChecklistResult): string[] {
  const { item, findings, why } = result;
  const { word } = markOf(result);
  return [
    `- **${word}**: ${item.title} (\`${item.id}\`)${why === undefined ? "" : `: ${why}`}`,
    ...sayFindings(findings).map((finding) => `  - ${escaped(finding)}`),
  ];
}

/** Text as Markdown shows it, and no picture, link or mention comes of it. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]<>|#]/g, "\\$&").replaceAll("@", "&#64;");
}

/** A report for programs. */
export function renderJson(reports: readonly ChecklistReport[]): string {
  const plain = reports.map(({ environment, today, results }) => ({
    environment,
    today,
    results: results.map((result) => ({
      id: result.item.id,
      title: result.item.title,
      source: result.item.source,
      evidence: result.item.evidence,
      outcome: result.outcome,
      ...(result.outcome === "failed" ? { level: heaviest(result.findings) } : {}),
      ...(result.why === undefined ? {} : { why: result.why }),
      findings: result.findings,
    })),
  }));
  return `${JSON.stringify(plain, null, 2)}\n`;
}

/**
 * A report for code scanning: SARIF 2.1.0, one run for all environments.
 *
 * A finding is at the file of its agent or environment: that is where it is put right.
 *
 * @param fileOf the file, from the repository's root, of an agent's definition or of an environment
 */
export function renderSarif(
  reports: readonly ChecklistReport[],
  fileOf: (environment: string, agent: string | undefined) => string,
): string {
  const found = reports.flatMap(({ environment, results }) =>
    results.flatMap(({ item, findings }) => findings.map((finding) => ({ environment, item, finding }))),
  );
  const rules = [...new Map(found.map(({ item }) => [item.id, item])).values()];
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "a2a-fleet checklist", rules: rules.map(ruleOf) } },
        results: found.map(({ environment, item, finding }): Result => {
          const file = fileOf(environment, finding.agent).split(sep).join("/");
          const { address, excused } = finding;
          return {
            ruleId: item.id,
            ruleIndex: rules.indexOf(item),
            level: finding.level,
            message: { text: finding.message },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: file }, region: { startLine: 1 } },
                ...(address === undefined
                  ? {}
                  : { logicalLocations: [{ fullyQualifiedName: address, kind: "resource" }] }),
              },
            ],
            // The same finding is the same on another day, wherever in the file it is.
            partialFingerprints: {
              finding: `${environment}/${finding.agent ?? ""}/${item.id}/${address ?? ""}`,
            },
            ...(excused === undefined
              ? {}
              : { suppressions: [{ kind: "external", status: "accepted", justification: excused.reason }] }),
          };
        }),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf({ id, title, source, evidence }: ChecklistItem) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: `${title}. ${source}.` },
    properties: { tags: [...evidence] },
  };
}

/** The page that says what is asked, and of what it is known: written from the lists. */
export function renderPage(items: readonly ChecklistItem[], subject: PageNotes): string {
  const groups = new Map<string, ChecklistItem[]>();
  for (const item of items) groups.set(item.source, [...(groups.get(item.source) ?? []), item]);
  const sections = [...groups].flatMap(([source, group]) => [
    `## ${source}`,
    "",
    "| item | what holds | known by |",
    "|---|---|---|",
    ...group.map((item) => {
      const note = item.excepted ?? subject.notApplicable(item);
      const known =
        item.excepted !== undefined
          ? `excepted: ${note}`
          : note === undefined
            ? item.evidence.join(", ")
            : `not applicable: ${note}`;
      return `| \`${item.id}\` | ${item.title} | ${known} |`;
    }),
    "",
  ]);
  return ["# Checklist", "", subject.introduction, "", ...sections].join("\n");
}

export interface PageNotes {
  readonly introduction: string;
  /** Why an item is asked nowhere. */
  readonly notApplicable: (item: ChecklistItem) => string | undefined;
}

/** Levels by name, for a command line. */
export const levels: readonly Level[] = ["error", "warning", "note"];
