/** What an agent's author writes: a skill is an async generator that yields the parts of its answer. */

/** Text is appended to the answer; an object becomes a part with data. */
export type AnswerPart = string | Readonly<Record<string, unknown>>;

/** What a caller wants of a skill. */
export interface SkillRequest {
  readonly skill: string;
  /** The texts of the message, a line each. */
  readonly text: string;
  /** Its data parts. */
  readonly data: readonly unknown[];
  /** Also the key under which whatever must not be done twice is done once: a resumed task keeps it. */
  readonly taskId: string;
  readonly contextId: string;
  readonly caller: string;
  /** Whether another replica began this task. What it wrote is replaced by what this run yields. */
  readonly resumed: boolean;
  /** Texts of the caller's earlier messages to this task, oldest first. */
  readonly earlier: readonly string[];
  /** Aborted when nobody needs the answer any more. */
  readonly signal: AbortSignal;
}

export type Skill = (request: SkillRequest) => AsyncIterable<AnswerPart>;

/** Ends a turn with a question: the caller answers with another message to the same task. */
export class NeedsInput extends Error {}

/** Ends a task because the agent won't do it; the message says why. */
export class Rejected extends Error {}
