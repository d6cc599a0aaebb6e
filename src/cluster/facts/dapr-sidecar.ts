import type { AgentWorkload } from "../../agent/agent-workload";
import type { DaprSidecarSettings, MeshSettings } from "./mesh-settings";

/** What the fleet installs. Source: the charts in github.com/dapr/dapr@v1.18.1. */
export const DAPR_VERSION = "1.18.1";

/** The first release whose access control path traversal does not go around (CVE fixed in April 2026). */
export const SAFE_DAPR_VERSION = "1.17.5";

/** Ports that a sidecar takes in its pod, which shares them with the agent. */
export const DAPR_PORTS = { http: 3500, public: 3501, grpc: 50001, internalGrpc: 50002 } as const;

/** Ports of the control plane's pods that sidecars call: sentry signs certificates, the operator hands out Configurations. */
export const DAPR_CONTROL_PLANE_PORTS = { sentry: 50001, operator: 6500 } as const;

/** Namespace of the control plane unless it exists elsewhere. */
export const DAPR_NAMESPACE = "dapr-system";

/** Seconds that a sidecar which stops together with its agent gets for the last responses once the agent is gone. */
const SHUTDOWN_SECONDS = 5;

/** Seconds between a sidecar's end and the end of its pod's grace. */
const MARGIN_SECONDS = 5;

/** The sidecar beside an agent, with every default decided. */
export interface DaprSidecar extends Required<DaprSidecarSettings> {
  readonly version: string;
  /** Whether it is an init container that outlives the agent (Kubernetes 1.29 and later, Dapr 1.18 and later). */
  readonly native: boolean;
}

/** Decides what settings leave open about sidecars. */
export function daprSidecar({
  controlPlane,
  sidecar = {},
}: Pick<MeshSettings, "controlPlane" | "sidecar">): DaprSidecar {
  const version = controlPlane?.version ?? DAPR_VERSION;
  return {
    version,
    // Whether somebody else's injector makes native sidecars is theirs to decide; the annotations fit both.
    native: isVersionAtLeast(version, "1.18.0"),
    metricsPort: sidecar.metricsPort ?? 9095,
    cpu: sidecar.cpu ?? 0.1,
    cpuLimit: sidecar.cpuLimit ?? 0.5,
    memoryMiB: sidecar.memoryMiB ?? 128,
    memoryLimitMiB: sidecar.memoryLimitMiB ?? 256,
    maxBodyMiB: sidecar.maxBodyMiB ?? 16,
    readBufferKiB: sidecar.readBufferKiB ?? 64,
    apiLogging: sidecar.apiLogging ?? false,
  };
}

/**
 * Annotations of an agent's pods: what the injector makes a sidecar from.
 *
 * @see https://docs.dapr.io/reference/arguments-annotations-overview/
 */
export function daprAnnotations(
  { name, port, terminationGraceSeconds }: AgentWorkload,
  sidecar: DaprSidecar,
): Record<string, string> {
  const graceSeconds = terminationGraceSeconds - MARGIN_SECONDS;
  return {
    "dapr.io/enabled": "true",
    "dapr.io/app-id": name,
    "dapr.io/app-port": String(port),
    "dapr.io/app-protocol": "http",
    "dapr.io/config": name,
    "dapr.io/metrics-port": String(sidecar.metricsPort),
    "dapr.io/sidecar-cpu-request": cores(sidecar.cpu),
    "dapr.io/sidecar-cpu-limit": cores(sidecar.cpuLimit),
    "dapr.io/sidecar-memory-request": `${sidecar.memoryMiB}Mi`,
    "dapr.io/sidecar-memory-limit": `${sidecar.memoryLimitMiB}Mi`,
    "dapr.io/max-body-size": `${sidecar.maxBodyMiB}Mi`,
    "dapr.io/read-buffer-size": `${sidecar.readBufferKiB}Ki`,
    // A sidecar ends as soon as the calls through it have; what is left of the pod's grace is theirs. One that is no init
    // container gets SIGTERM together with the agent, and the agent still has tasks to end.
    ...(sidecar.native
      ? {
          "dapr.io/enable-native-sidecar": "true",
          "dapr.io/graceful-shutdown-seconds": String(graceSeconds),
        }
      : {
          "dapr.io/block-shutdown-duration": `${graceSeconds - SHUTDOWN_SECONDS}s`,
          "dapr.io/graceful-shutdown-seconds": String(SHUTDOWN_SECONDS),
        }),
    "dapr.io/enable-api-logging": String(sidecar.apiLogging),
    "dapr.io/log-as-json": "true",
    // Agents get their secrets from their vault; the sidecar would hand out what its service account may read.
    "dapr.io/disable-builtin-k8s-secret-store": "true",
  };
}

/** Compares versions by number: 1.9.0 is older than 1.17.5. A pre-release is older than its release. */
export function isVersionAtLeast(version: string, least: string): boolean {
  const parse = (text: string) => {
    const [numbers = "", preRelease] = text.replace(/^v/, "").split("-", 2);
    const [major = 0, minor = 0, patch = 0] = numbers.split(".").map(Number);
    return [major, minor, patch, preRelease === undefined ? 1 : 0];
  };
  const left = parse(version);
  const right = parse(least);
  const index = left.findIndex((part, position) => part !== right[position]);
  return index === -1 || (left[index] as number) > (right[index] as number);
}

function cores(cpu: number): string {
  return `${Math.round(cpu * 1000)}m`;
}
