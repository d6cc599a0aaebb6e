import type { Hop } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import type { AddressedAgent, PlatformLimit, PlatformTraits } from "../../environment/platform-traits";
import { clusterLayout } from "./cluster-layout";

/** Kubernetes without its constructs. */
export const kubernetesTraits: PlatformTraits = {
  kind: "kubernetes",
  title: "Kubernetes",
  idleReplicas: 1,
  address: (agent) => {
    const { name, environment, reach } = agent;
    const { namespace, edgeHost } = clusterLayout(environment);
    const clusterUrl = `http://${name}.${namespace}.svc.cluster.local`;
    const outside = reach !== "environment";
    return {
      backendUrl: outside ? `https://${edgeHost}/${name}` : clusterUrl,
      // The sidecar listens on the loopback address and finds the agent by its id. Without the slash at the end it takes
      // the URL itself for no call at all, and clients would resolve the card's path beside it instead of below it.
      peerUrl:
        environment.mesh === undefined
          ? clusterUrl
          : `http://127.0.0.1:3500/v1.0/invoke/${name}.${namespace}/method/`,
      hops: outside ? edgeHops(agent) : [],
      peerHops: [],
    };
  },
  limits: (workload, environment) => [
    ...edge(workload, environment),
    ...replicas(workload),
    ...scaling(workload, environment),
    ...traffic(workload),
  ],
};

/** How long the load balancer in front of an edge keeps a silent connection; Azure takes 4 to 100 minutes. */
export const LOAD_BALANCER_IDLE_MINUTES = 30;

/** What one replica is given beyond its definition: preStop holds it back while the cluster stops routing to it. */
export const PRE_STOP_SECONDS = 5;

function edgeHops({ environment, taskDeadlineSeconds }: AddressedAgent): Hop[] {
  const edge = environment.kubernetes?.edge;
  if (edge === undefined) return [];
  const loadBalancer: Hop = {
    name: "azure-load-balancer",
    limitSeconds: LOAD_BALANCER_IDLE_MINUTES * 60,
    timeoutSeconds: LOAD_BALANCER_IDLE_MINUTES * 60,
    buffers: false,
    source: "https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout",
  };
  const proxy: Hop =
    edge.kind === "gateway-api"
      ? {
          name: "gateway-api",
          limitSeconds: null,
          timeoutSeconds: taskDeadlineSeconds + 10,
          buffers: false,
          source: "https://gateway-api.sigs.k8s.io/guides/http-timeouts/",
        }
      : {
          name: "nginx-ingress",
          limitSeconds: null,
          timeoutSeconds: Math.max(300, taskDeadlineSeconds + 10),
          buffers: edge.buffering ?? false,
          source:
            "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#proxy-buffering",
        };
  return clusterLayout(environment).onAzure ? [loadBalancer, proxy] : [proxy];
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

function scaling({ scaling: rule, metricsPort }: AgentWorkload, environment: Environment): PlatformLimit[] {
  const { autoscaling } = clusterLayout(environment);
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
