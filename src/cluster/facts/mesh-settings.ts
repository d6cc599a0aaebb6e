import { z } from "zod";
import { kubernetesLabel, port, whole } from "../../shapes";

/**
 * Dapr between the agents: mutual TLS from sidecar to sidecar, and on Kubernetes each agent lets in exactly those that
 * say they call it.
 */
export interface MeshSettings {
  readonly kind: "dapr";

  /**
   * Who runs Dapr's control plane on Kubernetes. `existing` is one that the cluster has, such as the AKS extension: the
   * two must never be together. Container Apps brings its own.
   *
   * @default - a release of the fleet's own
   */
  readonly controlPlane?: DaprRelease | ExistingDapr;

  /**
   * Trust domain in every agent's certificate, and in every policy: one for the fleet.
   *
   * @default - the environment's domain
   */
  readonly trustDomain?: string;

  /**
   * Whether sidecars let in only the agents that say they call. Container Apps has no Dapr Configuration and cannot.
   *
   * @default - true on Kubernetes
   */
  readonly accessControl?: boolean;

  /** @default {} */
  readonly sidecar?: DaprSidecarSettings;
}

/** Dapr, installed by the fleet. */
export interface DaprRelease {
  readonly kind: "release";
  /**
   * Version of the chart and of Dapr, 1.17.5 or newer: before it, path traversal went around access control.
   *
   * @default "1.18.1"
   */
  readonly version?: string;
}

/** Dapr that somebody else runs in the cluster. */
export interface ExistingDapr {
  readonly kind: "existing";
  /** Its version, because what sidecars can do depends on it. */
  readonly version: string;
  /** @default "dapr-system" */
  readonly namespace?: string;
}

/** The sidecar beside every agent. */
export interface DaprSidecarSettings {
  /**
   * Port of the sidecar's own metrics. Dapr's default is 9090, which is the agents'.
   *
   * @default 9095
   */
  readonly metricsPort?: number;

  /**
   * CPU that a sidecar is given, in cores: a scaler on CPU counts on it.
   *
   * @default 0.1
   */
  readonly cpu?: number;

  /** @default 0.5 */
  readonly cpuLimit?: number;

  /**
   * Memory that a sidecar is given, in MiB.
   *
   * @default 128
   */
  readonly memoryMiB?: number;

  /** @default 256 */
  readonly memoryLimitMiB?: number;

  /**
   * Largest request and response that passes, in MiB. Event streams pass whatever their length.
   *
   * @default 16
   */
  readonly maxBodyMiB?: number;

  /**
   * Largest set of headers that passes, in KiB; Dapr's own 4 are little for a token.
   *
   * @default 64
   */
  readonly readBufferKiB?: number;

  /**
   * Whether each call through the sidecar is logged.
   *
   * @default false
   */
  readonly apiLogging?: boolean;
}

/** Namespace of a control plane that somebody else runs, where it is named. */
export function controlPlaneNamespace({
  controlPlane,
}: Pick<MeshSettings, "controlPlane">): string | undefined {
  return controlPlane?.kind === "existing" ? controlPlane.namespace : undefined;
}

const daprVersion = z.string().regex(/^\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/, "is not a version (1.18.0)");

export const meshSchema = z.strictObject({
  kind: z.literal("dapr"),
  controlPlane: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("release"), version: daprVersion.optional() }),
      z.strictObject({
        kind: z.literal("existing"),
        version: daprVersion,
        namespace: kubernetesLabel.optional(),
      }),
    ])
    .optional(),
  trustDomain: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9_-]*\.?[a-z0-9_-])*$/,
      "is not a trust domain; use lower case letters, digits, '_', '-' and single '.'",
    )
    .optional(),
  accessControl: z.boolean().optional(),
  sidecar: z
    .strictObject({
      metricsPort: port.optional(),
      cpu: z.number().min(0.01).max(64).optional(),
      cpuLimit: z.number().min(0.01).max(64).optional(),
      memoryMiB: whole.min(32).max(65_536).optional(),
      memoryLimitMiB: whole.min(32).max(65_536).optional(),
      maxBodyMiB: whole.min(1).max(1024).optional(),
      readBufferKiB: whole.min(4).max(1024).optional(),
      apiLogging: z.boolean().optional(),
    })
    .refine(({ cpu = 0.1, cpuLimit = 0.5 }) => cpu <= cpuLimit, {
      message:
        "asks for more CPU ('cpu', 0.1 where left out) than its limit ('cpuLimit', 0.5); raise the limit",
    })
    .refine(({ memoryMiB = 128, memoryLimitMiB = 256 }) => memoryMiB <= memoryLimitMiB, {
      message:
        "asks for more memory ('memoryMiB', 128 where left out) than its limit ('memoryLimitMiB', 256); raise the limit",
    })
    .optional(),
}) satisfies z.ZodType<MeshSettings>;
