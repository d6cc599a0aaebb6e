/** Writes what a skill yields to the task, in pieces that are worth a write. */
import type { Part } from "@a2a-js/sdk";
import type { ExecutionEventBus } from "@a2a-js/sdk/server";
import { artifactEvent, dataPart, type TaskIds, textPart } from "./parts.js";
import type { AnswerPart } from "./skill.js";

const ARTIFACT_ID = "answer";
/** A model yields a word at a time, and each write costs the store a whole task: what comes within it is one. */
const MS_BETWEEN_WRITES = 250;

/** The one artifact of a task. */
export class Answer {
  private held: Part[] = [];
  private begun = false;
  private written = Number.NEGATIVE_INFINITY;
  private later: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: ExecutionEventBus,
    private readonly ids: TaskIds,
  ) {}

  /** Adds to the answer; the caller sees it at once, or with what else comes within the next moment. */
  add(part: AnswerPart): void {
    const last = this.held.at(-1)?.content;
    if (typeof part === "string" && last?.$case === "text") last.value += part;
    else this.held.push(typeof part === "string" ? textPart(part) : dataPart(part));
    const wait = this.written + MS_BETWEEN_WRITES - Date.now();
    if (wait <= 0) this.flush();
    else this.later ??= setTimeout(() => this.flush(), wait);
  }

  /** Writes what is held back. */
  flush(): void {
    clearTimeout(this.later);
    this.later = undefined;
    if (this.held.length === 0) return;
    // The first piece replaces what a replica that is gone may have written.
    this.bus.publish(artifactEvent(this.ids, ARTIFACT_ID, this.held, this.begun));
    this.held = [];
    this.begun = true;
    this.written = Date.now();
  }

  /** Drops what is held back: the task has ended, or is no longer this replica's. */
  discard(): void {
    clearTimeout(this.later);
    this.held = [];
  }
}
