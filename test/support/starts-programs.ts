/** How a test that starts Terraform, the simulated clouds or another program is told from the rest: by what it loads. */
const STARTS_PROGRAMS =
  /\/(?:adopted-project|plan-stack|real-programs|promtool|fleet-project|rehearsal-project)"|\b(?:spawn|execFile)(?:Sync)?\b/;

/** Whether a test file, by its text, starts other programs, and takes its time. */
export function startsPrograms(text: string): boolean {
  return STARTS_PROGRAMS.test(text);
}
