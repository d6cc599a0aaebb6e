import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { ProtocolBinding } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { listOf } from "../problem";
import type { IPodMesh } from "./agent/pod-mesh";
import { ClusterController } from "./controllers/cluster-controller";
import type { DaprConfiguration, DaprOperation, DaprResiliency } from "./custom-resources";
import {
  DAPR_CONTROL_PLANE_PORTS,
  DAPR_NAMESPACE,
  DAPR_PORTS,
  type DaprSidecar,
  daprAnnotations,
  daprSidecar,
  isVersionAtLeast,
  SAFE_DAPR_VERSION,
} from "./facts/dapr-sidecar";
import type { DaprRelease, DaprSidecarSettings, ExistingDapr } from "./facts/mesh-settings";
import { KubernetesResources } from "./kubernetes-resources";

export interface DaprMeshProps {
  /** Every agent that runs in the cluster, callers that nobody calls included: each needs a Configuration. */
  readonly workloads: readonly AgentWorkload[];
  /** Namespace of the agents. It has to exist. */
  readonly namespace: string;
  /** Trust domain of the fleet's certificates: lower case letters, digits, `.`, `_`, `-`. */
  readonly trustDomain: string;
  /** @default - a release of the pinned version */
  readonly controlPlane?: DaprRelease | ExistingDapr;
  /**
   * Whether the control plane survives the loss of a node or zone: three replicas of each part, spread.
   *
   * @default true
   */
  readonly highAvailability?: boolean;
  /**
   * Whether agents let in only those that say they call them.
   *
   * @default true
   */
  readonly accessControl?: boolean;
  /** @default {} */
  readonly sidecar?: DaprSidecarSettings;
  /** What has to be there before anything of the mesh: the agents' namespace. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Dapr between agents on Kubernetes: mutual TLS with certificates of a day, and each agent reachable by exactly the
 * agents that say they call it.
 *
 * @throws Error when Dapr is older than 1.17.5, when the namespace or the trust domain is empty (daprd would not
 * start), or when an agent is asked for that the mesh does not know.
 * @example
 * const mesh = new DaprMesh(this, "mesh", { workloads, namespace: "agents", trustDomain: "example.com" });
 */
export class DaprMesh extends Construct implements IPodMesh {
  readonly sidecar: DaprSidecar;
  readonly trustDomain: string;
  readonly peerPort = DAPR_PORTS.internalGrpc;
  readonly metricsPort: number;
  readonly controlPlane: { readonly namespace: string; readonly ports: readonly number[] };

  private readonly namespace: string;
  private readonly configurations: ReadonlyMap<string, KubernetesResources>;

  constructor(scope: Construct, id: string, props: DaprMeshProps) {
    super(scope, id);
    const { workloads, namespace, trustDomain, controlPlane, dependsOn = [] } = props;
    this.sidecar = daprSidecar(props);
    refuseUnsafe(this.sidecar.version);
    refuseEmpty({ namespace, trustDomain });
    this.namespace = namespace;
    this.trustDomain = trustDomain;
    this.metricsPort = this.sidecar.metricsPort;
    this.controlPlane = {
      namespace: (controlPlane?.kind === "existing" ? controlPlane.namespace : undefined) ?? DAPR_NAMESPACE,
      ports: Object.values(DAPR_CONTROL_PLANE_PORTS),
    };

    const installed =
      controlPlane?.kind === "existing"
        ? dependsOn
        : [this.install(props.highAvailability ?? true), ...dependsOn];
    this.configurations = new Map(
      workloads.map((workload) => [
        workload.name,
        new KubernetesResources(this, workload.name, {
          name: `${workload.name}--dapr`,
          namespace,
          resources: [
            this.configuration(workload, workloads, props.accessControl ?? true),
            ...this.resiliency(workload, workloads),
          ],
          dependsOn: installed,
        }),
      ]),
    );
  }

  /** @throws Error when the agent is not one of the mesh's. */
  annotations(workload: AgentWorkload): Record<string, string> {
    const { release } = this.configurationOf(workload);
    return {
      ...daprAnnotations(workload, this.sidecar),
      // Sidecars read their Configuration when they start: a change of it has to be a change of the pods, which then
      // come one by one while the old ones end their tasks.
      "checksum/mesh": Fn.sha256(Fn.element(release.values, 0)),
    };
  }

  /**
   * What has to be there before an agent's pods: a Configuration that is named and missing stops daprd, and before the
   * injector runs, pods are refused.
   *
   * @throws Error when the agent is not one of the mesh's.
   */
  readyAfter(workload: AgentWorkload): readonly ITerraformDependable[] {
    return [this.configurationOf(workload)];
  }

  private configurationOf({ name }: AgentWorkload): KubernetesResources {
    const configuration = this.configurations.get(name);
    if (configuration !== undefined) return configuration;
    throw new Error(
      `agent '${name}' is not in the mesh (${listOf([...this.configurations.keys()])}); ` +
        "give DaprMesh the workloads of all agents that run in the cluster",
    );
  }

  private install(highAvailability: boolean): ClusterController {
    const { version, native } = this.sidecar;
    const { namespace } = this.controlPlane;
    return new ClusterController(this, "control-plane", {
      name: "dapr",
      namespace,
      repository: "https://dapr.github.io/helm-charts",
      chart: "dapr",
      version,
      definitions: ["dapr-crds"],
      values: controlPlaneValues({ highAvailability, native, judged: this.namespace }),
    });
  }

  /**
   * Callees decide who comes in; the trust domain in a certificate comes from the caller's own Configuration. So every
   * agent has one, with the same trust domain.
   */
  private configuration(
    workload: AgentWorkload,
    workloads: readonly AgentWorkload[],
    accessControl: boolean,
  ): DaprConfiguration {
    const { namespace, trustDomain } = this;
    // A caller elsewhere (Cloud Run) has no sidecar here: it comes in through the edge.
    const callers = workload.callers.filter((caller) => workloads.some(({ name }) => name === caller));
    return {
      apiVersion: "dapr.io/v1alpha1",
      kind: "Configuration",
      metadata: { name: workload.name, namespace, labels: { app: workload.name } },
      spec: {
        accessControl: accessControl
          ? {
              defaultAction: "deny",
              trustDomain,
              policies: callers.map((appId) => ({
                appId,
                defaultAction: "deny",
                trustDomain,
                namespace,
                operations: operationsOf(workload.protocolBindings),
              })),
            }
          : { defaultAction: "allow", trustDomain, policies: [] },
        // The agents use service invocation alone: the sidecar's other interfaces stay shut.
        api: { allowed: [{ name: "invoke", version: "v1.0", protocol: "http" }] },
        // On by default since 1.18, and then a change of any Configuration of the namespace restarts every sidecar in it
        // and cuts what passes through.
        features: [{ name: "HotReload", enabled: false }],
      },
    };
  }

  /**
   * Nothing is repeated on an agent's behalf: without a target of its own, a sidecar repeats up to three times what a
   * connection broke off, and the peer may have done the work already. Callers know which of their calls may be repeated.
   */
  private resiliency(workload: AgentWorkload, workloads: readonly AgentWorkload[]): DaprResiliency[] {
    const peers = workload.peers.filter((peer) => workloads.some(({ name }) => name === peer.name));
    if (peers.length === 0) return [];
    return [
      {
        apiVersion: "dapr.io/v1alpha1",
        kind: "Resiliency",
        metadata: { name: workload.name, namespace: this.namespace, labels: { app: workload.name } },
        scopes: [workload.name],
        spec: {
          policies: { retries: { never: { policy: "constant", maxRetries: 0 } } },
          targets: { apps: Object.fromEntries(peers.map(({ name }) => [name, { retry: "never" }])) },
        },
      },
    ];
  }
}

/** What callers of an A2A agent do: read its card, and speak one of its bindings. Everything else is denied. */
function operationsOf(bindings: readonly ProtocolBinding[]): DaprOperation[] {
  const card: DaprOperation = { name: "/.well-known/*", httpVerb: ["GET"], action: "allow" };
  const jsonRpc: DaprOperation = { name: "/", httpVerb: ["POST"], action: "allow" };
  const rest: DaprOperation[] = [
    { name: "/message:send", httpVerb: ["POST"], action: "allow" },
    { name: "/message:stream", httpVerb: ["POST"], action: "allow" },
    // Includes `/tasks` itself, which must not be an operation of its own: it would shadow everything below it.
    { name: "/tasks/**", httpVerb: ["GET", "POST", "DELETE"], action: "allow" },
    { name: "/extendedAgentCard", httpVerb: ["GET"], action: "allow" },
    // The same operations as 0.3 writes them.
    { name: "/v1/**", httpVerb: ["GET", "POST", "DELETE"], action: "allow" },
  ];
  return [
    card,
    ...(bindings.includes("JSONRPC") ? [jsonRpc] : []),
    ...(bindings.includes("HTTP+JSON") ? rest : []),
  ];
}

/** @see https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-production/ */
function controlPlaneValues({
  highAvailability,
  native,
  judged,
}: {
  readonly highAvailability: boolean;
  readonly native: boolean;
  /** Namespace whose pods the injector judges. */
  readonly judged: string;
}) {
  return {
    global: {
      ha: { enabled: highAvailability },
      logAsJson: true,
      seccompProfile: "RuntimeDefault",
      // Only the control plane knows these two: in an agent's own Configuration they have no effect.
      mtls: { enabled: true, workloadCertTTL: "24h", allowedClockSkew: "15m" },
      // No agent uses actors, workflows or jobs. Without them there is no placement service and no scheduler, which
      // would need volumes of the cluster's default storage class.
      actors: { enabled: false },
      scheduler: { enabled: false },
    },
    dapr_sidecar_injector: {
      // Ignore, the chart's default, starts pods without their sidecar while the injector is away.
      webhookFailurePolicy: "Fail",
      // In every other namespace pods start without it, its own among them: otherwise it could never come back.
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": judged } },
      sidecarDropALLCapabilities: true,
      ...(native ? { nativeSidecar: true } : {}),
    },
  };
}

function refuseUnsafe(version: string): void {
  if (isVersionAtLeast(version, SAFE_DAPR_VERSION)) return;
  throw new Error(
    `Dapr ${version} lets path traversal go around its access control; use ${SAFE_DAPR_VERSION} or newer`,
  );
}

function refuseEmpty(parts: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parts)) {
    if (value !== "") continue;
    throw new Error(
      `the mesh's ${name} is empty, and daprd does not start with a policy that has none; set '${name}'`,
    );
  }
}
