import { z } from "zod";
import { existingInGroup } from "../../vendor-limits";

/** Container Apps in an environment. */
export interface ContainerAppsSettings {
  /**
   * Whether the environment has an internal load balancer: agents are reached from the network only.
   * Changing it later replaces everything in it.
   *
   * @default - true behind a gateway
   */
  readonly internal?: boolean;
  /** Container Apps environment that exists. @default - one is created */
  readonly existing?: { readonly name: string; readonly resourceGroup: string };
  /**
   * Whether the apps inside talk to each other over mutual TLS (the platform's peer encryption, preview).
   *
   * @default false
   */
  readonly mutualTls?: boolean;
}

export const containerAppsSchema = z.strictObject({
  internal: z.boolean().optional(),
  existing: existingInGroup("Container Apps environment").optional(),
  mutualTls: z.boolean().optional(),
}) satisfies z.ZodType<ContainerAppsSettings>;
