/**
 * Tasks, their events and push configurations on Redis.
 *
 * A task is a hash: its version, owner, state, context, `status`, and the rest in `task`, both as JSON of A2A 1.0. Its
 * events are a Redis stream whose entry ids are the versions that the events led to. A message on the channel only says
 * that a task has a new version: whoever follows the task reads the stream, so a message that is lost loses no event.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  type ListTasksRequest,
  type ListTasksResponse,
  StreamResponse,
  Task,
  TaskPushNotificationConfig,
  TaskState,
} from "@a2a-js/sdk";
import { RequestMalformedError } from "@a2a-js/sdk/errors";
import type {
  PushNotificationStore,
  ServerCallContext,
  StoredPushNotificationConfig,
} from "@a2a-js/sdk/server";
import type { Redis } from "ioredis";
import { log } from "./logs.js";
import { ownerOf } from "./owner.js";
import { script } from "./redis-scripts.js";
import { StaleWrite, type StoredEvent, type StoredTask, type TaskLog, Watchers } from "./task-log.js";

const PAGE_SIZE = 50;
/** A message of the channel may be lost while a connection is made anew; streams are read anyway after so long. */
const MS_BETWEEN_READS = 2000;

/** Names of keys. Ids with a colon are nobody's, so that no task's key can be another kind's. */
const keysBelow = (prefix: string) => ({
  task: (id: string) => `${prefix}${id}`,
  events: (id: string) => `${prefix}${id}:events`,
  push: (id: string) => `${prefix}${id}:push`,
  tasksOf: (owner: string) =>
    `${prefix}:tasks-of:${createHash("sha256").update(owner).digest("hex").slice(0, 32)}`,
});

interface TaskHead {
  readonly id: string;
  readonly changed: number;
  readonly state: string;
  readonly contextId: string;
  readonly status: string;
}

/** Tasks on Redis. Compare-and-set and event are one script, so neither is alone. */
export class RedisTaskLog implements TaskLog {
  private readonly keys: ReturnType<typeof keysBelow>;
  private readonly saveTask: ReturnType<typeof script>;
  private readonly watchers = new Watchers();
  private readonly listener: Redis;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly redis: Redis,
    prefix: string,
    private readonly channel: string,
    private readonly ttlSeconds: number,
  ) {
    this.keys = keysBelow(prefix);
    this.saveTask = script(redis, "save-task");
    this.listener = redis.duplicate();
    this.listener.on("error", (error) => log.warn(`the channel of events: ${error.message}`));
    this.listener.on("message", (_, text) =>
      this.watchers.tell((JSON.parse(text) as { taskId: string }).taskId),
    );
    this.listener.subscribe(channel).catch((error) => log.warn(`the channel of events: ${error.message}`));
    this.timer = setInterval(() => this.watchers.tellAll(), MS_BETWEEN_READS).unref();
  }

  async load(taskId: string, owner: string): Promise<StoredTask | undefined> {
    if (taskId.includes(":")) return undefined;
    const fields = ["owner", "version", "status", "task"];
    const [storedOwner, version, status, rest] = await this.redis.hmget(this.keys.task(taskId), ...fields);
    if (storedOwner !== owner || status == null || rest == null) return undefined;
    return { task: readTask(status, rest), version: Number(version) };
  }

  async save(task: Task, event: StreamResponse | undefined, version: number, owner: string): Promise<number> {
    const { status, ...rest } = Task.toJSON(task) as { status?: { state?: string } };
    const written = await this.saveTask(
      [this.keys.task(task.id), this.keys.events(task.id), this.keys.tasksOf(owner)],
      [
        task.id,
        owner,
        version,
        status?.state ?? "TASK_STATE_UNSPECIFIED",
        task.contextId,
        JSON.stringify(status ?? {}),
        JSON.stringify(rest),
        event === undefined ? "" : JSON.stringify(StreamResponse.toJSON(event)),
        this.ttlSeconds,
        this.channel,
      ],
    );
    if (Number(written) < 0) throw new StaleWrite();
    return Number(written);
  }

  /** A page's token is the position of its last task: when it changed, and its id. */
  async list(params: ListTasksRequest, owner: string): Promise<ListTasksResponse> {
    const heads = (await this.heads(owner)).filter((head) => matches(head, params));
    const after = params.pageToken ? readPageToken(params.pageToken) : undefined;
    const rest = after === undefined ? heads : heads.filter((head) => isBefore(head, after));
    const pageSize = params.pageSize || PAGE_SIZE;
    const page = rest.slice(0, pageSize);
    const stored = await Promise.all(page.map(({ id }) => this.load(id, owner)));
    const last = page.at(-1);
    return {
      tasks: stored.flatMap((found) =>
        found === undefined ? [] : [params.includeArtifacts ? found.task : { ...found.task, artifacts: [] }],
      ),
      nextPageToken: last !== undefined && rest.length > pageSize ? `${last.changed}|${last.id}` : "",
      pageSize,
      totalSize: heads.length,
    };
  }

  async events(taskId: string, after: number): Promise<StoredEvent[]> {
    const entries = await this.redis.xrange(this.keys.events(taskId), `(${after}-0`, "+");
    return entries.map(([id, [, event]]) => ({
      version: Number(id.split("-")[0]),
      event: StreamResponse.fromJSON(JSON.parse(event ?? "{}")),
    }));
  }

  watch(taskId: string, changed: () => void): () => void {
    return this.watchers.watch(taskId, changed);
  }

  close(): void {
    clearInterval(this.timer);
    this.listener.disconnect();
  }

  /** What an owner's tasks are chosen by, latest change first. */
  private async heads(owner: string): Promise<TaskHead[]> {
    const entries = await this.redis.zrevrange(this.keys.tasksOf(owner), 0, -1, "WITHSCORES");
    const pipeline = this.redis.pipeline();
    for (let i = 0; i < entries.length; i += 2) {
      pipeline.hmget(this.keys.task(entries[i] as string), "state", "contextId", "status");
    }
    const answers = (await pipeline.exec()) ?? [];
    return answers
      .flatMap(([, answer], i) => {
        const [state, contextId, status] = answer as (string | null)[];
        // Forgotten since: its time to live has ended.
        if (state == null || contextId == null || status == null) return [];
        return [
          { id: entries[2 * i] as string, changed: Number(entries[2 * i + 1]), state, contextId, status },
        ];
      })
      .sort((one, other) => (isBefore(one, other) ? 1 : -1));
  }
}

function readTask(status: string, rest: string): Task {
  return Task.fromJSON({ ...JSON.parse(rest), status: JSON.parse(status) });
}

type Position = Pick<TaskHead, "changed" | "id">;

function isBefore(one: Position, other: Position): boolean {
  return one.changed < other.changed || (one.changed === other.changed && one.id < other.id);
}

function matches(head: TaskHead, params: ListTasksRequest): boolean {
  if (params.contextId && head.contextId !== params.contextId) return false;
  if (params.status && head.state !== TaskState[params.status]) return false;
  if (!params.statusTimestampAfter) return true;
  const { timestamp } = JSON.parse(head.status) as { timestamp?: string };
  return Date.parse(timestamp ?? "1970-01-01T00:00:00Z") >= Date.parse(params.statusTimestampAfter);
}

function readPageToken(token: string): Position {
  const [changed = "", id = ""] = token.split("|");
  if (!/^\d+$/.test(changed) || id === "") throw new RequestMalformedError(`Invalid page token: ${token}`);
  return { changed: Number(changed), id };
}

interface PushEntry {
  readonly owner: string;
  readonly config: unknown;
  readonly wireVersion?: string;
}

/** Push configurations: a hash beside each task, forgotten with it. */
export class RedisPushConfigs implements PushNotificationStore {
  private readonly keys: ReturnType<typeof keysBelow>;

  constructor(
    private readonly redis: Redis,
    prefix: string,
    private readonly ttlSeconds: number,
  ) {
    this.keys = keysBelow(prefix);
  }

  async save(taskId: string, context: ServerCallContext, config: TaskPushNotificationConfig): Promise<void> {
    // The SDK reads the id that a configuration got off the object that it handed in.
    config.id ||= randomUUID();
    config.taskId = taskId;
    const entry: PushEntry = {
      owner: ownerOf(context),
      config: TaskPushNotificationConfig.toJSON(config),
      wireVersion: context.requestedVersion,
    };
    const key = this.keys.push(taskId);
    await this.redis.multi().hset(key, config.id, JSON.stringify(entry)).expire(key, this.ttlSeconds).exec();
  }

  async load(taskId: string, context: ServerCallContext): Promise<TaskPushNotificationConfig[]> {
    return (await this.loadWithMetadata(taskId, context)).map(({ config }) => config);
  }

  async loadWithMetadata(
    taskId: string,
    context: ServerCallContext,
  ): Promise<StoredPushNotificationConfig[]> {
    const owner = ownerOf(context);
    const entries = await this.redis.hvals(this.keys.push(taskId));
    return entries
      .map((text) => JSON.parse(text) as PushEntry)
      .filter((entry) => entry.owner === owner)
      .map(({ config, wireVersion = "1.0" }) => ({
        config: TaskPushNotificationConfig.fromJSON(config),
        wireVersion,
      }));
  }

  async delete(taskId: string, context: ServerCallContext, configId?: string): Promise<void> {
    const own = await this.load(taskId, context);
    const ids = own.map(({ id }) => id).filter((id) => configId === undefined || id === configId);
    if (ids.length > 0) await this.redis.hdel(this.keys.push(taskId), ...ids);
  }
}
