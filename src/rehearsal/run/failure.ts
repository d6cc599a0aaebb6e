import pc from "picocolors";

/** What a person needs to read when a rehearsal can't go on or found something wrong. */
export interface FailureReport {
  /** One line: what failed, and where. */
  readonly what: string;
  /**
   * Terraform's own messages, or the findings, one entry each; an entry may have several lines.
   *
   * @default - none
   */
  readonly details?: readonly string[];
  /**
   * What to do now.
   *
   * @default - nothing beyond what `what` says
   */
  readonly advice?: string;
  /** @default 1 */
  readonly exitCode?: number;
}

/** An expected failure: the command line prints its report and no stack trace. */
export class RehearsalFailure extends Error {
  constructor(readonly report: FailureReport) {
    super([report.what, ...(report.details ?? [])].join("\n"));
    this.name = "RehearsalFailure";
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and run the same command again",
  EDQUOT: "your disk quota is used up; free some space and run the same command again",
  EROFS: "the file system is read-only; run it where .rehearsal/ can be written",
  EACCES: "no permission; check who owns .rehearsal/ (a run as root leaves files that others can't change)",
  EPERM: "no permission; check who owns .rehearsal/ (a run as root leaves files that others can't change)",
  ENOTDIR: "a file is where a folder belongs; move it away (.rehearsal is the rehearsal's folder)",
  EMFILE: "too many open files; raise the limit with `ulimit -n 4096`",
  EADDRINUSE: "the simulated clouds' socket is in use; remove that file if no other rehearsal runs",
};

/** A failure of the machine (disk full, no permission, …) as a report, or undefined for a programming error. */
export function systemFailure(error: unknown): RehearsalFailure | undefined {
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  const advice = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (advice === undefined) return undefined;
  return new RehearsalFailure({
    what: `${advice.split(";")[0]}: ${path ?? message}${syscall === undefined ? "" : ` (${code} on ${syscall})`}`,
    advice: advice.slice(advice.indexOf(";") + 2),
  });
}

/**
 * Prints a failure to standard error the way a person reads it: what, Terraform's own words, what to do.
 *
 * @returns the exit status
 * @throws the error itself when it is a defect of the rehearsal, so that its stack trace is seen
 */
export function reportFailure(error: unknown): number {
  const failure = error instanceof RehearsalFailure ? error : systemFailure(error);
  if (failure === undefined) throw error;
  const { what, details = [], advice, exitCode } = failure.report;
  const lines = [pc.red(`${pc.bold("✘")} ${what}`)];
  for (const detail of details) lines.push("", detail.replace(/^/gm, "  "));
  if (advice !== undefined) lines.push("", `→ ${advice}`);
  console.error(lines.join("\n"));
  return exitCode ?? 1;
}
