import type { TaskStoreSettings } from "../../environment/environment";
import type { ManagedRedis } from "./managed-redis";
import type { RedisCache } from "./redis-cache";

/** Whether a task store is a Redis that Azure makes. */
export function isAzureRedis(settings: TaskStoreSettings): settings is ManagedRedis | RedisCache {
  return settings.kind === "managed-redis" || settings.kind === "redis-cache";
}
