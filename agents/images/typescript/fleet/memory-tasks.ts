/** Tasks of a process that keeps them to itself. */
import {
  type ListTasksRequest,
  type ListTasksResponse,
  type StreamResponse,
  type Task,
  TaskState,
} from "@a2a-js/sdk";
import { InMemoryTaskStore, ServerCallContext } from "@a2a-js/sdk/server";
import { Caller } from "./auth.js";
import { ENDED, StaleWrite, type StoredEvent, type StoredTask, type TaskLog, Watchers } from "./task-log.js";

/** What the SDK's store doesn't keep of a task. */
interface Versions {
  readonly version: number;
  readonly owner: string;
  readonly events: StoredEvent[];
  /** As it was written last. */
  readonly task: Task;
}

/** The SDK's store in memory, with versions and events beside it. */
export class MemoryTaskLog implements TaskLog {
  private readonly store = new InMemoryTaskStore();
  private readonly versions = new Map<string, Versions>();
  private readonly watchers = new Watchers();

  async load(taskId: string, owner: string): Promise<StoredTask | undefined> {
    const task = await this.store.load(taskId, contextOf(owner));
    const version = this.versions.get(taskId)?.version;
    return task === undefined || version === undefined ? undefined : { task, version };
  }

  async save(task: Task, event: StreamResponse | undefined, version: number, owner: string): Promise<number> {
    const known = this.versions.get(task.id);
    const cancels = task.status?.state === TaskState.TASK_STATE_CANCELED;
    if (known !== undefined && known.owner !== owner) throw new StaleWrite();
    // However a task ended, that stays.
    if (ENDED.has(known?.task.status?.state)) throw new StaleWrite();
    let written = task;
    if ((known?.version ?? 0) !== version) {
      if (!cancels || known === undefined) throw new StaleWrite();
      written = { ...known.task, status: task.status };
    }
    const next = (known?.version ?? 0) + 1;
    const events = known?.events ?? [];
    if (event !== undefined) events.push({ version: next, event: structuredClone(event) });
    // Nothing is awaited up to here: no other write comes between what was found and what is kept.
    this.versions.set(task.id, { version: next, owner, events, task: structuredClone(written) });
    await this.store.save(written, contextOf(owner));
    this.watchers.tell(task.id);
    return next;
  }

  list(params: ListTasksRequest, owner: string): Promise<ListTasksResponse> {
    return this.store.list(params, contextOf(owner));
  }

  async events(taskId: string, after: number): Promise<StoredEvent[]> {
    return structuredClone(
      (this.versions.get(taskId)?.events ?? []).filter(({ version }) => version > after),
    );
  }

  watch(taskId: string, changed: () => void): () => void {
    return this.watchers.watch(taskId, changed);
  }
}

/** A context for work on an owner's tasks, for the SDK's own stores. */
export function contextOf(owner: string): ServerCallContext {
  return new ServerCallContext({ user: new Caller(owner), requestedVersion: "1.0" });
}
