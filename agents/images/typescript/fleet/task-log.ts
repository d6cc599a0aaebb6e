/** Tasks and their events, shared by all replicas: the SDK's own stores know neither versions nor events. */
import type {
  ListTasksRequest,
  ListTasksResponse,
  TaskState as State,
  StreamResponse,
  Task,
} from "@a2a-js/sdk";
import { TaskState } from "@a2a-js/sdk";

export interface StoredTask {
  readonly task: Task;
  /** Counts the writes to the task. */
  readonly version: number;
}

export interface StoredEvent {
  /** Of the task, once the event was applied. */
  readonly version: number;
  readonly event: StreamResponse;
}

/** A write that came too late: somebody else has changed the task, or it is somebody else's. */
export class StaleWrite extends Error {}

export interface TaskLog {
  load(taskId: string, owner: string): Promise<StoredTask | undefined>;
  /**
   * Writes a task if nobody wrote it since `version` (0: it is new), together with the event that led to it. A write
   * that cancels needs no version, and changes only the status of a task that has one. A task that has ended takes none.
   *
   * @throws StaleWrite
   */
  save(task: Task, event: StreamResponse | undefined, version: number, owner: string): Promise<number>;
  /** An owner's tasks, latest change first. */
  list(params: ListTasksRequest, owner: string): Promise<ListTasksResponse>;
  /** A task's events after a version, oldest first. */
  events(taskId: string, after: number): Promise<StoredEvent[]>;
  /** Calls back when a task may have new events, until what it returns is called. */
  watch(taskId: string, changed: () => void): () => void;
}

export const ENDED: ReadonlySet<State | undefined> = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
]);
/** Nobody works on a task that waits for its caller, so it needs no lease. */
export const RESTING: ReadonlySet<State | undefined> = new Set([
  ...ENDED,
  TaskState.TASK_STATE_INPUT_REQUIRED,
  TaskState.TASK_STATE_AUTH_REQUIRED,
]);

/** Who watches which task, in this process. */
export class Watchers {
  private readonly waiting = new Map<string, Set<() => void>>();

  watch(taskId: string, changed: () => void): () => void {
    const watching = this.waiting.get(taskId) ?? new Set();
    this.waiting.set(taskId, watching.add(changed));
    return () => {
      watching.delete(changed);
      if (watching.size === 0) this.waiting.delete(taskId);
    };
  }

  tell(taskId: string): void {
    for (const changed of this.waiting.get(taskId) ?? []) changed();
  }

  tellAll(): void {
    for (const taskId of this.waiting.keys()) this.tell(taskId);
  }
}
