import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { azureCloud } from "./azure-cloud";

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

export const managedRedis: TaskStoreTraits<ManagedRedis> = {
  kind: "managed-redis",
  title: "Azure Managed Redis",
  place: azureCloud,
  shared: true,
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("managed-redis"),
    sku: z
      .string()
      .regex(
        /^(?:Balanced_B|ComputeOptimized_X|MemoryOptimized_M|FlashOptimized_A)\d+$/,
        "is no SKU of Azure Managed Redis, such as Balanced_B5",
      )
      .optional(),
    persistence: z.enum(["none", "aof-1s", "rdb-1h", "rdb-6h", "rdb-12h"]).optional(),
  }),
  secrets: () => [],
};
