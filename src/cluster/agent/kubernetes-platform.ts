import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { baseUrl } from "../../agent/agent-route";
import { peerDiscoveryVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { CompleteBinding } from "../../parts/agent-dependency";
import type { IAgentPlatform } from "../../parts/agent-host";
import { waitForGrants } from "../../parts/role-grants";
import type { CustomResource } from "../custom-resources";
import type { ClusterLayout } from "../facts/cluster-layout";
import type { EdgeSettings } from "../facts/edges";
import { serviceUrl, sidecarUrl } from "../facts/kubernetes-traits";
import { KubernetesResources } from "../kubernetes-resources";
import { AgentDeployment } from "./agent-deployment";
import { addressLimits, agentHttpRoute, agentIngress } from "./agent-edge";
import { agentLabels } from "./agent-labels";
import type { IAgentNamespace } from "./agent-namespace";
import { agentNetworkPolicy } from "./agent-network-policy";
import { horizontalPodAutoscaler, type PrometheusSource, scaledObject, scalingPlan } from "./agent-scaler";
import type { IPodIdentities, PodIdentity, PodOwner } from "./pod-identity";
import type { IPodMesh } from "./pod-mesh";
import { serviceDiscovery } from "./service-discovery";

export interface KubernetesPlatformProps<I> {
  readonly layout: ClusterLayout;
  readonly namespace: IAgentNamespace;
  /** How pods prove who they are: `azureWorkloadIdentities` or `serviceAccountIdentities`. */
  readonly identities: IPodIdentities<I>;
  /** @default - none: agents call each other's Services */
  readonly mesh?: IPodMesh;
  /** @default - none: agents are reached from within the cluster only */
  readonly edge?: KubernetesEdge;
  /** Where KEDA reads the agents' metrics. @default - nowhere: agents that scale on tasks by KEDA are refused */
  readonly prometheus?: PrometheusSource;
  /** Names of Secrets (dockerconfigjson) that pull images. @default - the nodes' own identity pulls */
  readonly pullSecrets?: readonly string[];
  /** What has to be there before a scaler is made. @default [] */
  readonly scalingReadyAfter?: readonly ITerraformDependable[];
}

/** The way in from outside, as an agent's own part of it needs it. */
export interface KubernetesEdge {
  readonly settings: EdgeSettings;
  /** Ranges that get through to a legacy edge; Gateway API keeps others out at its load balancer. */
  readonly allowedRanges: readonly string[];
  readonly readyAfter: readonly ITerraformDependable[];
}

/**
 * Kubernetes as a platform of agents.
 *
 * @example
 * const platform = kubernetesPlatform({
 *   layout: clusterLayout(environment),
 *   namespace: new AgentNamespace(this, "namespace", { name: "agents" }),
 *   identities: serviceAccountIdentities("agents"),
 * });
 */
export function kubernetesPlatform<I>(props: KubernetesPlatformProps<I>): IAgentPlatform<I> {
  return {
    kind: "kubernetes",
    createIdentity: (scope, workload) => props.identities.create(scope, ownerOf(workload)),
    run: (scope, workload, identity, binding) => {
      const pod = props.identities.bind(scope, ownerOf(workload), identity, binding.secrets);
      runAgent(props, scope, workload, binding, pod);
    },
  };
}

function ownerOf(workload: AgentWorkload): PodOwner {
  return { name: workload.name, labels: agentLabels(workload) };
}

function runAgent<I>(
  props: KubernetesPlatformProps<I>,
  scope: Construct,
  workload: AgentWorkload,
  binding: CompleteBinding,
  pod: PodIdentity,
): void {
  const { layout, namespace, mesh } = props;
  const callsKubernetesApi = workload.peers.length > 0;
  const account = new ServiceAccountV1(scope, "account", {
    metadata: {
      name: workload.name,
      namespace: namespace.name,
      labels: agentLabels(workload),
      annotations: { ...pod.serviceAccountAnnotations },
    },
    automountServiceAccountToken: false,
    dependsOn: [...namespace.readyAfter],
  });
  const accountRef = { name: account.metadata.name, namespace: namespace.name };
  const discovery = callsKubernetesApi ? serviceDiscovery(scope, workload, accountRef) : [];
  const policy = agentNetworkPolicy(scope, "network-policy", {
    workload,
    namespace: namespace.name,
    layout,
    mesh,
    egress: [...binding.egress, ...pod.egress],
    callsKubernetesApi,
  });
  const plan = scalingPlan(workload, layout);
  const deployment = new AgentDeployment(scope, "deployment", {
    workload,
    namespace: namespace.name,
    serviceAccountName: account.metadata.name,
    callsKubernetesApi,
    runAsUser: layout.runAsUser,
    variables: {
      ...binding.variables,
      ...pod.variables,
      ...(callsKubernetesApi ? discoveryVariables(namespace.name, mesh !== undefined) : {}),
    },
    secrets: pod.secrets,
    files: binding.files,
    secretFolders: binding.secretFolders,
    sidecars: binding.sidecars,
    podLabels: pod.podLabels,
    podAnnotations: { ...scrapeAnnotations(workload), ...mesh?.annotations(workload) },
    pullSecrets: props.pullSecrets ?? [],
    replicas: plan.kind === "fixed" ? plan.replicas : null,
    dependsOn: [
      ...namespace.readyAfter,
      policy,
      ...discovery,
      ...pod.secrets.readyAfter,
      ...binding.readyAfter,
      // Federations take as long to hold as roles do.
      ...waitForGrants(scope, [...binding.grants, ...pod.settling]),
      ...(mesh?.readyAfter(workload) ?? []),
    ],
  });
  scope.node.defaultChild = deployment.node.defaultChild;

  const resources: CustomResource[] = [];
  if (plan.kind !== "fixed" && layout.autoscaling === "keda") {
    const { prometheus } = props;
    resources.push(...scaledObject({ workload, layout, plan, prometheus, secrets: pod.secrets }));
  } else if (plan.kind !== "fixed") {
    horizontalPodAutoscaler(scope, "scaler", {
      workload,
      namespace: namespace.name,
      plan,
      dependsOn: [deployment, ...(props.scalingReadyAfter ?? [])],
    });
  }
  resources.push(...edgeOf(props, scope, workload, deployment));
  if (resources.length > 0) {
    // After the Deployment and before it on the way down: a scaler left behind keeps its namespace from going away.
    new KubernetesResources(scope, "resources", {
      name: workload.name,
      namespace: namespace.name,
      resources,
      dependsOn: [deployment, ...(props.scalingReadyAfter ?? []), ...(props.edge?.readyAfter ?? [])],
    });
  }
}

/** What `serviceDiscovery` lets an agent ask for, and how it calls whom it finds. */
function discoveryVariables(namespace: string, meshed: boolean): Record<string, string> {
  const url = meshed ? sidecarUrl : serviceUrl;
  return peerDiscoveryVariables({
    selector: "protocol=a2a",
    namespace,
    urlTemplate: baseUrl(url("{name}", "{namespace}")),
  });
}

/** For scrapers that look at pods; where the operator's kinds exist, one PodMonitor finds all agents. */
function scrapeAnnotations({ metricsPort }: AgentWorkload): Record<string, string> {
  if (metricsPort === null) return {};
  return {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": String(metricsPort),
    "prometheus.io/path": "/metrics",
  };
}

/** The agent's own part of the edge: a route among the custom resources, or an Ingress. */
function edgeOf<I>(
  { layout, namespace, edge }: KubernetesPlatformProps<I>,
  scope: Construct,
  workload: AgentWorkload,
  deployment: AgentDeployment,
): CustomResource[] {
  if (workload.reach === "environment") return [];
  if (edge === undefined) {
    throw new Error(
      `agent '${workload.name}' has the reach '${workload.reach}', and the platform has no edge; give it one, or set the ` +
        "agent's reach to 'environment'",
    );
  }
  if (edge.settings.kind === "gateway-api") {
    return [agentHttpRoute(workload, layout), ...addressLimits(workload, edge.settings)];
  }
  const { allowedRanges, readyAfter } = edge;
  agentIngress(scope, "ingress", {
    workload,
    namespace: namespace.name,
    layout,
    edge: edge.settings,
    allowedRanges,
    dependsOn: [deployment, ...readyAfter],
  });
  return [];
}
