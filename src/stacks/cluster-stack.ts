import { type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { AzureCluster } from "../azure/aks/azure-cluster";
import { edgeAddress } from "../azure/facts/edge-address";
import { clusterLayout } from "../choices/clusters";
import { AgentNamespace } from "../cluster/agent/agent-namespace";
import { findManifestProblems } from "../cluster/agent/find-manifest-problems";
import { type KubernetesEdge, kubernetesPlatform } from "../cluster/agent/kubernetes-platform";
import { ClusterEdge, type DnsIdentity } from "../cluster/cluster-edge";
import type { IClusterSurroundings } from "../cluster/cluster-surroundings";
import { CertManager } from "../cluster/controllers/cert-manager";
import { EnvoyGateway } from "../cluster/controllers/envoy-gateway";
import { Keda } from "../cluster/controllers/keda";
import { MetricsAdapter } from "../cluster/controllers/metrics-adapter";
import { DaprMesh } from "../cluster/dapr-mesh";
import type { ClusterLayout } from "../cluster/facts/cluster-layout";
import { keycloakInCluster } from "../cluster/facts/runs-kubernetes";
import { metricsScrape } from "../cluster/metrics-scrape";
import { PlainCluster } from "../cluster/plain-cluster";
import type { Environment } from "../environment/environment";
import { safeguards } from "../environment/safeguards";
import { resolveFleet } from "../fleet/resolve-fleet";
import { hasKeycloakDatabase } from "../identity/keycloak/keycloak-settings";
import { type AgentHost, agentHost } from "../parts/agent-host";
import { AgentService } from "../parts/agent-service";
import { keepState } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { refuse } from "../problem";

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
  private readonly environment: Environment;
  private readonly deletionProtection: boolean;
  private readonly highAvailability: boolean;
  private readonly layout: ClusterLayout;
  /** Everything but the agents: whatever their names, they don't meet. */
  private readonly shared: Construct;

  constructor(scope: Construct, { environment, agents }: ClusterStackProps) {
    const name = clusterStackName(environment);
    super(scope, name);
    this.environment = environment;
    const { deletionProtection, highAvailability } = safeguards(environment);
    this.deletionProtection = deletionProtection;
    this.highAvailability = highAvailability;
    this.shared = new Construct(this, "shared");
    this.layout = clusterLayout(environment);
    const planned = resolveFleet(agents, environment);
    refuse(`environment '${environment.name}'`, planned.problems);
    const guard = new PlaceholderGuard(this, name, environment);
    if (!guard.closed) keepState(this, name, environment.state);

    if (this.layout.traits.cloud !== null) {
      const azure = new AzureCluster(this.shared, "azure", {
        environment,
        workloads: planned.workloads,
        guard,
      });
      // Keycloak is an app of its own there.
      const elsewhere =
        environment.identityProvider?.kind === "keycloak" ||
        planned.workloads.some(({ platform }) => platform === "container-apps");
      const { workloads } = elsewhere
        ? resolveFleet(agents, environment, { containerAppsDomain: azure.containerAppsDomain() })
        : planned;
      this.runAgents(workloads, azure);
    } else {
      const { workloads } = planned;
      this.runAgents(workloads, new PlainCluster(this.shared, "plain", { environment, workloads }));
    }
    this.node.addValidation({ validate: () => findManifestProblems(this.toTerraform()) });
  }

  /** Whether the agents' namespace holds what nothing brings back: tasks, or Keycloak's administrator. */
  private get keepsData(): boolean {
    const { environment } = this;
    return (
      environment.taskStore.kind === "cluster-redis" ||
      (keycloakInCluster(environment) && hasKeycloakDatabase(environment))
    );
  }

  private runAgents<I>(workloads: readonly AgentWorkload[], surroundings: IClusterSurroundings<I>): void {
    const inCluster = workloads.filter(({ platform }) => platform === "kubernetes");
    const host = this.createHost(inCluster, surroundings);
    for (const workload of inCluster) new AgentService(this, workload.name, { workload, host });
  }

  private createHost<I>(
    workloads: readonly AgentWorkload[],
    surroundings: IClusterSurroundings<I>,
  ): AgentHost {
    const { layout } = this;
    const namespace = new AgentNamespace(this.shared, "namespace", {
      name: layout.namespace,
      deletionProtection: this.keepsData && this.deletionProtection,
    });
    const dnsIdentity = surroundings.dnsIdentity();
    const controllers = this.createControllers(dnsIdentity);
    const edge = this.createEdge(namespace, controllers, dnsIdentity);
    const place = {
      namespace: namespace.name,
      readyAfter: namespace.readyAfter,
      certificatesAfter: controllers.certificates,
      edgeAfter: edge?.readyAfter ?? [],
    };
    const scaling = this.createScaling();
    const mesh = this.createMesh(workloads, namespace);
    metricsScrape(this.shared, "metrics", { layout, ...place, mesh, dependsOn: place.readyAfter });
    const platform = kubernetesPlatform({
      layout,
      namespace,
      mesh,
      identities: surroundings.identities(place),
      prometheus: surroundings.prometheus({
        ...place,
        readyAfter: [...place.readyAfter, ...scaling],
      }),
      edge,
      pullSecrets: surroundings.pullSecrets,
      scalingReadyAfter: scaling,
    });
    return agentHost({ platform, dependencies: surroundings.dependencies(place) });
  }

  /** What scalers need where the cluster does not bring it. */
  private createScaling(): readonly ITerraformDependable[] {
    const { layout, environment, highAvailability } = this;
    const { prometheusUrl } = environment.kubernetes ?? {};
    if (layout.autoscaling === "keda" && !layout.traits.bringsKeda) {
      return [new Keda(this.shared, "keda", { highAvailability })];
    }
    if (layout.autoscaling === "metrics-adapter" && prometheusUrl !== undefined) {
      return [new MetricsAdapter(this.shared, "metrics-adapter", { prometheusUrl, highAvailability })];
    }
    return [];
  }

  private createMesh(workloads: readonly AgentWorkload[], namespace: AgentNamespace): DaprMesh | undefined {
    const { mesh, domain } = this.environment;
    if (mesh === undefined) return undefined;
    return new DaprMesh(this.shared, "mesh", {
      workloads,
      namespace: namespace.name,
      trustDomain: mesh.trustDomain ?? domain,
      controlPlane: mesh.controlPlane,
      highAvailability: this.highAvailability,
      accessControl: mesh.accessControl,
      sidecar: mesh.sidecar,
      dependsOn: namespace.readyAfter,
    });
  }

  /** What the edge and certificates need where the cluster does not bring it. */
  private createControllers(dnsIdentity: DnsIdentity | undefined): Controllers {
    const { environment, layout, highAvailability } = this;
    const edge = environment.kubernetes?.edge;
    // A class that somebody names is somebody else's controller.
    const gateway =
      edge?.kind === "gateway-api" && edge.gatewayClass === undefined
        ? [
            new EnvoyGateway(this.shared, "gateway", {
              namespace: layout.edgeNamespace,
              gatewayClass: layout.gatewayClass,
              highAvailability,
            }),
          ]
        : [];
    // An issuer that somebody names is somebody else's cert-manager.
    const hasCertManager = edge?.certificates.kind === "issuer";
    const needsCertificates = edge !== undefined || environment.taskStore.kind === "cluster-redis";
    const certificates =
      needsCertificates && !hasCertManager
        ? [
            new CertManager(this.shared, "cert-manager", {
              highAvailability,
              gatewayApi: edge?.kind === "gateway-api",
              azureDns: dnsIdentity !== undefined,
              dependsOn: gateway,
            }),
          ]
        : [];
    return { gateway, certificates };
  }

  private createEdge(
    namespace: AgentNamespace,
    { gateway, certificates }: Controllers,
    dnsIdentity: DnsIdentity | undefined,
  ): KubernetesEdge | undefined {
    const { environment, layout } = this;
    const settings = environment.kubernetes?.edge;
    if (settings === undefined) return undefined;
    return new ClusterEdge(this.shared, "edge", {
      layout,
      namespace: namespace.name,
      settings,
      internal: edgeAddress(environment),
      dnsIdentity,
      dependsOn: [...namespace.readyAfter, ...gateway, ...certificates],
    });
  }
}

/** Controllers that the stack installs; empty lists where the cluster has them. */
interface Controllers {
  readonly gateway: readonly ITerraformDependable[];
  readonly certificates: readonly ITerraformDependable[];
}
