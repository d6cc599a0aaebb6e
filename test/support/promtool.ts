import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** A rule as Prometheus's own files have it. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly {
    readonly alert: string;
    readonly expr: string;
    readonly for?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** Samples of some series from minute 0 on, one a minute: `1+2x60` is 1 and sixty times 2 more. */
export type Series = Readonly<Record<string, string>>;

/** What `promtool check rules` says, or nothing. */
export function findRuleProblems(groups: readonly RuleGroup[]): string {
  return promtool(["check", "rules", "rules.yaml"], { "rules.yaml": { groups } });
}

/** Holds rules to exactly those alerts that should fire at some minute, by Prometheus's own engine. */
export function findAlertProblems(
  groups: readonly RuleGroup[],
  {
    series,
    minute,
    firing,
  }: { readonly series: Series; readonly minute: number; readonly firing: readonly string[] },
): string {
  const rules = groups.flatMap((group) => group.rules);
  const unknown = firing.filter((name) => !rules.some(({ alert }) => alert === name));
  if (unknown.length > 0) return `no rule ${unknown.join(", ")}`;
  const test = {
    rule_files: ["rules.yaml"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: rules.map(({ alert, labels, annotations }) => ({
          eval_time: `${minute}m`,
          alertname: alert,
          exp_alerts: firing.includes(alert) ? [{ exp_labels: labels, exp_annotations: annotations }] : [],
        })),
      },
    ],
  };
  return promtool(["test", "rules", "test.yaml"], { "rules.yaml": { groups }, "test.yaml": test });
}

function promtool(command: readonly string[], files: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), stringify(content));
    const { status, stdout, stderr, error } = spawnSync("promtool", command, {
      cwd: folder,
      encoding: "utf8",
    });
    if (error !== undefined) throw error;
    return status === 0 ? "" : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
