import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildImage } from "./image";

const CLIENTS = join(__dirname, "..", "clients");

/**
 * Runs a client script on the Python SDK that the image has, or another Python, and returns its last line.
 *
 * @param onLine called with each line but the last one's end, as it comes.
 * @throws Error with what it said, if it failed.
 */
export function runPythonClient<T>(
  script: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
  python = join(buildImage("python").folder, ".venv", "bin", "python"),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [join(CLIENTS, script), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data) => {
      const lines = String(data).split("\n").filter(Boolean);
      output += data;
      for (const line of lines) onLine(line);
    });
    child.stderr.on("data", (data) => {
      errors += data;
    });
    child.once("close", (code) => {
      if (code !== 0) reject(new Error(`${script} ended with ${code}: ${errors}`));
      else resolve(JSON.parse(output.trim().split("\n").at(-1) ?? "null") as T);
    });
  });
}
