import type { TaskStoreSettings } from "../../environment/environment";
import type { ManagedRedis } from "./managed-redis";
import type { RedisCache } from "./redis-cache";

/** Whether a task store is one that Azure makes. */
export function isAzureStore(settings: TaskStoreSettings): settings is ManagedRedis | RedisCache {
  return settings.kind === "managed-redis" || settings.kind === "redis-cache";
}
