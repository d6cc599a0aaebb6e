import { agentRule } from "../../../environment/rule";
import { DAPR_PORTS, daprSidecar } from "../dapr-sidecar";

/** Agent and sidecar share a pod and its ports. The sidecar's own metrics are at 9090 unless told otherwise. */
export const meshMetricsPortIsFree = agentRule("mesh-metrics-port-is-free", (workload, { mesh }) => {
  if (mesh === undefined || workload.platform !== "kubernetes") return undefined;
  const { metricsPort } = daprSidecar(mesh);
  const taken: Record<string, number | null> = {
    "the agent's port": workload.port,
    "the agent's metricsPort": workload.metricsPort,
    ...Object.fromEntries(Object.values(DAPR_PORTS).map((port) => [`the sidecar's port ${port}`, port])),
  };
  const [owner] = Object.entries(taken).find(([, port]) => port === metricsPort) ?? [];
  if (owner === undefined) return undefined;
  return (
    `the sidecar's metrics and ${owner} are both ${metricsPort}, and the later of the two does not start; ` +
    "set mesh.sidecar.metricsPort to a free one (9095 is the default)"
  );
});
