import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * Folders that Terraform may be running in. It doesn't tell providers, and the path of a chart counts from there.
 */
let folders: readonly string[] = [];

export function setChartFolders(given: readonly string[]): void {
  folders = given;
}

/** The folder of a chart; undefined for charts from elsewhere, and for those that aren't on this disk. */
export function findChart(chart: string): string | undefined {
  const candidates = isAbsolute(chart) ? [chart] : folders.map((folder) => join(folder, chart));
  return candidates.find((candidate) => existsSync(join(candidate, "Chart.yaml")));
}
