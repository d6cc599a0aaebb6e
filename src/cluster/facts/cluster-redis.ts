import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { whole } from "../../shapes";

/** Redis in the cluster itself. */
export interface ClusterRedis {
  readonly kind: "cluster-redis";
  /** @default 8 */
  readonly storageGiB?: number;
}

export const clusterRedis: TaskStoreTraits<ClusterRedis> = {
  kind: "cluster-redis",
  title: "a Redis inside a cluster",
  place: "cluster",
  shared: true,
  apart: "login",
  schema: z.strictObject({
    kind: z.literal("cluster-redis"),
    storageGiB: whole.min(1).max(16_384).optional(),
  }),
  secrets: () => [],
};
