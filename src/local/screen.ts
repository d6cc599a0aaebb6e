import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import pc from "picocolors";
import type { AgentStatus } from "./run-fleet";

/** Lines that pass, and below them, where somebody looks at it, how every agent is. */
export interface Screen {
  readonly line: (part: string, text: string) => void;
  readonly stop: () => void;
}

const MS_BETWEEN_LOOKS = 500;

/** Writes to a terminal; to anything else only the lines. */
export function startScreen(
  output: NodeJS.WriteStream,
  status: () => readonly AgentStatus[],
  width: number,
): Screen {
  const write = (part: string, text: string) =>
    output.write(`${pc.cyan(part.padEnd(width))} ${pc.dim("│")} ${readable(text)}\n`);
  if (!output.isTTY) return { line: write, stop: () => {} };
  const below = createLogUpdate(output);
  const draw = () => below(statusTable(status()));
  const timer = setInterval(draw, MS_BETWEEN_LOOKS);
  return {
    line: (part, text) => {
      below.clear();
      write(part, text);
      draw();
    },
    stop: () => {
      clearInterval(timer);
      below.clear();
      below.done();
    },
  };
}

/** How every agent is. */
function statusTable(agents: readonly AgentStatus[]): string {
  const table = new Table({
    head: ["agent", "state", "runs as", "calls", "streams", "last caller", "address"],
    style: { head: [], border: ["gray"], compact: true },
  });
  for (const { name, state, program, counts, url } of agents) {
    const { calls, streams, lastCaller } = counts;
    table.push([name, colored(state), program, calls, streams, lastCaller ?? "", url]);
  }
  return table.toString();
}

function colored(state: string): string {
  if (state === "ready") return pc.green(state);
  return state === "starting" ? pc.yellow(state) : pc.red(state);
}

const LEVELS: Readonly<Record<string, (text: string) => string>> = {
  error: pc.red,
  critical: pc.red,
  fatal: pc.red,
  warning: pc.yellow,
  warn: pc.yellow,
};

/** What agents log is a JSON object a line: level, words, and the task if it is about one. */
function readable(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const words = entry.message ?? entry.msg;
  if (typeof words !== "string") return line;
  const level = String(entry.level ?? "").toLowerCase();
  const task = entry.task_id === undefined ? "" : pc.dim(` task ${entry.task_id}`);
  const paint = LEVELS[level] ?? ((text: string) => text);
  return `${paint(level)} ${words}${task}`;
}
