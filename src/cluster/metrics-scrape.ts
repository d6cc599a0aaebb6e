import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { IPodMesh } from "./agent/pod-mesh";
import type { AzurePodMonitor, PodMonitor } from "./custom-resources";
import type { ClusterLayout } from "./facts/cluster-layout";
import { KubernetesResources } from "./kubernetes-resources";

/** Name that Dapr's injector gives the port of a sidecar's own metrics. */
const SIDECAR_METRICS = "dapr-metrics";

/**
 * Has Prometheus read the metrics of all agents, those that come later too: one monitor finds them by their label.
 * Nothing where no source of metrics was chosen, because its kind does not exist there.
 */
export function metricsScrape(
  scope: Construct,
  id: string,
  props: {
    readonly layout: ClusterLayout;
    readonly namespace: string;
    readonly mesh: IPodMesh | undefined;
    readonly dependsOn: readonly ITerraformDependable[];
  },
): KubernetesResources | undefined {
  const { layout, namespace, mesh, dependsOn } = props;
  if (layout.autoscaling === "resources") return undefined;
  return new KubernetesResources(scope, id, {
    name: "fleet--metrics",
    namespace,
    resources: [podMonitor(layout, mesh)],
    dependsOn: [...dependsOn],
  });
}

function podMonitor(
  { podMonitorApiVersion }: ClusterLayout,
  mesh: IPodMesh | undefined,
): PodMonitor | AzurePodMonitor {
  const ports = mesh === undefined ? ["metrics"] : ["metrics", SIDECAR_METRICS];
  return {
    apiVersion: podMonitorApiVersion,
    kind: "PodMonitor",
    metadata: { name: "agents" },
    spec: {
      selector: { matchLabels: { protocol: "a2a" } },
      podMetricsEndpoints: ports.map((port) => ({ port, path: "/metrics", interval: "30s" })),
    },
  };
}
