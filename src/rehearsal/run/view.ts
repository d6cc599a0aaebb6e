import logUpdate from "log-update";
import pc from "picocolors";

/** Where a phase is. */
export interface ProgressStep {
  readonly text: string;
  readonly done?: number;
  readonly total?: number;
}

/** What a person sees while a rehearsal works. */
export interface RehearsalView {
  /** A phase begins. */
  begin(title: string): void;
  /** Something happens within it; `total` is known once Terraform has planned. */
  progress(step: ProgressStep): void;
  /** The phase has ended. */
  end(outcome: { readonly ok: boolean; readonly detail?: string }): void;
  /** A line that stays. */
  say(line: string): void;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const TITLE_WIDTH = 34;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
/** Without a terminal, how often a long phase says where it is. */
const PLAIN_STEP_MS = 3000;

/** Follows the work on a terminal: one moving line below the finished ones. */
export function liveView(stream: NodeJS.WriteStream = process.stdout): RehearsalView {
  let timer: NodeJS.Timeout | undefined;
  let title = "";
  let started = 0;
  let frame = 0;
  let step: ProgressStep = { text: "" };
  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    const counts = step.total === undefined ? "" : `${step.done ?? 0}/${step.total}`;
    const line = `${title.padEnd(TITLE_WIDTH)} ${counts.padStart(7)}  ${seconds(Date.now() - started).padStart(7)}  `;
    const room = (stream.columns ?? 80) - line.length - 3;
    const text = room < 8 ? "" : step.text.length > room ? `${step.text.slice(0, room - 1)}…` : step.text;
    logUpdate(`${pc.cyan(FRAMES[frame] ?? "")} ${line}${pc.dim(text)}`);
  };
  return {
    begin: (next) => {
      title = next;
      started = Date.now();
      step = { text: "" };
      timer = setInterval(draw, FRAME_MS);
      draw();
    },
    progress: (next) => {
      step = next;
    },
    end: ({ ok, detail }) => {
      clearInterval(timer);
      const mark = ok ? pc.green("✔") : pc.red("✘");
      const time = seconds(Date.now() - started).padStart(7);
      logUpdate(`${mark} ${title.padEnd(TITLE_WIDTH)} ${" ".repeat(7)}  ${time}  ${detail ?? ""}`.trimEnd());
      logUpdate.done();
    },
    say: (line) => {
      logUpdate.clear();
      stream.write(`${line}\n`);
    },
  };
}

/** Plain lines: the start and end of each phase, and now and then where a long one is. */
export function plainView(write: (line: string) => void = (line) => console.log(line)): RehearsalView {
  let title = "";
  let started = 0;
  let spoke = 0;
  return {
    begin: (next) => {
      title = next;
      started = spoke = Date.now();
      write(`… ${title}`);
    },
    progress: ({ text, done, total }) => {
      if (Date.now() - spoke < PLAIN_STEP_MS) return;
      spoke = Date.now();
      write(`  ${title}: ${total === undefined ? "" : `${done ?? 0}/${total} `}${text}`);
    },
    end: ({ ok, detail }) => {
      const time = seconds(Date.now() - started);
      write(`${ok ? "✔" : "✘"} ${title} (${time})${detail === undefined ? "" : ` ${detail}`}`);
    },
    say: write,
  };
}
