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
 * Nothing where nobody reads them, or where the kind of such monitors does not exist.
 */
export function metricsScrape(
  scope: Construct,
  id: string,
  props: {
    readonly layout: ClusterLayout;
    readonly namespace: string;
    readonly mesh: IPodMesh | undefined;
    /** Namespace of the fleet's own cert-manager, which says when certificates end. */
    readonly certificates: string | undefined;
    readonly dependsOn: readonly ITerraformDependable[];
  },
): KubernetesResources | undefined {
  const { layout, namespace, mesh, certificates, dependsOn } = props;
  if (!layout.podMonitors) return undefined;
  return new KubernetesResources(scope, id, {
    name: "fleet--metrics",
    namespace,
    resources: [
      agentsMonitor(layout, mesh),
      ...(certificates === undefined ? [] : [certificatesMonitor(layout, certificates)]),
    ],
    dependsOn: [...dependsOn],
  });
}

function agentsMonitor(
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

function certificatesMonitor(
  { podMonitorApiVersion }: ClusterLayout,
  namespace: string,
): PodMonitor | AzurePodMonitor {
  return {
    apiVersion: podMonitorApiVersion,
    kind: "PodMonitor",
    metadata: { name: "certificates" },
    spec: {
      namespaceSelector: { matchNames: [namespace] },
      selector: {
        matchLabels: {
          "app.kubernetes.io/name": "cert-manager",
          "app.kubernetes.io/component": "controller",
        },
      },
      // Each figure names the namespace of its certificate, which is what rules ask for.
      podMetricsEndpoints: [{ port: "http-metrics", path: "/metrics", interval: "60s", honorLabels: true }],
    },
  };
}
