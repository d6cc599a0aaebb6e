import { z } from "zod";
import { hostOrAddress, port, secretName } from "../shapes";
import type { TaskStoreSettings } from "./environment";
import type { TaskStoreTraits } from "./task-store-traits";

/** A Redis that exists, reached through a URL in the environment's vault. */
export interface ExistingRedis {
  readonly kind: "existing";
  readonly host: string;
  readonly port: number;
  /** Name of the secret with the whole URL (`rediss://…`). */
  readonly urlSecret: string;
  /**
   * Address range it is reached at, where that is a private one: network policies know no names.
   *
   * @default - public addresses, or the pods of the namespace that the host names
   */
  readonly cidr?: string;
}

export const existingRedis: TaskStoreTraits<ExistingRedis> = {
  kind: "existing",
  title: "a Redis that exists",
  place: "anywhere",
  shared: true,
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("existing"),
    host: hostOrAddress,
    port,
    urlSecret: secretName,
    cidr: z.cidrv4().optional(),
  }),
  secrets: ({ urlSecret }) => [{ property: "urlSecret", name: urlSecret }],
};

/** Whether a task store is somebody else's. */
export function isExistingRedis(settings: TaskStoreSettings): settings is ExistingRedis {
  return settings.kind === "existing";
}
