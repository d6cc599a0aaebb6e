import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../../../src/local/free-port";
import { PROGRAM_PATH } from "../../support/real-programs";
import { demand } from "./stores";

/** A real Prometheus of this machine. */
export interface Prometheus {
  /** What an expression has now: each series with its labels and value. */
  readonly ask: (expression: string) => Promise<{ labels: Record<string, string>; value: number }[]>;
  readonly stop: () => void;
}

/** What it reads, and the labels that a cluster would put on it. */
export interface Target {
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Starts Prometheus, which reads each target and looks at each rule once a second. */
export async function startPrometheus(
  targets: readonly Target[],
  groups: readonly object[],
): Promise<Prometheus> {
  demand("prometheus", "prometheus");
  const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
  const port = await freePort();
  writeFileSync(join(folder, "rules.yaml"), stringify({ groups }));
  writeFileSync(
    join(folder, "prometheus.yaml"),
    stringify({
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yaml"],
      scrape_configs: [
        {
          job_name: "agents",
          static_configs: targets.map(({ port: own, labels }) => ({
            targets: [`127.0.0.1:${own}`],
            labels,
          })),
        },
      ],
    }),
  );
  let said = "";
  const server = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { env: { PATH: PROGRAM_PATH }, stdio: ["ignore", "ignore", "pipe"] },
  );
  server.stderr.on("data", (data) => {
    said += data;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (ready?.ok) break;
    if (tries > 900 || server.exitCode !== null) throw new Error(`prometheus did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    ask: async (expression) => {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await answer.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    stop: () => {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
