import { z } from "zod";
import type { TaskStoreTraits } from "./task-store-traits";

/** None: agents keep tasks in memory, and stay at one replica and one worker. */
export interface NoStore {
  readonly kind: "memory";
}

export const noStore: TaskStoreTraits<NoStore> = {
  kind: "memory",
  title: "the memory of each process",
  place: "anywhere",
  shared: false,
  apart: "login",
  schema: z.strictObject({ kind: z.literal("memory") }),
  secrets: () => [],
};
