import { z } from "zod";
import type { Reach } from "../agent/reach";
import type { TrafficWeight } from "../agent/traffic-weight";
import { cores, memoryMiB, text, texts, whole } from "../shapes";
import type { PlatformKind } from "./environment";

/** What one environment changes about one agent. Everything else is the definition's. */
export interface AgentOverrides {
  /** @default true */
  readonly enabled?: boolean;
  /** @default - the environment's platform */
  readonly platform?: PlatformKind;
  /**
   * Tag, or digest (`sha256:…`), of the image. Production takes digests only.
   *
   * @default - the definition's version as the tag
   */
  readonly image?: string;
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly workers?: number;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly taskDeadlineSeconds?: number;
  /** @default - behind a gateway `vnet`; otherwise `internet` when customer-facing, `environment` when internal */
  readonly reach?: Reach;
  /** Variables of this environment, over the definition's. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Weights of revisions for a gradual rollout, in percent; they add up to 100. `latest` is the newest.
   *
   * @default - everything to the latest revision
   */
  readonly traffic?: readonly TrafficWeight[];
}

/** @param platform what may stand where a platform is named */
export function overridesSchema(platform: z.ZodType<PlatformKind>) {
  return z.strictObject({
    enabled: z.boolean().optional(),
    platform: platform.optional(),
    image: text.optional(),
    cpu: cores.optional(),
    memoryMiB: memoryMiB.optional(),
    workers: whole.positive().max(256).optional(),
    minReplicas: whole.nonnegative().max(5000).optional(),
    maxReplicas: whole.positive().max(5000).optional(),
    taskDeadlineSeconds: whole.positive().max(86_400).optional(),
    reach: z.enum(["environment", "vnet", "internet"]).optional(),
    variables: texts.optional(),
    traffic: z
      .array(z.strictObject({ revision: text, percent: whole.min(0).max(100), tag: text.optional() }))
      .optional(),
  }) satisfies z.ZodType<AgentOverrides>;
}
