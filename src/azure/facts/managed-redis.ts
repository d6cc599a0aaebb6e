import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { managedRedisSkus } from "../../vendor-limits";
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
      .refine((sku) => managedRedisSkus.includes(sku), {
        message: "is no SKU of Azure Managed Redis; use one such as Balanced_B5",
      })
      .optional(),
    persistence: z.enum(["none", "aof-1s", "rdb-1h", "rdb-6h", "rdb-12h"]).optional(),
  }),
  secrets: () => [],
};
