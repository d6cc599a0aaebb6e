import pc from "picocolors";
import type { CheckResult } from "./check";

/** What came of a preflight, for a person. */
export function preflightReport(environment: string, results: readonly CheckResult[]): string {
  const lines = results.flatMap(({ name, findings, unanswered }) => {
    if (unanswered !== null) return [`${pc.yellow("?")} ${name}: ${unanswered}`];
    if (findings.length === 0) return [`${pc.green("✓")} ${name}`];
    return findings.flatMap(({ what, remedy, weight }) => [
      `${weight === "missing" ? pc.red("✗") : pc.yellow("!")} ${name}: ${what}`,
      `    ${remedy}`,
    ]);
  });
  return [...lines, "", verdict(environment, results), ""].join("\n");
}

/** 0: nothing is missing; 1: something is; 2: nothing is known to be, but not everything could be asked. */
export function preflightExitCode(results: readonly CheckResult[]): 0 | 1 | 2 {
  if (countMissing(results) > 0) return 1;
  return results.some(({ unanswered }) => unanswered !== null) ? 2 : 0;
}

function verdict(environment: string, results: readonly CheckResult[]): string {
  const missing = countMissing(results);
  if (missing > 0) {
    return `${environment} cannot be deployed yet: ${missing} ${missing === 1 ? "thing is" : "things are"} missing`;
  }
  return preflightExitCode(results) === 0
    ? `${environment} can be deployed: npx cdktf deploy ${environment}`
    : `${environment}: nothing is known to be missing, but not everything could be asked`;
}

function countMissing(results: readonly CheckResult[]): number {
  return results.flatMap(({ findings }) => findings).filter(({ weight }) => weight === "missing").length;
}
