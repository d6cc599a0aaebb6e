import { canonical } from "../../../src/rehearsal/provider/value";
import { Judge, type Judgement } from "./judge";
import type { VerdictCase, VerdictFile } from "./verdicts";

/** What both the real provider and the simulated one said to a case. */
export interface Comparison {
  readonly provider: string;
  readonly real: VerdictCase;
  readonly simulated: Judgement;
}

/** How many cases of some were judged the same. */
export interface Agreement {
  readonly agreed: number;
  readonly cases: number;
}

/** Asks the simulated provider about every case, in this process. */
export function compareVerdicts(file: VerdictFile): Comparison[] {
  const judge = new Judge(file);
  try {
    return file.cases.map((real) => ({
      provider: file.provider,
      real,
      simulated: judge.judge(real),
    }));
  } finally {
    judge.close();
  }
}

/** Asks the simulated provider every question; says which it answers otherwise than the real one. */
export function findOtherAnswers(file: VerdictFile): string[] {
  const judge = new Judge(file);
  try {
    return (file.questions ?? []).flatMap((question) => {
      const said = judge.judgeQuestion(question);
      const { kind, type, config, verdict } = question;
      return said.length > 0 === (verdict === "refused")
        ? []
        : [
            `${kind} ${type} ${JSON.stringify(config)}: ${verdict}, and here ${said.join("; ") || "accepted"}`,
          ];
    });
  } finally {
    judge.close();
  }
}

export function agrees({ real, simulated }: Comparison): boolean {
  return real.verdict === simulated.verdict;
}

/** Where the rehearsal would be green and the real plan red: the worst that it can do. */
export function isLaxer({ real, simulated }: Comparison): boolean {
  const refuses = (verdict: string) => verdict.startsWith("refused");
  return refuses(real.verdict) && !refuses(simulated.verdict);
}

/** Whether the simulated provider names the same arguments for a replacement as the real one. */
export function agreesOnReasons({ real, simulated }: Comparison): boolean {
  const named = simulated.because.map((path) => path.filter((step) => typeof step === "string").join("."));
  return canonical([...(real.because ?? [])].sort()) === canonical([...new Set(named)].sort());
}

export function countAgreed(
  comparisons: readonly Comparison[],
  agree: (comparison: Comparison) => boolean = agrees,
): Agreement {
  return { agreed: comparisons.filter(agree).length, cases: comparisons.length };
}

/** One line a disagreement: what was changed, and what both said. */
export function renderDisagreement({ real, simulated }: Comparison): string {
  const change = real.mutation
    .map(({ path, value }) => `${path.join(".")} = ${JSON.stringify(value)}`)
    .join(", ");
  const said = (verdict: string, message: readonly string[] = []) =>
    message.length > 0 ? `${verdict} (${message.join("; ").slice(0, 200)})` : verdict;
  return `${real.id} ${real.kind} ${real.type}: ${change}\n  real: ${said(real.verdict, real.message)}\n  simulated: ${said(simulated.verdict, simulated.message)}`;
}
