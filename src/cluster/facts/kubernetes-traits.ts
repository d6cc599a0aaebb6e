import type { Hop } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import { hasAlerts } from "../../environment/alert-settings";
import { callerLimits } from "../../environment/caller-limits";
import type { Environment } from "../../environment/environment";
import type { AddressedAgent, PlatformLimit, PlatformTraits } from "../../environment/platform-traits";
import { listOf } from "../../problem";
import { isServiceName } from "../../shapes";
import { type ClusterLayout, takesAlerts } from "./cluster-layout";
import { DAPR_PORTS, daprSidecar } from "./dapr-sidecar";
import { edgeTraits } from "./edges";

/** Decides what an environment leaves open about its cluster, whatever clusters there are. */
type LayOut = (environment: Environment) => ClusterLayout;

/** Kubernetes without its constructs. */
export const kubernetesTraits = (layOut: LayOut): PlatformTraits<"kubernetes"> => ({
  kind: "kubernetes",
  title: "Kubernetes",
  stack: "cluster",
  cloud: (environment) => layOut(environment).traits.cloud,
  idleReplicas: 1,
  wakesForRequests: false,
  scrapesMetrics: (environment) => {
    const { traits, podMonitors } = layOut(environment);
    return traits.cloud !== null || podMonitors || environment.kubernetes?.prometheusUrl !== undefined;
  },
  insideNetwork: true,
  readsVault: true,
  address: (agent) => {
    const { name, environment, reach } = agent;
    const layout = layOut(environment);
    const { namespace, edgeHost } = layout;
    const clusterUrl = serviceUrl(name, namespace);
    const outside = reach !== "environment";
    return {
      backendUrl: outside ? `https://${edgeHost}/${name}` : clusterUrl,
      peerUrl: environment.mesh === undefined ? clusterUrl : sidecarUrl(name, namespace),
      keepsForwardedHost: !outside || keepsForwardedHost(environment),
      hops: outside ? edgeHops(agent, layout) : [],
      peerHops: [],
    };
  },
  limits: (workload, environment) => [
    ...edge(workload, environment),
    ...peerCard(workload, environment),
    ...nodeSize(workload, environment, layOut(environment)),
    ...replicas(workload),
    ...scaling(workload, layOut(environment)),
    ...traffic(workload),
    ...egress(workload),
    ...objectives(environment, layOut(environment)),
    ...callerLimits(workload, environment, edgeGaps(environment)),
  ],
});

/** Base URL of an agent's Service. */
export function serviceUrl(name: string, namespace: string): string {
  return `http://${name}.${namespace}.svc.cluster.local`;
}

/**
 * Base URL of an agent at a caller's own sidecar, which listens on the loopback address and finds the agent by its id.
 * Without the slash at the end it takes the URL itself for no call at all.
 */
export function sidecarUrl(name: string, namespace: string): string {
  return `http://127.0.0.1:${DAPR_PORTS.http}/v1.0/invoke/${name}.${namespace}/method/`;
}

/** What one replica is given beyond its definition: preStop holds it back while the cluster stops routing to it. */
export const PRE_STOP_SECONDS = 5;

function edgeHops({ environment, taskDeadlineSeconds }: AddressedAgent, { traits }: ClusterLayout): Hop[] {
  const edge = environment.kubernetes?.edge;
  if (edge === undefined) return [];
  const proxy = edgeTraits(edge).hop(edge, taskDeadlineSeconds);
  return traits.loadBalancer === null ? [proxy] : [traits.loadBalancer.hop, proxy];
}

function edgeGaps({ kubernetes }: Environment) {
  return kubernetes?.edge === undefined ? [] : edgeTraits(kubernetes.edge).callerGaps(kubernetes.edge);
}

function edge({ reach }: AgentWorkload, environment: Environment): PlatformLimit[] {
  if (reach === "environment" || environment.kubernetes?.edge !== undefined) return [];
  return [
    {
      aspect: "reach",
      outcome: "impossible",
      why:
        `its reach is '${reach}', and the cluster has no way in; set kubernetes.edge (kind 'gateway-api' with its ` +
        "certificates), or its reach to 'environment'",
    },
  ];
}

function keepsForwardedHost({ kubernetes }: Environment): boolean {
  return kubernetes?.edge === undefined || edgeTraits(kubernetes.edge).keepsForwardedHost;
}

function peerCard({ reach, callers }: AgentWorkload, environment: Environment): PlatformLimit[] {
  const { gateway } = environment;
  if (gateway === undefined || reach === "environment" || callers.length === 0) return [];
  if (keepsForwardedHost(environment)) return [];
  return [
    {
      aspect: "card for peers",
      outcome: "changed",
      why:
        `peers (${callers.join(", ")}) get the card for callers from outside, whose URL leads through the gateway: behind ` +
        "nginx the agent cannot tell them apart; set kubernetes.edge to kind 'gateway-api'",
    },
  ];
}

/** More than a node has is scheduled nowhere, or killed before it has it. */
function nodeSize(workload: AgentWorkload, { mesh }: Environment, layout: ClusterLayout): PlatformLimit[] {
  const node = layout.traits.node(layout.cluster);
  const replica = replicaSize(workload, mesh);
  if (node === null) return [];
  const { forPods } = node;
  if (replica.cores < forPods.cores && replica.memoryMiB < forPods.memoryMiB) return [];
  const withSidecar = mesh === undefined ? "" : " (its sidecar included)";
  return [
    {
      aspect: "CPU and memory",
      outcome: "impossible",
      why:
        `${rounded(replica.cores)} cores with ${replica.memoryMiB} MiB${withSidecar} are more than a node has ` +
        `(${node.name}: ${node.cores} cores, ${node.memoryMiB} MiB, of which the system leaves less than ` +
        `${rounded(forPods.cores)} and ${forPods.memoryMiB}); choose a larger ${node.setting}, or lower cpu and memoryMiB`,
    },
  ];
}

/** What one replica asks a node for. */
export function replicaSize({ cpu, memoryMiB }: AgentWorkload, mesh: Environment["mesh"]) {
  const sidecar = mesh === undefined ? { cpu: 0, memoryMiB: 0 } : daprSidecar(mesh);
  return { cores: cpu + sidecar.cpu, memoryMiB: memoryMiB + sidecar.memoryMiB };
}

/** A sum of cores as people write it. */
export function rounded(cores: number): number {
  return Math.round(cores * 100) / 100;
}

function egress({ egress: destinations }: AgentWorkload): PlatformLimit[] {
  const named = destinations.flatMap((place) =>
    "host" in place && !isServiceName(place.host) ? [`${place.host}:${place.port ?? 443}`] : [],
  );
  if (named.length === 0) return [];
  return [
    {
      aspect: "egress",
      outcome: "changed",
      why: `network policies know no names: for ${listOf(named)} the port is open to all public addresses`,
    },
  ];
}

function objectives(environment: Environment, layout: ClusterLayout): PlatformLimit[] {
  if (!hasAlerts(environment) || takesAlerts(layout)) return [];
  return [
    {
      aspect: "objectives",
      outcome: "changed",
      why: "nothing in the cluster takes the fleet's alerts, and nobody hears when the agent misses what its users expect",
    },
  ];
}

function replicas({ minReplicas, scaling: rule }: AgentWorkload): PlatformLimit[] {
  if (minReplicas > 0 || rule.kind === "event") return [];
  return [
    {
      aspect: "replicas",
      outcome: "changed",
      why: "minReplicas is 0, and nothing would wake the agent when a request comes: it keeps 1 replica",
    },
  ];
}

function scaling(
  { scaling: rule, metricsPort }: AgentWorkload,
  { autoscaling }: ClusterLayout,
): PlatformLimit[] {
  if (rule.kind === "resources") return [];
  if (rule.kind === "event") {
    if (autoscaling === "keda") return [];
    return [
      {
        aspect: "scaling",
        outcome: "impossible",
        why:
          `scaler '${rule.scaler}' is one of KEDA's, and the environment scales with '${autoscaling}'; ` +
          "set kubernetes.autoscaling to 'keda', or scale on active-tasks",
      },
    ];
  }
  if (autoscaling === "resources") {
    return [
      {
        aspect: "scaling",
        outcome: "changed",
        why: "nothing reads the agent's metrics here (kubernetes.autoscaling is 'resources'): it scales at 60 % CPU or 70 % memory",
      },
    ];
  }
  if (metricsPort === null) {
    return [
      {
        aspect: "scaling",
        outcome: "impossible",
        why:
          `it scales on a2a_active_tasks (scaling.kind is '${rule.kind}'), and exports no metrics (metricsPort is null); ` +
          "give it a metricsPort, or scale on 'resources'",
      },
    ];
  }
  if (rule.kind === "active-tasks") return [];
  return [
    {
      aspect: "scaling",
      outcome: "changed",
      why:
        "no one counts open requests here; it scales on active tasks instead, one for each open request " +
        `(${rule.concurrentRequests} per replica)`,
    },
  ];
}

function traffic({ traffic: weights }: AgentWorkload): PlatformLimit[] {
  const named = weights.find(({ revision }) => revision !== "latest");
  if (named === undefined) return [];
  return [
    {
      aspect: "traffic",
      outcome: "impossible",
      why:
        `revision '${named.revision}' gets a share, and a Deployment runs one revision (rolled out pod by pod); ` +
        "remove 'traffic', and set 'image' to the former digest to go back",
    },
  ];
}
