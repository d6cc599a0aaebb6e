import { setTimeout as pause } from "node:timers/promises";
import { correctTheName } from "../correction";
import type { EnvironmentFacts } from "../environment/environment-facts";
import { FleetError } from "../problem";

/** A program that is run in a caller's place. */
export interface CallerProgram {
  /** Image that has what it needs. */
  readonly image: string;
  readonly command: readonly string[];
  /** Besides those that the caller has. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Where a deployed caller is, and how a job comes to be to everybody else there what the caller is. */
export interface ICallerPlace {
  /** What only the cloud knew. */
  readonly facts: EnvironmentFacts;
  /** The job, as the cloud is asked for it. */
  readonly job: (program: CallerProgram) => object;
  /**
   * Makes the job, starts it, reads what it says until that can be read, and removes it whatever comes of it.
   *
   * @throws FleetError when it can't be made, ends without saying it, takes too long, or somebody stops the command
   */
  readonly ask: <T>(program: CallerProgram, read: (lines: readonly string[]) => T | undefined) => Promise<T>;
}

/** How somebody waits for a job. */
export interface Patience {
  /** Tells how far it is, for people. */
  readonly tell: (text: string) => void;
  /** Milliseconds between two looks. */
  readonly pauseMs: number;
  /** Milliseconds after which nothing is expected any more. */
  readonly longestMs: number;
}

/** Seconds that a job in a caller's place may take. */
export const LONGEST_JOB_SECONDS = 300;

/** As a person waits: images are pulled, and rights take a while to arrive. */
export const patient: Patience = {
  tell: (text) => void process.stderr.write(`${text}\n`),
  pauseMs: 2000,
  longestMs: (LONGEST_JOB_SECONDS + 120) * 1000,
};

/** Waits between two looks, as long as it is worth it. */
export interface Waiting {
  /** @throws when the time is up, or somebody stopped the command */
  readonly next: () => Promise<void>;
}

/** Something that is there for a while. */
export interface Removable {
  /** What it is, for messages. */
  readonly named: string;
  /** Removes it and says whether it was there; throws with the reason when it still is. */
  readonly remove: () => Promise<boolean>;
  /** How somebody removes it who is told that it is still there. */
  readonly byHand: string;
}

/** A job of one cloud, from its making to its removal. */
export interface JobSteps<T> extends Removable {
  /** What it is made in, for people. */
  readonly where: string;
  readonly make: (waiting: Waiting) => Promise<void>;
  /** Its execution. */
  readonly start: () => Promise<string>;
  /** What the execution says, once that can be read. */
  readonly follow: (execution: string, waiting: Waiting) => Promise<T>;
}

/** Makes a job, starts it and reads what it says; it is removed whatever comes of it. */
export function askByJob<T>(
  patience: Patience,
  { where, make, start, follow, ...removable }: JobSteps<T>,
): Promise<T> {
  const { named } = removable;
  return withRemoval(patience, removable, async (waiting) => {
    patience.tell(`making ${named} in ${where} …`);
    await make(waiting);
    const execution = await start();
    patience.tell(`${named} is started; it pulls its image, and asks …`);
    return follow(execution, waiting);
  });
}

/** Makes something and works with it; it is removed whatever comes of it, also when somebody presses Ctrl-C. */
async function withRemoval<T>(
  { tell, pauseMs, longestMs }: Patience,
  { named, remove, byHand }: Removable,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  // npm passes on what the terminal has sent already: one Ctrl-C arrives twice, and must not end the removal.
  const stop = () => {
    if (!stopping.signal.aborted) tell(`stopping: ${named} is removed first …`);
    stopping.abort();
  };
  for (const signal of STOPS) process.on(signal, stop);
  const ends = Date.now() + longestMs;
  const next = async () => {
    if (Date.now() > ends) throw insideRefusal("verify-inside-in-time", tooLong(named, longestMs));
    await pause(pauseMs, undefined, { signal: stopping.signal });
  };
  try {
    return await work({ next });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    throw insideRefusal("verify-inside-was-stopped", "somebody stopped it; run it again");
  } finally {
    try {
      if (await remove()) tell(`${named} is removed`);
    } catch (error) {
      tell(`${named} is still there (${(error as Error).message}); remove it: ${byHand}`);
    }
    for (const signal of STOPS) process.off(signal, stop);
  }
}

const STOPS = ["SIGINT", "SIGTERM"] as const;

function tooLong(named: string, longestMs: number): string {
  return `${named} said nothing for ${Math.round(longestMs / 1000)} s; look at what its platform says of it, and run it again`;
}

/** Name of a job in a caller's place: the caller's, as far as there is room, and when it was made. */
export function callerJobName(caller: string, most: number, now: Date): string {
  const end = `-verify-${Math.floor(now.getTime() / 1000).toString(36)}`;
  return `${caller.slice(0, most - end.length).replace(/-+$/, "")}${end}`;
}

/** A caller that isn't there, and whoever is: `missing` says what was looked for, and where. */
export function noSuchCaller(
  missing: string,
  name: string,
  there: readonly string[],
  environment: string,
): FleetError {
  const what =
    there.length === 0
      ? `deploy '${environment}' first`
      : `it has ${there.join(", ")}: ${correctTheName(name, there)}, or deploy '${environment}' again`;
  return insideRefusal("verify-inside-finds-the-caller", `there is no ${missing}; ${what}`);
}

/** What it said last, for messages. */
export function lastOf(lines: readonly string[]): string {
  const text = lines.join("\n").trim();
  return text === "" ? "nothing" : text.slice(-2000);
}

/** Whether a cloud's answer to a look is one for good: what isn't there yet, or is asked too often, comes later. */
export function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 404 && status !== 429;
}

/** Whether a cloud didn't do as it was told. */
export function isFailure(status: number): boolean {
  return status >= 300;
}

/** Something that keeps everything from being asked from inside. */
export function insideRefusal(rule: string, message: string): FleetError {
  return new FleetError("nothing is verified from inside", [{ rule, message }]);
}
