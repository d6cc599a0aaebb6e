/** What a measured program says of itself when it ends, on the last line of its output. */
export interface SelfReport {
  /** Seconds of processor time, in all threads. */
  readonly cpuSeconds: number;
  /** Most memory that it had at a time. */
  readonly peakMiB: number;
  /** Loaded provider bindings, by path. */
  readonly bindings: readonly string[];
}

/** Makes this process report itself when it ends. */
export function reportAtExit(): void {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const report: SelfReport = {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMiB: maxRSS / 1024,
      bindings: Object.keys(require.cache).filter((path) =>
        /provider-[a-z]+\/lib\/[a-z0-9-]+\/index\.js$/.test(path),
      ),
    };
    process.stdout.write(`\n${JSON.stringify(report)}\n`);
  });
}
