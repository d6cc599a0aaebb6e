import type { ITerraformDependable } from "cdktf";
import type { AgentWorkload } from "../../agent/agent-workload";

/** A mesh, as the pods that join it see it: it puts a sidecar into each of them. */
export interface IPodMesh {
  /** Annotations that make the injector add the sidecar of one agent, and say how. */
  readonly annotations: (workload: AgentWorkload) => Readonly<Record<string, string>>;
  /** Port of a sidecar that other sidecars call. */
  readonly peerPort: number;
  /** Port of a sidecar's own metrics. */
  readonly metricsPort: number;
  /** Where the sidecars find their control plane. */
  readonly controlPlane: { readonly namespace: string; readonly ports: readonly number[] };
  /** What has to be there before a pod with a sidecar starts: the control plane, and the agent's configuration. */
  readonly readyAfter: (workload: AgentWorkload) => readonly ITerraformDependable[];
}
