import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { whole } from "../../shapes";
import { googleCloud } from "./google-cloud";

/** Memorystore for Redis: the default on Google. */
export interface Memorystore {
  readonly kind: "memorystore";
  /** @default 1 */
  readonly memorySizeGiB?: number;
}

export const memorystore: TaskStoreTraits<Memorystore> = {
  kind: "memorystore",
  title: "Memorystore",
  place: googleCloud,
  shared: true,
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("memorystore"),
    memorySizeGiB: whole.min(1).max(300).optional(),
  }),
  secrets: () => [],
};
