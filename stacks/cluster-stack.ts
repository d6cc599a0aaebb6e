import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AgentDefinition } from "../src/agent/agent-definition";
import { AgentService } from "../src/agent/agent-service";
import type { AgentWorkload } from "../src/agent/agent-workload";
import { resolveFleet } from "../src/agent/resolve-fleet";
import type { Environment } from "../src/environment/environment";
import { type AgentHost, agentHost } from "../src/platforms/agent-host";
import { AgentNamespace } from "../src/platforms/kubernetes/agent-namespace";
import { ClusterEdge } from "../src/platforms/kubernetes/cluster-edge";
import { clusterLayout, edgeAddress } from "../src/platforms/kubernetes/cluster-layout";
import { type KubernetesEdge, kubernetesPlatform } from "../src/platforms/kubernetes/kubernetes-platform";
import { metricsScrape } from "../src/platforms/kubernetes/metrics-scrape";
import { refuse } from "../src/problem";
import { DaprMesh } from "../src/shared/dapr-mesh";
import { AzureCluster } from "./azure-cluster";
import { PlaceholderGuard } from "./placeholders";
import { keepState } from "./providers";

export interface ClusterStackProps {
  readonly environment: Environment;
  readonly agents: readonly AgentDefinition[];
}

/** Name of the stack with what runs inside the cluster of an environment. */
export function clusterStackName(environment: Pick<Environment, "name">): string {
  return `${environment.name}-cluster`;
}

/**
 * What runs inside the Kubernetes cluster of an environment: deployed after the environment's own stack, because a
 * provider cannot be configured from a cluster that the same plan creates.
 *
 * @throws FleetError with every problem of the fleet in this environment.
 */
export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, { environment, agents }: ClusterStackProps) {
    const name = clusterStackName(environment);
    super(scope, name);
    const planned = resolveFleet(agents, environment);
    refuse(`environment '${environment.name}'`, planned.problems);
    const guard = new PlaceholderGuard(this, name, environment);
    if (!guard.closed) keepState(this, name, environment.state);

    const azure = new AzureCluster(this, "azure", { environment, workloads: planned.workloads, guard });
    const usesContainerApps = planned.workloads.some(({ platform }) => platform === "container-apps");
    const { workloads } = usesContainerApps
      ? resolveFleet(agents, environment, { containerAppsDomain: azure.containerAppsDomain() })
      : planned;
    const inCluster = workloads.filter(({ platform }) => platform === "kubernetes");
    const host = this.createHost(environment, inCluster, azure);
    for (const workload of inCluster) new AgentService(this, workload.name, { workload, host });
  }

  private createHost(
    environment: Environment,
    workloads: readonly AgentWorkload[],
    azure: AzureCluster,
  ): AgentHost {
    const layout = clusterLayout(environment);
    const namespace = new AgentNamespace(this, "namespace", { name: layout.namespace });
    const mesh = this.createMesh(environment, workloads, namespace);
    metricsScrape(this, "metrics", {
      layout,
      namespace: namespace.name,
      mesh,
      dependsOn: namespace.readyAfter,
    });
    const platform = kubernetesPlatform({
      layout,
      namespace,
      mesh,
      identities: azure.identities(namespace.name, namespace.readyAfter),
      prometheus: azure.prometheus(namespace.name, namespace.readyAfter),
      edge: this.createEdge(environment, namespace, azure),
    });
    return agentHost({ platform, dependencies: azure.dependencies() });
  }

  private createMesh(
    { mesh, domain, highAvailability, stage }: Environment,
    workloads: readonly AgentWorkload[],
    namespace: AgentNamespace,
  ): DaprMesh | undefined {
    if (mesh === undefined) return undefined;
    return new DaprMesh(this, "mesh", {
      workloads,
      namespace: namespace.name,
      trustDomain: mesh.trustDomain ?? domain,
      controlPlane: mesh.controlPlane,
      highAvailability: highAvailability ?? stage === "production",
      accessControl: mesh.accessControl,
      sidecar: mesh.sidecar,
      dependsOn: namespace.readyAfter,
    });
  }

  private createEdge(
    environment: Environment,
    namespace: AgentNamespace,
    azure: AzureCluster,
  ): KubernetesEdge | undefined {
    const settings = environment.kubernetes?.edge;
    if (settings === undefined) return undefined;
    return new ClusterEdge(this, "edge", {
      layout: clusterLayout(environment),
      namespace: namespace.name,
      settings,
      internal: edgeAddress(environment),
      dnsIdentity: azure.dnsIdentity(),
      dependsOn: [...namespace.readyAfter],
    });
  }
}
