import type { RuleException } from "../environment/rule-exception";
import type { ChecklistItem, ChecklistSubject, Finding, Level } from "./checklist-item";

/** What became of an item: `not-looked-at` where the fleet is refused, so that nothing was synthesized to look at. */
export type Outcome = "passed" | "failed" | "excepted" | "not-applicable" | "not-looked-at";

/** One line of a checklist that was gone through. */
export interface ChecklistResult {
  readonly item: ChecklistItem;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** Why it isn't asked, or is let pass. */
  readonly why?: string;
}

/** A checklist, gone through for one environment. */
export interface ChecklistReport {
  readonly environment: string;
  /** Day on which it was. */
  readonly today: string;
  readonly results: readonly ChecklistResult[];
}

const LEVELS: readonly Level[] = ["note", "warning", "error"];

/** The heaviest of some findings; undefined of none. What an exception lets pass weighs nothing. */
export function heaviest(findings: readonly Finding[]): Level | undefined {
  const weights = findings
    .filter(({ excused }) => excused === undefined)
    .map(({ level }) => LEVELS.indexOf(level));
  return weights.length === 0 ? undefined : LEVELS[Math.max(...weights)];
}

/** Whether a level weighs as much as another, or more. */
export function reaches(level: Level | undefined, least: Level): boolean {
  return level !== undefined && LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** Goes through items for one environment. Pure: the day is an argument. */
export function runChecklist(items: readonly ChecklistItem[], subject: ChecklistSubject): ChecklistReport {
  const looked = items.map((item) => look(item, subject));
  return {
    environment: subject.environment.name,
    today: subject.today,
    results: [...looked, { ...judgeExceptions(looked, subject) }],
  };
}

function look(item: ChecklistItem, subject: ChecklistSubject): ChecklistResult {
  if (item.excepted !== undefined) return { item, outcome: "excepted", findings: [], why: item.excepted };
  const reason = item.notApplicable?.(subject);
  if (reason !== undefined) return { item, outcome: "not-applicable", findings: [], why: reason };
  const isRefused = subject.problems.length > 0 && subject.stacks.length === 0;
  if (isRefused && item.evidence.includes("plan")) {
    // Rules are asked in any case: they are what refuses.
    const found = item
      .find(subject)
      .filter(({ address, level }) => address === undefined && level === "error");
    const refusals = found.filter(({ message }) =>
      subject.problems.some((each) => message.startsWith(each.message)),
    );
    if (refusals.length === 0) {
      return {
        item,
        outcome: "not-looked-at",
        findings: [],
        why: "the environment is refused, so there is no plan",
      };
    }
    return { item, outcome: "failed", findings: refusals };
  }
  const exception = subject.environment.exceptions?.[item.id];
  const findings = item.find(subject).map((finding) => excuse(finding, exception, subject));
  const open = findings.filter(({ excused }) => excused === undefined);
  if (findings.length === 0) return { item, outcome: "passed", findings };
  return { item, outcome: open.length === 0 ? "excepted" : "failed", findings };
}

function excuse(
  finding: Finding,
  exception: RuleException | undefined,
  { workloads, today }: ChecklistSubject,
): Finding {
  if (exception === undefined || !isFor(exception, finding, workloads)) return finding;
  const { reason, until, owner } = exception;
  if (until < today) {
    const message = `${finding.message}; the exception for it ended on ${until} (${reason})`;
    return { ...finding, level: "error", message };
  }
  return { ...finding, excused: { reason, until, ...(owner === undefined ? {} : { owner }) } };
}

function isFor(
  { agents }: RuleException,
  { agent }: Finding,
  workloads: ChecklistSubject["workloads"],
): boolean {
  if (agents === undefined) return true;
  const definition = workloads.find(({ name }) => name === agent)?.definition;
  return agents.some((name) => name === agent || name === definition);
}

/** Exceptions are asked about themselves: whether there is such an item, whether they are of use, and whose they are. */
function judgeExceptions(looked: readonly ChecklistResult[], subject: ChecklistSubject): ChecklistResult {
  const { environment, today } = subject;
  const who = `environment '${environment.name}': exceptions`;
  const findings = Object.entries(environment.exceptions ?? {}).flatMap(([id, exception]): Finding[] => {
    // A loss of data that is acknowledged is asked about by a review, and is no item.
    if (id.startsWith("loss/")) return [];
    const found: Finding[] = [];
    const ofItem = looked.find(({ item }) => item.id === id);
    if (id.includes("/") && ofItem === undefined) {
      const message = `${who} names '${id}', which is no item of the checklist; correct it, or hand in the rules that it is of`;
      return [{ level: "error", message }];
    }
    const isUsed = ofItem?.findings.some(({ excused }) => excused !== undefined) ?? true;
    if (!isUsed && exception.until >= today) {
      found.push({ level: "warning", message: `${who}['${id}'] lets nothing pass; remove it` });
    }
    if (!isUsed && exception.until < today && ofItem?.outcome !== "failed") {
      found.push({
        level: "warning",
        message: `${who}['${id}'] ended on ${exception.until} and lets nothing pass; remove it`,
      });
    }
    if (exception.owner === undefined) {
      found.push({
        level: "note",
        message: `${who}['${id}'] has no owner; name who is asked before it ends`,
      });
    }
    return found;
  });
  return { item: EXCEPTIONS, outcome: findings.length === 0 ? "passed" : "failed", findings };
}

const EXCEPTIONS: ChecklistItem = {
  id: "fleet/exceptions",
  title: "Every exception lets something pass, has an owner, and an end that is to come",
  source: "What this project holds besides",
  evidence: ["definition"],
  find: () => [],
};
