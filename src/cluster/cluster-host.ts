import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { type AgentHost, agentHost } from "../parts/agent-host";
import { AgentNamespace, type IAgentNamespace } from "./agent/agent-namespace";
import { type KubernetesEdge, kubernetesPlatform } from "./agent/kubernetes-platform";
import { clusterAlerts } from "./cluster-alerts";
import { ClusterEdge, type DnsIdentity } from "./cluster-edge";
import type { ClusterPlan } from "./cluster-plan";
import type { IClusterSurroundings } from "./cluster-surroundings";
import { CertManager } from "./controllers/cert-manager";
import { EnvoyGateway } from "./controllers/envoy-gateway";
import { Keda } from "./controllers/keda";
import { MetricsAdapter } from "./controllers/metrics-adapter";
import { DaprMesh } from "./dapr-mesh";
import { metricsScrape } from "./metrics-scrape";

export interface ClusterHostProps<I> {
  readonly environment: Environment;
  readonly plan: ClusterPlan;
  /** The agents that run in the cluster. */
  readonly workloads: readonly AgentWorkload[];
  readonly surroundings: IClusterSurroundings<I>;
}

/** Makes all of a cluster's inside but the agents, and gives the host that they run on. */
export function createClusterHost<I>(
  scope: Construct,
  { environment, plan, workloads, surroundings }: ClusterHostProps<I>,
): AgentHost {
  const { layout } = plan;
  const namespace = layout.traits.ownersSecrets
    ? AgentNamespace.fromExisting(scope, "namespace", layout.namespace)
    : new AgentNamespace(scope, "namespace", plan.namespace);
  const dnsIdentity = surroundings.dnsIdentity();
  const controllers = createControllers(scope, plan, workloads, dnsIdentity);
  const edge = createEdge(scope, plan, { namespace, controllers, dnsIdentity, surroundings });
  const place = {
    namespace: namespace.name,
    readyAfter: namespace.readyAfter,
    certificatesAfter: controllers.certificates,
    edgeAfter: edge?.readyAfter ?? [],
  };
  const scaling = createScaling(scope, plan);
  const mesh = createMesh(scope, plan, workloads, namespace);
  metricsScrape(scope, "metrics", {
    layout,
    ...place,
    mesh,
    certificates: controllers.certManager?.namespace,
    dependsOn: place.readyAfter,
  });
  const platform = kubernetesPlatform({
    layout,
    namespace,
    mesh,
    identities: surroundings.identities(place),
    prometheus: surroundings.prometheus({ ...place, readyAfter: [...place.readyAfter, ...scaling] }),
    edge,
    pullSecrets: surroundings.pullSecrets,
    scalingReadyAfter: scaling,
  });
  const dependencies = surroundings.dependencies(place);
  const watch =
    surroundings.watch?.(place, plan.watchedParts) ??
    clusterAlerts(new Construct(scope, "alerts"), {
      environment,
      layout,
      parts: plan.watchedParts,
      dependsOn: place.readyAfter,
    });
  return agentHost({ platform, dependencies, watch });
}

/** Controllers that the stack installs; empty lists where the cluster has them. */
interface Controllers {
  readonly gateway: readonly ITerraformDependable[];
  readonly certificates: readonly ITerraformDependable[];
  readonly certManager: CertManager | undefined;
}

/** What the edge and certificates need where the cluster does not bring it. */
function createControllers(
  scope: Construct,
  { layout, highAvailability, controllers }: ClusterPlan,
  workloads: readonly AgentWorkload[],
  dnsIdentity: DnsIdentity | undefined,
): Controllers {
  const gateway = controllers.gateway
    ? [
        new EnvoyGateway(scope, "gateway", {
          namespace: layout.edgeNamespace,
          gatewayClass: layout.gatewayClass,
          highAvailability,
          // As long as the edge gives an agent's longest answer.
          drainSeconds: Math.max(60, ...workloads.map(({ taskDeadlineSeconds }) => taskDeadlineSeconds)) + 10,
        }),
      ]
    : [];
  const certManager = controllers.certificates
    ? new CertManager(scope, "cert-manager", {
        highAvailability,
        gatewayApi: controllers.gatewayApi,
        azureDns: dnsIdentity !== undefined,
        dependsOn: gateway,
      })
    : undefined;
  return { gateway, certificates: certManager === undefined ? [] : [certManager], certManager };
}

function createEdge(
  scope: Construct,
  { layout, edge }: ClusterPlan,
  parts: {
    readonly namespace: IAgentNamespace;
    readonly controllers: Controllers;
    readonly dnsIdentity: DnsIdentity | undefined;
    readonly surroundings: Pick<IClusterSurroundings<never>, "edgeAddress">;
  },
): KubernetesEdge | undefined {
  if (edge === undefined) return undefined;
  const { namespace, controllers, dnsIdentity, surroundings } = parts;
  return new ClusterEdge(scope, "edge", {
    layout,
    namespace: namespace.name,
    settings: edge,
    internal: surroundings.edgeAddress,
    dnsIdentity,
    dependsOn: [...namespace.readyAfter, ...controllers.gateway, ...controllers.certificates],
  });
}

/** What scalers need where the cluster does not bring it. */
function createScaling(
  scope: Construct,
  { controllers, highAvailability }: ClusterPlan,
): readonly ITerraformDependable[] {
  if (controllers.keda) return [new Keda(scope, "keda", { highAvailability })];
  const { metricsAdapter: prometheusUrl } = controllers;
  if (prometheusUrl === undefined) return [];
  return [new MetricsAdapter(scope, "metrics-adapter", { prometheusUrl, highAvailability })];
}

function createMesh(
  scope: Construct,
  { mesh, highAvailability }: ClusterPlan,
  workloads: readonly AgentWorkload[],
  namespace: IAgentNamespace,
): DaprMesh | undefined {
  if (mesh === undefined) return undefined;
  const { trustDomain, controlPlane, accessControl, sidecar } = mesh;
  return new DaprMesh(scope, "mesh", {
    workloads,
    namespace: namespace.name,
    trustDomain,
    controlPlane,
    highAvailability,
    accessControl,
    sidecar,
    dependsOn: namespace.readyAfter,
  });
}
