import { z } from "zod";
import { oneOf } from "../../environment/choice-traits";
import { nameOf } from "../../vendor-limits";
import {
  type GoogleFleetRegistry,
  type GoogleRegistry,
  googleFleetRegistry,
  googleRegistry,
} from "./artifact-registries";
import { googleRegion, projectId, projectNumber } from "./google-shapes";

/** The Google side of an environment. */
export interface GoogleSettings {
  readonly projectId: string;
  /** Number of the project: part of every Cloud Run URL, and only known to Google otherwise. */
  readonly projectNumber: string;
  /** Region, as Google writes it: `us-central1`, `europe-west4`. */
  readonly region: string;
  /** @default - a network of its own, 10.60.0.0/20 */
  readonly network?: GoogleNetworkSettings;
  /**
   * Where agents on Cloud Run pull their images from, in an environment whose own registry is outside Google.
   *
   * @default - the environment's registry
   */
  readonly images?: GoogleFleetRegistry | GoogleRegistry;
}

/** The VPC network of an environment on Google. */
export type GoogleNetworkSettings =
  | {
      readonly kind: "created";
      /** Addresses, /20 or larger: the first half for agents, the second for Google's services. @default "10.60.0.0/20" */
      readonly cidr?: string;
    }
  | {
      readonly kind: "existing";
      /** Name of a network with private services access, so that a store can live in it. */
      readonly network: string;
      /** Name of a subnet in the region, /26 or larger, with Private Google Access. */
      readonly subnetwork: string;
    };

export const googleSchema = z.strictObject({
  projectId,
  projectNumber,
  region: googleRegion,
  network: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("created"), cidr: z.cidrv4().optional() }),
      z.strictObject({
        kind: z.literal("existing"),
        network: nameOf("network on Google"),
        subnetwork: nameOf("subnet on Google"),
      }),
    ])
    .optional(),
  images: oneOf([googleFleetRegistry, googleRegistry]).optional(),
}) satisfies z.ZodType<GoogleSettings>;
