/** Everything that an agent's replicas share, opened as the environment says. */
import { InMemoryPushNotificationStore, type PushNotificationStore } from "@a2a-js/sdk/server";
import { DatabasePushNotificationStore } from "@a2a-js/sdk/server/database";
import type { Redis } from "ioredis";
import { sql } from "kysely";
import { type LeaseBook, MemoryLeaseBook, RedisLeaseBook } from "./leases.js";
import { MemoryTaskLog } from "./memory-tasks.js";
import { ownerOf } from "./owner.js";
import { connectRedis } from "./redis-connection.js";
import { RedisPushConfigs, RedisTaskLog } from "./redis-tasks.js";
import type { Settings } from "./settings.js";
import type { TaskLog } from "./task-log.js";

const MS_BETWEEN_FORGETTING = 60_000;

export interface Stores {
  readonly tasks: TaskLog;
  readonly pushConfigs: PushNotificationStore;
  readonly leases: LeaseBook;
  /** Where there is one, for what else replicas share. */
  readonly redis: Redis | undefined;
  /** @throws Error if the store can't be reached. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** Deletes what has been kept for long enough, where the store doesn't do so by itself, or keeps it for good. */
  readonly forget?: { readonly everyMs: number; readonly run: () => Promise<void> };
}

/**
 * Opens the task store that the environment names.
 *
 * @throws Error of the store's client, if its tables can't be made.
 */
export async function openStores(settings: Settings): Promise<Stores> {
  if (settings.taskStore === "redis") return openRedis(settings);
  if (settings.taskStore === "postgres") return openPostgres(settings);
  return {
    tasks: new MemoryTaskLog(),
    pushConfigs: new InMemoryPushNotificationStore(ownerOf),
    leases: new MemoryLeaseBook(),
    redis: undefined,
    ping: async () => {},
    close: async () => {},
  };
}

function openRedis(settings: Settings): Stores {
  const redis = connectRedis(settings);
  const prefix = settings.given("REDIS_KEY_PREFIX");
  const ttlSeconds = Number(settings.given("REDIS_TASK_TTL_SECONDS"));
  const tasks = new RedisTaskLog(redis, prefix, settings.given("REDIS_EVENTS_CHANNEL"), ttlSeconds);
  return {
    tasks,
    pushConfigs: new RedisPushConfigs(redis, prefix, ttlSeconds),
    leases: new RedisLeaseBook(redis, prefix, settings.leaseMs),
    redis,
    ping: async () => {
      await redis.ping();
    },
    close: async () => {
      tasks.close();
      redis.disconnect();
    },
  };
}

async function openPostgres(settings: Settings): Promise<Stores> {
  const { connectPostgres, SqlLeaseBook, SqlTaskLog } = await import("./sql-tasks.js");
  const db = await connectPostgres(settings);
  const tasks = new SqlTaskLog(db);
  const ttlSeconds = settings.number("POSTGRES_TASK_TTL_SECONDS");
  return {
    ...(ttlSeconds === undefined
      ? {}
      : {
          forget: {
            everyMs: Math.min(MS_BETWEEN_FORGETTING, ttlSeconds * 500),
            run: () => tasks.forget(ttlSeconds),
          },
        }),
    tasks,
    pushConfigs: new DatabasePushNotificationStore(db, { ownerResolver: ownerOf }),
    leases: new SqlLeaseBook(db, settings.leaseMs),
    redis: undefined,
    ping: async () => {
      await sql`SELECT 1`.execute(db);
    },
    close: async () => {
      tasks.close();
      await db.destroy();
    },
  };
}
