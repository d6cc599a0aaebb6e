import { z } from "zod";
import type { TaskStoreSettings } from "./environment";
import { text, whole } from "./shapes";
import type { TaskStoreTraits } from "./task-store-traits";

/** A Redis that exists, reached through a URL in the environment's vault. */
export interface ExistingRedis {
  readonly kind: "existing";
  readonly host: string;
  readonly port: number;
  /** Name of the secret with the whole URL (`rediss://…`). */
  readonly urlSecret: string;
}

export const existingRedis: TaskStoreTraits<ExistingRedis> = {
  kind: "existing",
  title: "a Redis that exists",
  place: "anywhere",
  shared: true,
  apart: "names",
  schema: z.strictObject({ kind: z.literal("existing"), host: text, port: whole, urlSecret: text }),
  secrets: ({ urlSecret }) => [{ property: "urlSecret", name: urlSecret }],
};

/** Whether a task store is somebody else's. */
export function isExistingRedis(settings: TaskStoreSettings): settings is ExistingRedis {
  return settings.kind === "existing";
}
