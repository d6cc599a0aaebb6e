/**
 * The protocol's operations over tasks that several replicas share.
 *
 * It stands where the SDK has its `DefaultRequestHandler`, and takes the same executors. That one streams from a bus in
 * its own process and writes tasks without versions; here every stream is read from the task's events in the store, so
 * it is the same at whichever replica it is open, and goes on when another one takes the task over.
 */
import { randomUUID } from "node:crypto";
import {
  type AgentCard,
  type CancelTaskRequest,
  type DeleteTaskPushNotificationConfigRequest,
  type GetTaskPushNotificationConfigRequest,
  type GetTaskRequest,
  type ListTaskPushNotificationConfigsRequest,
  type ListTaskPushNotificationConfigsResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type Message,
  Role,
  type SendMessageRequest,
  type StreamResponse,
  type SubscribeToTaskRequest,
  type Task,
  type TaskPushNotificationConfig,
  TaskState,
} from "@a2a-js/sdk";
import {
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from "@a2a-js/sdk/errors";
import {
  type A2ARequestHandler,
  type AgentExecutor,
  type PushNotificationSender,
  type PushNotificationStore,
  RequestContext,
  ServerCallContext,
} from "@a2a-js/sdk/server";
import { RUN_STATE, type RunState, type Stop } from "./executor.js";
import type { Lease, LeaseBook } from "./leases.js";
import { log } from "./logs.js";
import { contextOf } from "./memory-tasks.js";
import type { Metrics } from "./metrics.js";
import { ownerOf } from "./owner.js";
import { statusOf } from "./parts.js";
import { checkPushUrl } from "./push.js";
import { requestScope } from "./request-scope.js";
import type { Settings } from "./settings.js";
import { ENDED, RESTING, StaleWrite, type StoredTask, type TaskLog } from "./task-log.js";
import { TaskWriter } from "./task-writer.js";

/** A task that this process works on. */
export interface Run {
  readonly stop: (why: Stop) => void;
  /** Settled once everything that the executor published is written. */
  readonly done: Promise<void>;
}

/** What the handler works with. */
export interface HandlerParts {
  readonly settings: Settings;
  readonly card: AgentCard;
  readonly tasks: TaskLog;
  readonly leases: LeaseBook;
  readonly executor: AgentExecutor;
  readonly pushConfigs: PushNotificationStore;
  readonly pushSender: PushNotificationSender;
  readonly metrics: Metrics;
}

const MOST_PER_PAGE = 100;
/** Who works on a task, or takes it over, ends it a moment after its deadline. */
const SPARE_MS = 5000;

export class FleetRequestHandler implements A2ARequestHandler {
  readonly runs = new Map<string, Run>();
  private readonly closing = new AbortController();

  constructor(private readonly parts: HandlerParts) {}

  getAgentCard = async (): Promise<AgentCard> => this.parts.card;

  async getAuthenticatedExtendedAgentCard(): Promise<AgentCard> {
    throw new UnsupportedOperationError("This agent has no other card than the public one.");
  }

  async sendMessage(params: SendMessageRequest, context: ServerCallContext): Promise<Task> {
    const { taskId, after } = await this.start(params, context);
    for await (const response of this.follow(taskId, after)) {
      if (params.configuration?.returnImmediately || isLast(response)) break;
    }
    return withHistory((await this.find(taskId, context)).task, params.configuration?.historyLength);
  }

  async *sendMessageStream(
    params: SendMessageRequest,
    context: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void> {
    this.demandStreaming();
    const { taskId, after } = await this.start(params, context);
    yield* this.counted(this.follow(taskId, after));
  }

  async *resubscribe(
    params: SubscribeToTaskRequest,
    context: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void> {
    this.demandStreaming();
    const { task, version } = await this.find(params.id, context);
    if (ENDED.has(task.status?.state)) {
      throw new UnsupportedOperationError(
        `Task ${task.id} is in a terminal state and cannot be subscribed to.`,
      );
    }
    const follow = this.follow(task.id, version);
    yield* this.counted(
      (async function* () {
        yield { payload: { $case: "task" as const, value: task } };
        yield* follow;
      })(),
    );
  }

  async getTask(params: GetTaskRequest, context: ServerCallContext): Promise<Task> {
    return withHistory((await this.find(params.id, context)).task, params.historyLength);
  }

  async listTasks(params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> {
    const pageSize = params.pageSize ?? 50;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MOST_PER_PAGE) {
      throw new RequestMalformedError(`pageSize must be between 1 and ${MOST_PER_PAGE}`);
    }
    if (params.status !== undefined && TaskState[params.status] === undefined) {
      throw new RequestMalformedError(`Invalid status filter: ${String(params.status)}`);
    }
    if (params.statusTimestampAfter && Number.isNaN(Date.parse(params.statusTimestampAfter))) {
      throw new RequestMalformedError("statusTimestampAfter must be a valid ISO 8601 date string");
    }
    const page = await this.parts.tasks.list({ ...params, pageSize }, ownerOf(context));
    return { ...page, tasks: page.tasks.map((task) => withHistory(task, params.historyLength)) };
  }

  async cancelTask(params: CancelTaskRequest, context: ServerCallContext): Promise<Task> {
    const { task, version } = await this.find(params.id, context);
    if (ENDED.has(task.status?.state)) throw new TaskNotCancelableError(`Task not cancelable: ${task.id}`);
    this.runs.get(task.id)?.stop("canceled");
    const ids = { taskId: task.id, contextId: task.contextId };
    const status = statusOf(TaskState.TASK_STATE_CANCELED, ids, "canceled by its caller");
    const canceled = {
      ...task,
      status,
      history: [...task.history, ...(status.message ? [status.message] : [])],
    };
    const event: StreamResponse = {
      payload: { $case: "statusUpdate", value: { ...ids, status, metadata: undefined } },
    };
    try {
      await this.save(canceled, event, version, ownerOf(context));
    } catch (error) {
      if (error instanceof StaleWrite) throw new TaskNotCancelableError(`Task not cancelable: ${task.id}`);
      throw error;
    }
    return (await this.find(task.id, context)).task;
  }

  async createTaskPushNotificationConfig(
    params: TaskPushNotificationConfig,
    context: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    await this.find(params.taskId, context);
    await this.keepPushConfig(params.taskId, params, context);
    return structuredClone(params);
  }

  async getTaskPushNotificationConfig(
    params: GetTaskPushNotificationConfigRequest,
    context: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    await this.find(params.taskId, context);
    const configs = await this.parts.pushConfigs.load(params.taskId, context);
    const config = configs.find(({ id }) => id === params.id);
    if (config === undefined) throw new TaskNotFoundError(`Push configuration not found: ${params.id}`);
    return config;
  }

  async listTaskPushNotificationConfigs(
    params: ListTaskPushNotificationConfigsRequest,
    context: ServerCallContext,
  ): Promise<ListTaskPushNotificationConfigsResponse> {
    await this.find(params.taskId, context);
    return { configs: await this.parts.pushConfigs.load(params.taskId, context), nextPageToken: "" };
  }

  async deleteTaskPushNotificationConfig(
    params: DeleteTaskPushNotificationConfigRequest,
    context: ServerCallContext,
  ): Promise<void> {
    await this.find(params.taskId, context);
    await this.parts.pushConfigs.delete(params.taskId, context, params.id);
  }

  /** Works on a task that another replica began. */
  resume(lease: Lease, stored: StoredTask): void {
    const said = stored.task.history.filter(({ role }) => role === Role.ROLE_USER);
    const message = said.at(-1);
    if (message !== undefined)
      this.run(lease, stored, { message } as SendMessageRequest, contextOf(lease.owner));
  }

  /** Ends a task that nobody works on any more. False if it was changed meanwhile. */
  async fail(lease: Lease, { task, version }: StoredTask, reason: string): Promise<boolean> {
    const ids = { taskId: task.id, contextId: task.contextId };
    const status = statusOf(TaskState.TASK_STATE_FAILED, ids, reason);
    const failed = {
      ...task,
      status,
      history: [...task.history, ...(status.message ? [status.message] : [])],
    };
    const event: StreamResponse = {
      payload: { $case: "statusUpdate", value: { ...ids, status, metadata: undefined } },
    };
    try {
      await this.save(failed, event, version, lease.owner);
    } catch (error) {
      if (error instanceof StaleWrite) return false;
      throw error;
    }
    return true;
  }

  /** Ends every open stream with an event after which its client can subscribe to the task elsewhere. */
  closeStreams(): void {
    this.closing.abort();
  }

  /** Begins work on a message, and says after which version of the task its events come. */
  private async start(
    params: SendMessageRequest,
    context: ServerCallContext,
  ): Promise<{ taskId: string; after: number }> {
    const message = this.checkMessage(params.message);
    const owner = ownerOf(context);
    const stored = message.taskId ? await this.find(message.taskId, context) : undefined;
    if (stored !== undefined) checkTurn(message, stored.task);
    const taskId = stored?.task.id ?? randomUUID();
    const contextId = message.contextId || stored?.task.contextId || randomUUID();
    // Before the first write: a task that is written has a lease, or nobody would miss its replica.
    const lease = await this.parts.leases.claim(taskId, owner, this.parts.settings.taskTimeoutMs);
    if (lease === undefined) throw new UnsupportedOperationError(BUSY);
    const request = { ...params, message: { ...message, taskId, contextId } };
    const pushConfig = params.configuration?.taskPushNotificationConfig;
    if (pushConfig !== undefined) await this.keepPushConfig(taskId, structuredClone(pushConfig), context);
    const current = stored && (await this.addTurn(stored, request.message, owner));
    this.run(lease, current, request, context);
    return { taskId, after: current?.version ?? 0 };
  }

  private checkMessage(message: Message | undefined): Message {
    if (!message?.messageId) throw new RequestMalformedError("message.messageId is required.");
    const known = this.parts.settings.skillIds;
    const skill = message.metadata?.skill;
    if (skill !== undefined && !known.includes(String(skill))) {
      throw new RequestMalformedError(`skill '${skill}' is not one of this agent's: ${known.join(", ")}`);
    }
    return message;
  }

  private async addTurn({ task, version }: StoredTask, message: Message, owner: string): Promise<StoredTask> {
    const longer = { ...task, history: [...task.history, message] };
    try {
      return { task: longer, version: await this.parts.tasks.save(longer, undefined, version, owner) };
    } catch (error) {
      if (error instanceof StaleWrite) throw new UnsupportedOperationError(BUSY);
      throw error;
    }
  }

  private run(
    lease: Lease,
    stored: StoredTask | undefined,
    request: SendMessageRequest,
    context: ServerCallContext,
  ): void {
    const { taskId, owner } = lease;
    const controller = new AbortController();
    const stop = (why: Stop) => controller.abort(why);
    const state: RunState = { signal: controller.signal, resumed: lease.runs > 1 };
    const runContext = new ServerCallContext({
      user: context.user,
      requestedVersion: context.requestedVersion,
      state: new Map([...context.state, [RUN_STATE, state]]),
    });
    const contextId = request.message?.contextId || stored?.task.contextId || "";
    const writer = new TaskWriter(
      this.parts.tasks,
      owner,
      runContext,
      request.message,
      stored,
      (event, task) => this.afterWrite(event, task, owner),
      () => stop("lost"),
    );
    const deadline = setTimeout(() => stop("deadline"), Math.max(lease.msLeft, 0));
    controller.signal.addEventListener("abort", () => {
      if (controller.signal.reason !== "deadline" && controller.signal.reason !== "shutdown") writer.close();
    });
    const execute = () =>
      this.parts.executor
        .execute(new RequestContext(request, taskId, contextId, runContext, stored?.task), writer.bus)
        .catch((error: unknown) => log.error({ err: error }, "the executor failed"))
        .then(() => writer.flush())
        .finally(() => {
          clearTimeout(deadline);
          this.runs.delete(taskId);
          this.parts.metrics.set("a2a_active_tasks", this.runs.size);
        });
    const scope = { ...requestScope.getStore(), signal: undefined, taskId, contextId };
    this.runs.set(taskId, { stop, done: requestScope.run(scope, execute) });
    this.parts.metrics.set("a2a_active_tasks", this.runs.size);
  }

  /** Writes what isn't an executor's to write. */
  private async save(task: Task, event: StreamResponse, version: number, owner: string): Promise<void> {
    await this.parts.tasks.save(task, event, version, owner);
    this.afterWrite(event, task, owner);
  }

  /** A lease ends once the task's last state is written, and not before: a replica that dies in between leaves a lease
   * behind, never a task that nobody looks for. */
  private afterWrite(event: StreamResponse, task: Task, owner: string): void {
    const { leases, metrics, pushSender } = this.parts;
    const state = task.status?.state;
    if (event.payload?.$case === "statusUpdate" || event.payload?.$case === "task") {
      log.info({ taskId: task.id, state: nameOf(state), caller: owner }, "a task is in a state");
    }
    if (RESTING.has(state) && event.payload?.$case === "statusUpdate") {
      leases.release(task.id).then(
        (ageMs) => {
          if (state === undefined || !ENDED.has(state)) return;
          const label = { state: nameOf(state) };
          metrics.count("a2a_tasks_total", label);
          if (ageMs === undefined) return;
          const measured = "a2a_task_duration_seconds";
          metrics.observe(measured, ageMs / 1000, label);
          log.info({ taskId: task.id, measured, seconds: ageMs / 1000, ...label }, "a task ended");
        },
        () => metrics.count("a2a_store_errors_total", { operation: "release" }),
      );
    }
    pushSender.send(event, contextOf(owner), task).catch((error: unknown) => {
      log.warn({ err: error }, "a notification can't be sent");
    });
  }

  /** Every event of a task after a version, until its last, or nothing has happened for as long as a task may take. */
  private async *follow(taskId: string, after: number): AsyncGenerator<StreamResponse, void> {
    const gone = requestScope.getStore()?.signal;
    const quiet = new AbortController();
    const end = AbortSignal.any([this.closing.signal, quiet.signal, ...(gone === undefined ? [] : [gone])]);
    let version = after;
    let wake = () => {};
    let changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const unwatch = this.parts.tasks.watch(taskId, () => wake());
    const stopped = new Promise<void>((resolve) => {
      end.addEventListener("abort", () => resolve(), { once: true });
    });
    const silence = () => setTimeout(() => quiet.abort(), this.parts.settings.taskTimeoutMs + SPARE_MS);
    let silent = silence();
    try {
      while (!gone?.aborted) {
        for (const { version: next, event } of await this.parts.tasks.events(taskId, version)) {
          version = next;
          clearTimeout(silent);
          silent = silence();
          yield event;
          if (isLast(event)) return;
        }
        if (end.aborted) return;
        await Promise.race([changed, stopped]);
        changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      clearTimeout(silent);
      unwatch();
    }
  }

  /** A stream that ends without a last state of its task ends with an event that says so. */
  private async *counted(stream: AsyncGenerator<StreamResponse, void>): AsyncGenerator<StreamResponse, void> {
    const { metrics } = this.parts;
    metrics.add("a2a_open_streams", 1);
    let end = "cut";
    let latest: StreamResponse | undefined;
    try {
      for await (const response of stream) {
        latest = response;
        if (isLast(response)) end = "final";
        yield response;
      }
      const gone = requestScope.getStore()?.signal?.aborted;
      if (end === "cut" && latest !== undefined && !gone) {
        end = "resumable";
        yield resumable(latest);
      }
    } finally {
      metrics.add("a2a_open_streams", -1);
      metrics.count("a2a_streams_total", { end });
    }
  }

  private async find(taskId: string, context: ServerCallContext): Promise<StoredTask> {
    if (!taskId?.trim()) throw new RequestMalformedError("Task ID is required");
    const stored = await this.parts.tasks.load(taskId, ownerOf(context));
    if (stored === undefined) throw new TaskNotFoundError(`Task not found: ${taskId}`);
    return stored;
  }

  private async keepPushConfig(
    taskId: string,
    config: TaskPushNotificationConfig,
    context: ServerCallContext,
  ): Promise<void> {
    await checkPushUrl(config.url).catch(() => {
      throw new RequestMalformedError("Invalid push notification URL");
    });
    config.taskId = taskId;
    await this.parts.pushConfigs.save(taskId, context, config);
  }

  private demandStreaming(): void {
    if (!this.parts.card.capabilities?.streaming)
      throw new UnsupportedOperationError("Streaming is not supported.");
  }
}

const BUSY = "the task is being worked on; subscribe to it, or cancel it";

function checkTurn(message: Message, task: Task): void {
  const state = task.status?.state;
  if (ENDED.has(state)) throw new UnsupportedOperationError(`Task ${task.id} is in a terminal state.`);
  if (!RESTING.has(state)) throw new UnsupportedOperationError(BUSY);
  if (message.contextId && message.contextId !== task.contextId) {
    throw new RequestMalformedError(`contextId does not match that of task ${task.id}`);
  }
}

/** `working`, as metrics and logs say it. */
function nameOf(state: TaskState | undefined): string {
  return TaskState[state ?? TaskState.TASK_STATE_UNSPECIFIED].replace("TASK_STATE_", "").toLowerCase();
}

function isLast({ payload }: StreamResponse): boolean {
  if (payload?.$case === "statusUpdate") return RESTING.has(payload.value.status?.state);
  return payload?.$case === "task" && ENDED.has(payload.value.status?.state);
}

/** Says that the task goes on, and that its events are to be had by subscribing again. */
function resumable({ payload }: StreamResponse): StreamResponse {
  const value = payload?.value;
  const taskId =
    payload?.$case === "task" ? payload.value.id : ((value as { taskId?: string })?.taskId ?? "");
  const ids = { taskId, contextId: value?.contextId ?? "" };
  const status = statusOf(TaskState.TASK_STATE_WORKING, ids);
  return { payload: { $case: "statusUpdate", value: { ...ids, status, metadata: { resubscribe: true } } } };
}

/** Undefined: all of it; a number: so many of the latest messages. */
function withHistory(task: Task, length: number | undefined): Task {
  if (length === undefined) return task;
  return { ...task, history: length <= 0 ? [] : task.history.slice(-length) };
}
