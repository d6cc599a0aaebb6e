import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import {
  DeploymentV1,
  type DeploymentV1SpecTemplateSpecContainer,
  type DeploymentV1SpecTemplateSpecVolume,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AgentProbe, AgentWorkload } from "../../agent/agent-workload";
import type { AgentFile, AgentSidecar, SecretFolder } from "../../parts/agent-dependency";
import { terraformText } from "../../terraform-text";
import { PRE_STOP_SECONDS } from "../facts/kubernetes-traits";
import { restrictedContainer } from "../restricted-pod";
import { agentLabels, agentSelector } from "./agent-labels";
import type { PodSecrets } from "./pod-identity";

export interface AgentDeploymentProps {
  readonly workload: AgentWorkload;
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Whether the pod's token for the Kubernetes API is mounted. */
  readonly callsKubernetesApi: boolean;
  readonly runAsUser: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: PodSecrets;
  readonly files: readonly AgentFile[];
  readonly secretFolders: readonly SecretFolder[];
  readonly sidecars: readonly AgentSidecar[];
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podAnnotations: Readonly<Record<string, string>>;
  /** Names of the Secrets that pull the image. */
  readonly pullSecrets: readonly string[];
  /** Replicas, or null where a scaler owns their number: a Deployment that says one as well writes it back at every change. */
  readonly replicas: number | null;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Name of an agent's own container in its pods. */
export const AGENT_CONTAINER = "agent";

const SECRETS_PATH = "/mnt/secrets";

/** The pods of an agent, their settings, their address in the cluster, and how many may go away at once. */
export class AgentDeployment extends Construct implements ITerraformDependable {
  private readonly resource: DeploymentV1;

  constructor(scope: Construct, id: string, props: AgentDeploymentProps) {
    super(scope, id);
    const { workload, namespace } = props;
    const metadata = { name: workload.name, namespace, labels: agentLabels(workload) };

    const settings = new ConfigMapV1(this, "settings", {
      metadata,
      data: mapValues(props.variables, terraformText),
    });
    const files = props.files.length === 0 ? undefined : this.files(metadata, props.files);
    this.resource = this.deployment(props, settings, files);
    new ServiceV1(this, "service", {
      metadata,
      spec: {
        type: "ClusterIP",
        selector: agentSelector(workload),
        port: [
          { name: "a2a", port: 80, targetPort: "a2a", protocol: "TCP", appProtocol: "http" },
          ...(workload.metricsPort === null
            ? []
            : [{ name: "metrics", port: 9090, targetPort: "metrics", protocol: "TCP" }]),
        ],
      },
    });
    new PodDisruptionBudgetV1(this, "disruption-budget", {
      metadata,
      // Not `minAvailable`: with a single replica that would keep nodes from ever being drained.
      spec: { maxUnavailable: "1", selector: { matchLabels: agentSelector(workload) } },
    });
  }

  get fqn(): string {
    return this.resource.fqn;
  }

  private files(metadata: { readonly name: string }, files: readonly AgentFile[]): ConfigMapV1 {
    return new ConfigMapV1(this, "files", {
      metadata: { ...metadata, name: `${metadata.name}--files` },
      data: Object.fromEntries(files.map(({ content }, index) => [fileKey(index), terraformText(content)])),
    });
  }

  private deployment(
    props: AgentDeploymentProps,
    settings: ConfigMapV1,
    files: ConfigMapV1 | undefined,
  ): DeploymentV1 {
    const { workload, namespace, replicas } = props;
    const timeouts = rolloutTimeouts(workload);
    const resource = new DeploymentV1(this, "resource", {
      metadata: { name: workload.name, namespace, labels: agentLabels(workload) },
      spec: {
        ...(replicas === null ? {} : { replicas: String(replicas) }),
        selector: { matchLabels: agentSelector(workload) },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "0" } },
        progressDeadlineSeconds: timeouts.progressSeconds,
        template: {
          metadata: {
            labels: { ...agentLabels(workload), ...props.podLabels },
            annotations: {
              ...props.podAnnotations,
              // Pods read their settings when they start: a change of them has to be a change of the pods.
              "checksum/settings": checksum(settings),
              ...(files === undefined ? {} : { "checksum/files": checksum(files) }),
            },
          },
          spec: {
            serviceAccountName: props.serviceAccountName,
            automountServiceAccountToken: props.callsKubernetesApi,
            // Otherwise a Service named `a2a` would set A2A_PORT to `tcp://…` in every pod of the namespace.
            enableServiceLinks: false,
            terminationGracePeriodSeconds: workload.terminationGraceSeconds,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: String(props.runAsUser),
              runAsGroup: String(props.runAsUser),
              fsGroup: String(props.runAsUser),
              fsGroupChangePolicy: "OnRootMismatch",
              seccompProfile: { type: "RuntimeDefault" },
            },
            imagePullSecrets: props.pullSecrets.map((name) => ({ name })),
            topologySpreadConstraint: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
              (topologyKey) => ({
                topologyKey,
                maxSkew: 1,
                whenUnsatisfiable: "ScheduleAnyway",
                matchLabelKeys: ["pod-template-hash"],
                labelSelector: [{ matchLabels: agentSelector(workload) }],
              }),
            ),
            container: [agentContainer(props, settings), ...props.sidecars.map(sidecarContainer)],
            volume: volumes(props, files),
          },
        },
      },
      timeouts: { create: timeouts.resource, update: timeouts.resource, delete: timeouts.resource },
      dependsOn: [...props.dependsOn],
    });
    this.node.defaultChild = resource;
    return resource;
  }
}

/**
 * How long a rollout may take without a pod getting ready: pulling the image on a node that has to be made first, the
 * start, and the farewell of a predecessor. The resource waits longer, so that it is Kubernetes that says what failed.
 */
function rolloutTimeouts({ probes, terminationGraceSeconds }: AgentWorkload) {
  const { startup } = probes;
  const startupSeconds = startup.initialDelaySeconds + startup.failureThreshold * startup.periodSeconds;
  const progressSeconds = Math.max(600, 300 + startupSeconds + terminationGraceSeconds);
  return { progressSeconds, resource: `${2 * progressSeconds}s` };
}

function checksum(map: ConfigMapV1): string {
  return Fn.sha256(Fn.jsonencode(map.data));
}

function agentContainer(
  props: AgentDeploymentProps,
  settings: ConfigMapV1,
): DeploymentV1SpecTemplateSpecContainer {
  const { workload, secrets, files } = props;
  const { probes } = workload;
  return {
    name: AGENT_CONTAINER,
    image: workload.image,
    imagePullPolicy: "IfNotPresent",
    port: [
      { name: "a2a", containerPort: workload.port, protocol: "TCP" },
      ...(workload.metricsPort === null
        ? []
        : [{ name: "metrics", containerPort: workload.metricsPort, protocol: "TCP" }]),
    ],
    // Not `env`: Kubernetes expands `$(NAME)` in the values there.
    envFrom: [{ configMapRef: { name: settings.metadata.name } }],
    env: secrets.keys.map(({ variable, secret, key }) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name: secret, key } },
    })),
    resources: resources(workload.cpu, workload.memoryMiB),
    startupProbe: probe(probes.startup),
    livenessProbe: probe(probes.liveness),
    readinessProbe: probe(probes.readiness),
    lifecycle: {
      // Routing to a pod ends some time after its end began. No shell: most images without one still have `sleep`, and
      // without it SIGTERM comes right away.
      preStop: [{ exec: { command: ["sleep", String(PRE_STOP_SECONDS)] } }],
    },
    securityContext: restrictedContainer(),
    volumeMount: [
      { name: "tmp", mountPath: "/tmp" },
      ...secrets.providerClasses.map((name) => ({
        name: secretsVolume(name),
        mountPath: `${SECRETS_PATH}/${name}`,
        readOnly: true,
      })),
      ...props.secretFolders.map(({ path, secret }) => ({
        name: secretsVolume(secret),
        mountPath: path,
        readOnly: true,
      })),
      ...files.map(({ path }, index) => ({
        name: "files",
        mountPath: path,
        subPath: fileKey(index),
        readOnly: true,
      })),
    ],
  };
}

/**
 * The definition's figures are what an agent has at hand when it works: memory is its limit, CPU may be doubled while
 * a node has some to spare. Half of both is reserved, since agents mostly wait for models. 0.5 cores and 1024 MiB are
 * then the 250m–1000m and 512Mi–1Gi that the fleet was sized with.
 */
function resources(cpu: number, memoryMiB: number) {
  return {
    requests: { cpu: millicores(cpu / 2), memory: `${Math.ceil(memoryMiB / 2)}Mi` },
    limits: { cpu: millicores(cpu * 2), memory: `${memoryMiB}Mi` },
  };
}

function millicores(cpu: number): string {
  return `${Math.round(cpu * 1000)}m`;
}

function probe({ path, ...seconds }: AgentProbe) {
  return {
    httpGet: { path, port: "a2a", scheme: "HTTP" },
    initialDelaySeconds: seconds.initialDelaySeconds,
    periodSeconds: seconds.periodSeconds,
    timeoutSeconds: seconds.timeoutSeconds,
    failureThreshold: seconds.failureThreshold,
    successThreshold: 1,
  };
}

function sidecarContainer(sidecar: AgentSidecar): DeploymentV1SpecTemplateSpecContainer {
  const size = { cpu: millicores(sidecar.cpu), memory: `${sidecar.memoryMiB}Mi` };
  return {
    name: sidecar.name,
    image: sidecar.image,
    imagePullPolicy: "IfNotPresent",
    args: [...sidecar.args],
    env: Object.entries(sidecar.variables).map(([name, value]) => ({
      name,
      value: terraformText(value).replaceAll("$(", "$$$$("),
    })),
    resources: { requests: size, limits: size },
    readinessProbe: {
      httpGet: { path: sidecar.healthPath, port: String(sidecar.healthPort), scheme: "HTTP" },
    },
    securityContext: restrictedContainer(),
    volumeMount: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

function volumes(
  { secrets, secretFolders }: AgentDeploymentProps,
  files: ConfigMapV1 | undefined,
): DeploymentV1SpecTemplateSpecVolume[] {
  return [
    { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
    ...secrets.providerClasses.map((name) => ({
      name: secretsVolume(name),
      csi: {
        driver: "secrets-store.csi.k8s.io",
        readOnly: true,
        volumeAttributes: { secretProviderClass: name },
      },
    })),
    ...secretFolders.map(({ secret, keys }) => ({
      name: secretsVolume(secret),
      secret: { secretName: secret, items: keys.map((key) => ({ key, path: key })) },
    })),
    ...(files === undefined ? [] : [{ name: "files", configMap: { name: files.metadata.name } }]),
  ];
}

function secretsVolume(providerClass: string): string {
  return `secrets-${providerClass}`;
}

function fileKey(index: number): string {
  return `file-${index}`;
}

function mapValues(
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
