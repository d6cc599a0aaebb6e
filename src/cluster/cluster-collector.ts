import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { stringify } from "yaml";
import { telemetryVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentBinding, EgressDestination, IAgentDependency } from "../parts/agent-dependency";
import {
  collectorConfiguration,
  HEALTH_PORT,
  OTLP_PORT,
  otlpSignals,
} from "../parts/collector-configuration";
import { COLLECTOR_IMAGE } from "../parts/collector-image";
import type { TraceSampling } from "../parts/trace-sampling";
import { terraformText } from "../terraform-text";
import { wayOut } from "./agent/agent-network-policy";
import type { PodIdentity, PodOwner } from "./agent/pod-identity";
import { nameLookup } from "./name-lookup";
import { restrictedContainer, restrictedPod } from "./restricted-pod";

/** Name of the collector, and what its pods are selected by. */
export const CLUSTER_COLLECTOR: PodOwner = { name: "otel-collector", labels: { app: "otel-collector" } };

export interface ClusterCollectorProps {
  /** Namespace of the agents. */
  readonly namespace: string;
  /** Its identity, with the secrets that its exporter names. */
  readonly pod: PodIdentity;
  /** Where it hands everything on to: an exporter of the collector, by name, with its settings. */
  readonly exporter: Readonly<Record<string, object>>;
  /** Where that is. */
  readonly egress: readonly EgressDestination[];
  /** Whether metrics are handed on as well. Agents send none otherwise. @default true */
  readonly takesMetrics?: boolean;
  /** Whether agents send counters as differences, for what adds nothing up itself. @default - as they stand */
  readonly temporality?: "delta";
  /** What has to be there first: the namespace, and the identity's grants. */
  readonly dependsOn: readonly ITerraformDependable[];
  /** @default - the pinned release */
  readonly image?: string;
  /** What it keeps of traces. @default - everything */
  readonly sampling?: TraceSampling;
  /** Whether it survives the loss of a node. @default true */
  readonly highAvailability?: boolean;
}

/**
 * An OpenTelemetry collector beside the agents of a cluster: they send it OTLP over HTTP, it hands that on. Only
 * agents get in, and only it gets out to there.
 */
export class ClusterCollector extends Construct implements IAgentDependency<unknown> {
  readonly dependencyName = "telemetry collector";
  private readonly props: ClusterCollectorProps;
  private readonly deployment: DeploymentV1;

  constructor(scope: Construct, id: string, props: ClusterCollectorProps) {
    super(scope, id);
    this.props = props;
    const metadata = { ...CLUSTER_COLLECTOR, namespace: props.namespace };
    const selector = { matchLabels: { ...CLUSTER_COLLECTOR.labels } };
    const account = new ServiceAccountV1(this, "account", {
      metadata: { ...metadata, annotations: { ...props.pod.serviceAccountAnnotations } },
      automountServiceAccountToken: false,
    });
    const settings = new ConfigMapV1(this, "settings", {
      metadata,
      data: { "collector.yaml": terraformText(stringify(this.configuration(props))) },
    });
    const policy = this.networkPolicy(metadata, props.egress);
    this.deployment = this.run(props, { account, settings, policy });
    new ServiceV1(this, "service", {
      metadata,
      spec: {
        type: "ClusterIP",
        selector: { ...CLUSTER_COLLECTOR.labels },
        port: [{ name: "otlp", port: OTLP_PORT, targetPort: "otlp", protocol: "TCP", appProtocol: "http" }],
      },
    });
    new PodDisruptionBudgetV1(this, "disruption-budget", {
      metadata,
      spec: { maxUnavailable: "1", selector },
    });
  }

  bind(_scope: Construct, workload: AgentWorkload): AgentBinding {
    const { namespace, takesMetrics, temporality } = this.props;
    const endpoint = `http://${CLUSTER_COLLECTOR.name}.${namespace}.svc.cluster.local:${OTLP_PORT}`;
    return {
      variables: telemetryVariables(workload, { endpoint, sampleRatio: 1, temporality, takesMetrics }),
      readyAfter: [this.deployment],
      egress: [{ namespace, podLabels: CLUSTER_COLLECTOR.labels, port: OTLP_PORT }],
    };
  }

  private configuration({ exporter, takesMetrics = true, sampling }: ClusterCollectorProps) {
    const signals = otlpSignals.filter((signal) => signal !== "metrics" || takesMetrics);
    return collectorConfiguration({ exporter, signals, sampling });
  }

  private run(
    { namespace, pod, image, highAvailability = true, dependsOn }: ClusterCollectorProps,
    parts: {
      readonly account: ServiceAccountV1;
      readonly settings: ConfigMapV1;
      readonly policy: NetworkPolicyV1;
    },
  ): DeploymentV1 {
    const { account, settings, policy } = parts;
    const health = { httpGet: { path: "/", port: "health", scheme: "HTTP" }, periodSeconds: 10 };
    const resource = new DeploymentV1(this, "resource", {
      metadata: { ...CLUSTER_COLLECTOR, namespace },
      spec: {
        replicas: highAvailability ? "2" : "1",
        selector: { matchLabels: { ...CLUSTER_COLLECTOR.labels } },
        template: {
          metadata: {
            labels: { ...CLUSTER_COLLECTOR.labels, ...pod.podLabels },
            annotations: { "checksum/settings": Fn.sha256(Fn.jsonencode(settings.data)) },
          },
          spec: {
            ...restrictedPod(10001),
            serviceAccountName: account.metadata.name,
            container: [
              {
                name: CLUSTER_COLLECTOR.name,
                image: image ?? COLLECTOR_IMAGE,
                imagePullPolicy: "IfNotPresent",
                args: ["--config=/etc/collector/collector.yaml"],
                env: pod.secrets.keys.map(({ variable, secret, key }) => ({
                  name: variable,
                  valueFrom: { secretKeyRef: { name: secret, key } },
                })),
                port: [
                  { name: "otlp", containerPort: OTLP_PORT, protocol: "TCP" },
                  { name: "health", containerPort: HEALTH_PORT, protocol: "TCP" },
                ],
                resources: {
                  requests: { cpu: "100m", memory: "256Mi" },
                  limits: { cpu: "500m", memory: "512Mi" },
                },
                livenessProbe: health,
                readinessProbe: health,
                securityContext: restrictedContainer(),
                volumeMount: [
                  { name: "settings", mountPath: "/etc/collector", readOnly: true },
                  ...pod.secrets.providerClasses.map((name) => ({
                    name: "secrets",
                    mountPath: `/mnt/secrets/${name}`,
                    readOnly: true,
                  })),
                ],
              },
            ],
            volume: [
              { name: "settings", configMap: { name: settings.metadata.name } },
              ...pod.secrets.providerClasses.map((name) => ({
                name: "secrets",
                csi: {
                  driver: "secrets-store.csi.k8s.io",
                  readOnly: true,
                  volumeAttributes: { secretProviderClass: name },
                },
              })),
            ],
          },
        },
      },
      timeouts: { create: "15m", update: "15m", delete: "15m" },
      dependsOn: [...dependsOn, policy, ...pod.secrets.readyAfter],
    });
    this.node.defaultChild = resource;
    return resource;
  }

  private networkPolicy(
    metadata: PodOwner & { readonly namespace: string },
    egress: readonly EgressDestination[],
  ): NetworkPolicyV1 {
    return new NetworkPolicyV1(this, "network-policy", {
      metadata,
      spec: {
        podSelector: { matchLabels: { ...CLUSTER_COLLECTOR.labels } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { protocol: "a2a" } } }],
            ports: [{ port: String(OTLP_PORT), protocol: "TCP" }],
          },
        ],
        egress: [nameLookup(), ...wayOut(egress)],
      },
    });
  }
}
