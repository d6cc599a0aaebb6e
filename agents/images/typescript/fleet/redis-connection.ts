/** The connection to the store that the environment gives. */
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { log } from "./logs.js";
import type { Settings } from "./settings.js";

const MS_TO_ANSWER = 5000;

/** A client on one connection, as Redis works best; it connects anew by itself. */
export function connectRedis(settings: Settings): Redis {
  const url = settings.given("REDIS_URL");
  const authorities = settings.text("REDIS_CA_FILE");
  const redis = new Redis(url, {
    commandTimeout: MS_TO_ANSWER,
    connectTimeout: MS_TO_ANSWER,
    maxRetriesPerRequest: 1,
    // It would ask for INFO, which a user with a keyspace of its own may not; `/ready` asks the store by itself.
    enableReadyCheck: false,
    retryStrategy: (times) => Math.min(times * 100, 2000),
    ...(url.startsWith("rediss:") && authorities ? { tls: { ca: readFileSync(authorities) } } : {}),
  });
  redis.on("error", (error) => log.warn(`the task store: ${error.message}`));
  return redis;
}
