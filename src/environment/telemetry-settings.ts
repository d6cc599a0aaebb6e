import { z } from "zod";
import { imageName, text } from "../shapes";
import { existingInGroup } from "../vendor-limits";

/** Where traces, metrics and logs go. */
export interface TelemetrySettings {
  /** OTLP endpoint (over HTTP, port 4318) that exists. @default - a collector of the environment */
  readonly existingEndpoint?: string;
  /**
   * Address range that this endpoint is reached at, where that is a private one: network policies know no names.
   *
   * @default - public addresses, or the pods of the namespace that the URL names
   */
  readonly endpointCidr?: string;
  /** Log Analytics workspace that exists. @default - one is created */
  readonly existingWorkspace?: { readonly name: string; readonly resourceGroup: string };
  /**
   * Share of ordinary traces that is kept, 0 to 1. Those with an error or a slow task are kept whatever it says, but by a
   * collector of somebody else's, to which agents send no more than the share.
   *
   * @default 1
   */
  readonly sampleRatio?: number;
  /** Image of the collector. @default - the pinned release of opentelemetry-collector-contrib */
  readonly collectorImage?: string;
}

export const telemetrySchema = z.strictObject({
  existingEndpoint: text.optional(),
  endpointCidr: z.cidrv4().optional(),
  existingWorkspace: existingInGroup("Log Analytics workspace").optional(),
  sampleRatio: z.number().min(0).max(1).optional(),
  collectorImage: imageName.optional(),
}) satisfies z.ZodType<TelemetrySettings>;
