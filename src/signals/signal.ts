import type { Absent } from "./measure";

/** Whether somebody is woken, or has it done when they are at work. */
export type Severity = "page" | "ticket";

/** Something that whoever is on call for a fleet has to know: what its alert, its panel and its page in the runbook say. */
export interface Signal {
  /** Stable id, kebab-case: alerts are named after it, and the runbook has it as an anchor. */
  readonly id: string;
  readonly title: string;
  /** What it means for those who use the fleet. */
  readonly meaning: string;
  /** Unit of its figure. */
  readonly unit: string;
  readonly severity: Severity;
  /** Minutes that it has to last. */
  readonly lastsMinutes: number;
  /** What is too much, and what that follows from. */
  readonly thresholdInWords: string;
  /** Name of the saved query to look with. */
  readonly query: string;
  /** What to do, step by step. */
  readonly act: readonly string[];
}

/** The figure above which something is wrong, or why there is none. */
export type Threshold = number | Absent;

/** Where the runbook is, unless an environment says where its people read it. */
export const RUNBOOK_FILE = "docs/runbook.md";

/** Where to read what a signal means and what to do. */
export function runbookLink({ id }: Pick<Signal, "id">, runbookUrl: string = RUNBOOK_FILE): string {
  return `${runbookUrl}#${id}`;
}

/** Name of a signal's alert, as Prometheus writes names. */
export function alertName({ id }: Pick<Signal, "id">): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
