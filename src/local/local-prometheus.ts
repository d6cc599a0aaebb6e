import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { listening } from "./local-redis";
import { type Part, startPart } from "./part";

/** A Prometheus that runs with the fleet. */
export interface RunningPrometheus {
  readonly part: Part;
  /** Its page, for people. */
  readonly url: string;
  readonly remove: () => void;
}

/** Starts a Prometheus that reads the agents' metrics every five seconds. @param ports where each agent has them, by its name */
export async function startPrometheus(
  ports: ReadonlyMap<string, number>,
  onLine: (line: string) => void,
): Promise<RunningPrometheus> {
  const { folder, remove } = temporaryFolder("prometheus");
  const port = await freePort();
  const file = join(folder, "prometheus.yml");
  const jobs = [...ports].map(([agent, metrics]) => ({
    job_name: agent,
    static_configs: [{ targets: [`127.0.0.1:${metrics}`] }],
  }));
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ global: { scrape_interval: "5s" }, scrape_configs: jobs }));
  const data = join(folder, "data");
  const part = startPart({
    name: "prometheus",
    program: "prometheus",
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    folder,
    variables: { PATH: process.env.PATH ?? "", HOME: folder },
    onLine,
  });
  await listening(port, part);
  return { part, url: `http://127.0.0.1:${port}`, remove };
}
