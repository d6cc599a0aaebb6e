/** Writes what an executor publishes to the task, one event after another. */

import type { Message, StreamResponse, Task } from "@a2a-js/sdk";
import type {
  AgentExecutionEvent,
  ExecutionEventBus,
  ServerCallContext,
  TaskStore,
} from "@a2a-js/sdk/server";
import { DefaultExecutionEventBus, ResultManager } from "@a2a-js/sdk/server";
import { log } from "./logs.js";
import { ENDED, StaleWrite, type StoredTask, type TaskLog } from "./task-log.js";

/** Called with every event that was written, and the task as it is since. */
export type Written = (event: StreamResponse, task: Task) => void;

/**
 * A bus for the SDK's executors that writes each event before anybody hears of it. The SDK's own handler writes only
 * while a client listens, and knows no versions.
 */
export class TaskWriter {
  /** Where the executor publishes. */
  readonly bus: ExecutionEventBus = new DefaultExecutionEventBus();
  private readonly results: ResultManager;
  private pending: Promise<void> = Promise.resolve();
  private writing: StreamResponse | undefined;
  private closed = false;

  /**
   * @param stored the task as it is, if there is one.
   * @param lost called once when somebody else has ended the task.
   */
  constructor(
    private readonly tasks: TaskLog,
    private readonly owner: string,
    context: ServerCallContext,
    message: Message | undefined,
    private stored: StoredTask | undefined,
    private readonly written: Written,
    private readonly lost: () => void,
  ) {
    this.results = new ResultManager(this.storeForSdk(), context);
    if (message !== undefined) this.results.setContext(message);
    this.bus.on("event", (event) => {
      this.pending = this.pending.then(() => this.write(event));
    });
  }

  /** Waits until everything that was published is written. */
  async flush(): Promise<void> {
    await this.pending;
  }

  /** Writes nothing any more: the task is somebody else's. */
  close(): void {
    this.closed = true;
  }

  private async write(event: AgentExecutionEvent): Promise<void> {
    if (this.closed) return;
    const response = responseOf(event);
    try {
      await this.writeOnce(event, response);
    } catch (error) {
      if (error instanceof StaleWrite && (await this.reload())) {
        return this.writeOnce(event, response).catch((again) => this.giveUp(again));
      }
      this.giveUp(error);
    }
  }

  private async writeOnce(event: AgentExecutionEvent, response: StreamResponse): Promise<void> {
    this.writing = response;
    await this.results.processEvent(event);
    if (this.stored !== undefined) this.written(this.writing ?? response, this.stored.task);
  }

  /** Whether the task, changed by somebody else, may still be written to. */
  private async reload(): Promise<boolean> {
    if (this.stored === undefined) return false;
    this.stored = await this.tasks.load(this.stored.task.id, this.owner);
    return this.stored !== undefined && !ENDED.has(this.stored.task.status?.state);
  }

  private giveUp(error: unknown): void {
    this.closed = true;
    if (!(error instanceof StaleWrite)) log.error({ err: error }, "a task can't be written");
    this.lost();
  }

  /** The SDK's way of applying events to a task, on the version that this writer knows. */
  private storeForSdk(): TaskStore {
    return {
      load: async () => structuredClone(this.stored?.task),
      save: async (task) => {
        // A whole task is told as it is now, with what it had before.
        if (this.writing?.payload?.$case === "task")
          this.writing = { payload: { $case: "task", value: task } };
        const version = await this.tasks.save(task, this.writing, this.stored?.version ?? 0, this.owner);
        this.stored = { task: structuredClone(task), version };
      },
      list: async () => ({ tasks: [], nextPageToken: "", pageSize: 0, totalSize: 0 }),
    };
  }
}

function responseOf(event: AgentExecutionEvent): StreamResponse {
  switch (event.kind) {
    case "task":
      return { payload: { $case: "task", value: event.data } };
    case "statusUpdate":
      return { payload: { $case: "statusUpdate", value: event.data } };
    case "artifactUpdate":
      return { payload: { $case: "artifactUpdate", value: event.data } };
    case "message":
      return { payload: { $case: "message", value: event.data } };
  }
}
