import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { text, whole } from "../../shapes";
import { azureCloud } from "./azure-cloud";

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

export const redisCache: TaskStoreTraits<RedisCache> = {
  kind: "redis-cache",
  title: "Azure Cache for Redis",
  place: azureCloud,
  shared: true,
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("redis-cache"),
    sku: z.enum(["Basic", "Standard", "Premium"]).optional(),
    capacity: whole.min(0).max(6).optional(),
    reason: text,
  }),
  secrets: () => [],
};
