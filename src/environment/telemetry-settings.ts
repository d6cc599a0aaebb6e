import { z } from "zod";
import { headerName, httpUrl, imageName, kubernetesName, text } from "../shapes";
import { existingInGroup } from "../vendor-limits";

/** Where traces, metrics and logs go. */
export interface TelemetrySettings {
  /**
   * OTLP endpoint (over HTTP, port 4318) that exists, which agents send everything to themselves.
   *
   * @default - a collector of the environment; in a cluster without a cloud where `forwardTo` is set, and none otherwise
   */
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
  /**
   * What keeps the traces of agents in a cluster without a cloud. The fleet then runs a collector beside them, which
   * keeps errors and slow tasks whatever `sampleRatio` says, and alone knows how to get in there.
   *
   * @default - they are kept nowhere
   */
  readonly forwardTo?: TelemetryDestination;
  /** Image of the collector. @default - the pinned release of opentelemetry-collector-contrib */
  readonly collectorImage?: string;
}

/** Something that keeps what agents tell: Grafana's or Jaeger's beside them, or a vendor's. */
export interface TelemetryDestination {
  /** Base URL that takes OTLP over HTTP: `/v1/traces` is appended to it. */
  readonly endpoint: string;
  /**
   * Address range that it is reached at, where that is a private one: network policies know no names.
   *
   * @default - public addresses, or the pods of the namespace that the URL names
   */
  readonly cidr?: string;
  /**
   * What it wants to be told with every request: for each header the Secret of the agents' namespace, made by its owner,
   * whose key `value` is the header's (`{ authorization: "traces-login" }`).
   *
   * @default - nothing
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether it takes metrics as well. Agents send them where no Prometheus reads them (`kubernetes.prometheusOperator`).
   *
   * @default true
   */
  readonly metrics?: boolean;
}

export const telemetrySchema = z.strictObject({
  existingEndpoint: text.optional(),
  endpointCidr: z.cidrv4().optional(),
  existingWorkspace: existingInGroup("Log Analytics workspace").optional(),
  sampleRatio: z.number().min(0).max(1).optional(),
  forwardTo: z
    .strictObject({
      endpoint: httpUrl,
      cidr: z.cidrv4().optional(),
      headers: z.record(headerName, kubernetesName).optional(),
      metrics: z.boolean().optional(),
    })
    .optional(),
  collectorImage: imageName.optional(),
}) satisfies z.ZodType<TelemetrySettings>;
