/** The shared task store of an environment. */
export type TaskStoreSettings =
  | ManagedRedis
  | RedisCache
  | ExistingRedis
  | Memorystore
  | ClusterRedis
  | NoStore;

/** Azure Managed Redis: the default on Azure. */
export interface ManagedRedis {
  readonly kind: "managed-redis";
  /** SKU. Changing it recreates the database; its tasks are lost. @default "Balanced_B0" */
  readonly sku?: string;
  /**
   * What survives a restart: `1s` is an append-only file, the others are snapshots.
   *
   * @default - "aof-1s" where the environment is highly available, otherwise "none"
   */
  readonly persistence?: "none" | "aof-1s" | "rdb-1h" | "rdb-6h" | "rdb-12h";
}

/** Azure Cache for Redis: retires on 2028-09-30, closed to tenants that had none before 2026-04-01. */
export interface RedisCache {
  readonly kind: "redis-cache";
  /** @default "Standard" */
  readonly sku?: "Basic" | "Standard" | "Premium";
  /** Size within the family: 0 to 6 for Basic and Standard, 1 to 5 for Premium. @default 1 */
  readonly capacity?: number;
  /** Why the fleet still uses it: the retired tiers are an explicit choice. */
  readonly reason: string;
}

/** A Redis that exists, reached through a URL in the environment's vault. */
export interface ExistingRedis {
  readonly kind: "existing";
  readonly host: string;
  readonly port: number;
  /** Name of the secret with the whole URL (`rediss://…`). */
  readonly urlSecret: string;
}

/** Memorystore for Redis: the default on Google. */
export interface Memorystore {
  readonly kind: "memorystore";
  /** @default 1 */
  readonly memorySizeGiB?: number;
}

/** Redis in the cluster itself. */
export interface ClusterRedis {
  readonly kind: "cluster-redis";
  /** @default 8 */
  readonly storageGiB?: number;
}

/** None: agents keep tasks in memory, and stay at one replica and one worker. */
export interface NoStore {
  readonly kind: "memory";
}
