import { azurePostgres } from "../azure/facts/azure-postgres";
import { managedRedis } from "../azure/facts/managed-redis";
import { redisCache } from "../azure/facts/redis-cache";
import { clusterRedis } from "../cluster/facts/cluster-redis";
import { type SettingsOf, traitsIn } from "../environment/choice-traits";
import { existingPostgres } from "../environment/existing-postgres";
import { existingRedis } from "../environment/existing-redis";
import { noStore } from "../environment/no-store";
import type { TaskStoreTraits } from "../environment/task-store-traits";
import { cloudSql } from "../google/facts/cloud-sql";
import { memorystore } from "../google/facts/memorystore";
import { localPostgres, localRedis } from "../local/facts/local-parts";

/** Every kind of task store: one line each. */
export const taskStores = [
  managedRedis,
  redisCache,
  azurePostgres,
  existingRedis,
  existingPostgres,
  memorystore,
  cloudSql,
  clusterRedis,
  localRedis,
  localPostgres,
  noStore,
] as const;

/** The shared task store of an environment. */
export type TaskStoreSettings = SettingsOf<(typeof taskStores)[number]>;

/** What is known of a task store. */
export function taskStoreTraits({ kind }: TaskStoreSettings): TaskStoreTraits<TaskStoreSettings> {
  return traitsIn<TaskStoreTraits<TaskStoreSettings>>(taskStores, kind);
}
