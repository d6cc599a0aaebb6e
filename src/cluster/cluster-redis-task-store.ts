import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { Fn, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentBinding, IAgentDependency } from "../parts/agent-dependency";
import type { ServiceAccountIdentity } from "./agent/service-account-identities";
import type { Certificate, CustomResource } from "./custom-resources";
import { KubernetesResources } from "./kubernetes-resources";
import { restrictedContainer, restrictedPod } from "./restricted-pod";

export interface ClusterRedisTaskStoreProps {
  /**
   * Namespace of the store, and of the agents that use it: Secrets don't cross namespaces. It has to exist, and where
   * the store's data matters it has to be protected.
   */
  readonly namespace: string;
  /** Name of everything that belongs to the store. No agent may be called so. @default "task-store" */
  readonly name?: string;
  /** @default 8 */
  readonly storageGiB?: number;
  /** @default - the cluster's default class */
  readonly storageClass?: string;
  /** Memory of the store, in MiB; its data has three quarters of it, the rest is for snapshots. @default 1024 */
  readonly memoryMiB?: number;
  /** Cores. @default 0.25 */
  readonly cpu?: number;
  /** Redis with redis-cli, by exact version. @default - the official image, 8.2.3 */
  readonly image?: string;
  /**
   * Raise it to change the password: the store restarts with a new one, and agents have to be restarted after it, because
   * variables don't follow their Secret.
   *
   * @default 1
   */
  readonly passwordRevision?: number;
  /** Whether its volume cannot be destroyed. @default true */
  readonly deletionProtection?: boolean;
  /** What has to be there first: the namespace with its policies, cert-manager. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Official image; its user `redis` is 999. @see https://hub.docker.com/_/redis */
export const REDIS_IMAGE = "docker.io/library/redis:8.2.3";
const REDIS_USER = 999;
const REDIS_PORT = 6379;

/** Where agents and jobs find the certificate of the authority that signed the store's. */
export const STORE_CA_FILE = "/etc/task-store/ca.crt";

/**
 * The shared task store in the cluster itself, for any Kubernetes without a cloud around it: one Redis that writes every
 * change to its volume, encrypts, evicts nothing, and has a password that is in no state.
 *
 * One replica: while its node is lost, agents wait for it. cert-manager has to be in the cluster, and the provider
 * `random` (`@cdktf/provider-random`) in the stack.
 *
 * @example
 * const taskStore = new ClusterRedisTaskStore(this, "task-store", { namespace: "agents" });
 */
export class ClusterRedisTaskStore extends Construct implements IAgentDependency<ServiceAccountIdentity> {
  readonly dependencyName: string;
  readonly namespace: string;
  /** Name of its Service, of the Secret with its password, and the value of its label. */
  readonly name: string;
  readonly host: string;
  readonly port = REDIS_PORT;
  readonly image: string;
  readonly memoryMiB: number;
  /** Secret with `password`, and `url`. */
  readonly secretName: string;
  /** Secret with `ca.crt`. */
  readonly certificateName: string;
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ClusterRedisTaskStoreProps) {
    super(scope, id);
    const { namespace, name = "task-store", image = REDIS_IMAGE, dependsOn = [] } = props;
    this.name = name;
    this.namespace = namespace;
    this.image = image;
    this.memoryMiB = props.memoryMiB ?? 1024;
    this.host = `${name}.${namespace}.svc.cluster.local`;
    this.secretName = name;
    this.certificateName = `${name}-tls`;
    this.dependencyName = `task store ${this.host}`;

    const secret = this.createPassword(props.passwordRevision ?? 1, dependsOn);
    const certificates = new KubernetesResources(this, "certificates", {
      name: `${name}-certificates`,
      namespace,
      resources: this.certificates(),
      dependsOn,
    });
    const settings = new ConfigMapV1(this, "settings", {
      metadata: { name: `${name}-settings`, namespace, labels: storeLabels(this) },
      data: { "redis.conf": redisSettings(this.memoryMiB), "alive.sh": ALIVE },
      dependsOn: [...dependsOn],
    });
    const volume = new PersistentVolumeClaimV1(this, "volume", {
      metadata: { name, namespace, labels: storeLabels(this) },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: `${props.storageGiB ?? 8}Gi` } },
        ...(props.storageClass === undefined ? {} : { storageClassName: props.storageClass }),
      },
      // Many classes bind a volume when its first pod comes, and that waits for this.
      waitUntilBound: false,
      lifecycle: { preventDestroy: props.deletionProtection ?? true },
      dependsOn: [...dependsOn],
    });
    const policy = this.admitCallers(dependsOn);
    const service = new ServiceV1(this, "service", {
      metadata: { name, namespace, labels: storeLabels(this) },
      spec: {
        type: "ClusterIP",
        selector: storeLabels(this),
        port: [{ name: "redis", port: REDIS_PORT, targetPort: "redis", protocol: "TCP" }],
      },
      dependsOn: [...dependsOn],
    });
    const store = this.run(props, settings, [secret, certificates, volume, policy, service]);
    this.readyAfter = [store, service];
  }

  bind(_scope: Construct, workload: AgentWorkload, _identity: ServiceAccountIdentity): AgentBinding {
    if (workload.name === this.name) {
      throw new Error(
        `agent '${workload.name}' has the name of its task store, and both need a Service of that name; rename one of them`,
      );
    }
    if (workload.taskStore !== "shared") return {};
    const { name, namespace, host, port, secretName, certificateName } = this;
    return {
      variables: taskStoreVariables(workload, { host, port, tls: true, caFile: STORE_CA_FILE }),
      secrets: [
        { variable: secretVariables.taskStoreUrl, name, vault: secretName, id: "url" },
        { variable: secretVariables.taskStorePassword, name, vault: secretName, id: "password" },
      ],
      secretFolders: [
        { path: STORE_CA_FILE.replace(/\/[^/]+$/, ""), secret: certificateName, keys: ["ca.crt"] },
      ],
      egress: [{ namespace, podLabels: storeLabels(this), port }],
      readyAfter: this.readyAfter,
    };
  }

  /** One Secret holds the password for everybody who needs it: two could get different ones when a deployment fails between them. */
  private createPassword(revision: number, dependsOn: readonly ITerraformDependable[]): SecretV1 {
    const stack = TerraformStack.of(this);
    const secret = new SecretV1(this, "password", {
      metadata: { name: this.secretName, namespace: this.namespace, labels: storeLabels(this) },
      type: "Opaque",
      // The password that Terraform makes is new at every run; it is written when this number changes.
      dataWoRevision: revision,
      dependsOn: [...dependsOn],
    });
    const address = stack.getLogicalId(secret);
    // cdktf has no ephemeral blocks.
    stack.addOverride(`ephemeral.random_password.${address}`, { length: 40, special: false });
    const password = `\${ephemeral.random_password.${address}.result}`;
    secret.addOverride("data_wo", {
      password,
      url: `rediss://:${password}@${this.host}:${this.port}`,
      "auth.conf": `requirepass ${password}`,
    });
    return secret;
  }

  /** An authority of the store's own: nobody outside of the cluster has to trust it. */
  private certificates(): CustomResource[] {
    const { name, namespace, certificateName } = this;
    const authority = `${name}-authority`;
    const issued = (metadata: string, spec: Omit<Certificate["spec"], "privateKey">): Certificate => ({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: metadata, namespace },
      spec: { ...spec, privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } },
    });
    return [
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name: `${name}-root`, namespace },
        spec: { selfSigned: {} },
      },
      issued(authority, {
        secretName: authority,
        isCA: true,
        commonName: authority,
        // Ten years: the store and its callers would have to trust two authorities while it changes.
        duration: "87600h",
        usages: ["cert sign"],
        issuerRef: { kind: "Issuer", name: `${name}-root` },
      }),
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name, namespace },
        spec: { ca: { secretName: authority } },
      },
      issued(certificateName, {
        secretName: certificateName,
        dnsNames: [name, `${name}.${namespace}.svc`, this.host, "localhost"],
        duration: "2160h",
        renewBefore: "720h",
        usages: ["server auth", "digital signature"],
        issuerRef: { kind: "Issuer", name },
      }),
    ];
  }

  private admitCallers(dependsOn: readonly ITerraformDependable[]): NetworkPolicyV1 {
    const labels = storeLabels(this);
    return new NetworkPolicyV1(this, "network-policy", {
      metadata: { name: this.name, namespace: this.namespace, labels },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [
              { podSelector: { matchLabels: { protocol: "a2a" } } },
              { podSelector: { matchLabels: storeClientLabels(this) } },
            ],
            ports: [{ port: String(REDIS_PORT), protocol: "TCP" }],
          },
        ],
      },
      dependsOn: [...dependsOn],
    });
  }

  private run(
    { cpu = 0.25, passwordRevision = 1 }: ClusterRedisTaskStoreProps,
    settings: ConfigMapV1,
    dependsOn: readonly ITerraformDependable[],
  ): StatefulSetV1 {
    const { name, namespace, image, memoryMiB, secretName, certificateName } = this;
    const labels = storeLabels(this);
    const alive = { exec: { command: ["sh", "/settings/alive.sh"] }, timeoutSeconds: 5 };
    const resource = new StatefulSetV1(this, "resource", {
      metadata: { name, namespace, labels },
      spec: {
        serviceName: name,
        replicas: "1",
        selector: { matchLabels: labels },
        // In full, as the API server answers: what it adds by itself would be a change in every plan.
        updateStrategy: [{ type: "RollingUpdate", rollingUpdate: [{ partition: 0 }] }],
        template: {
          metadata: {
            labels,
            annotations: {
              "checksum/settings": Fn.sha256(Fn.jsonencode(settings.data)),
              "password-revision": String(passwordRevision),
            },
          },
          spec: {
            ...restrictedPod(REDIS_USER),
            // Long enough to write out what it holds.
            terminationGracePeriodSeconds: 60,
            container: [
              {
                name: "redis",
                image,
                imagePullPolicy: "IfNotPresent",
                command: ["redis-server", "/settings/redis.conf"],
                port: [{ name: "redis", containerPort: REDIS_PORT, protocol: "TCP" }],
                env: [
                  {
                    name: "REDISCLI_AUTH",
                    valueFrom: { secretKeyRef: { name: secretName, key: "password" } },
                  },
                ],
                resources: {
                  requests: { cpu: `${Math.round(cpu * 1000)}m`, memory: `${memoryMiB}Mi` },
                  limits: { memory: `${memoryMiB}Mi` },
                },
                // Reading a long file of changes takes a while: ten minutes.
                startupProbe: { ...alive, periodSeconds: 5, failureThreshold: 120 },
                livenessProbe: { ...alive, periodSeconds: 30, failureThreshold: 3 },
                readinessProbe: { ...alive, periodSeconds: 10, failureThreshold: 3 },
                securityContext: restrictedContainer(),
                volumeMount: [
                  { name: "data", mountPath: "/data" },
                  { name: "settings", mountPath: "/settings", readOnly: true },
                  { name: "auth", mountPath: "/auth", readOnly: true },
                  { name: "tls", mountPath: "/tls", readOnly: true },
                  { name: "tmp", mountPath: "/tmp" },
                ],
              },
            ],
            volume: [
              { name: "data", persistentVolumeClaim: { claimName: name } },
              { name: "settings", configMap: { name: settings.metadata.name } },
              {
                name: "auth",
                secret: { secretName, items: [{ key: "auth.conf", path: "auth.conf" }] },
              },
              { name: "tls", secret: { secretName: certificateName } },
              { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
            ],
          },
        },
      },
      timeouts: { create: "20m", update: "20m", delete: "10m" },
      dependsOn: [...dependsOn],
    });
    this.node.defaultChild = resource;
    return resource;
  }
}

/** Labels of a store's pods. */
function storeLabels({ name }: { readonly name: string }): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "task-store" };
}

/** Labels of pods that reach a store without being agents: its jobs. */
export function storeClientLabels({ name }: { readonly name: string }): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "backup" };
}

/** Tasks have a time to live: any policy that evicts would evict them first. */
function redisSettings(memoryMiB: number): string {
  return [
    "port 0",
    `tls-port ${REDIS_PORT}`,
    "tls-cert-file /tls/tls.crt",
    "tls-key-file /tls/tls.key",
    "tls-ca-cert-file /tls/ca.crt",
    "tls-auth-clients no",
    "include /auth/auth.conf",
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `maxmemory ${Math.floor(memoryMiB * 0.75)}mb`,
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}

/** Redis reads its certificate once: after a renewal it is told to read it again. */
const ALIVE = `redis() { redis-cli -p ${REDIS_PORT} --tls --cacert /tls/ca.crt --no-auth-warning "$@"; }
if [ ! -e /tmp/certificate ] || [ /tls/tls.crt -nt /tmp/certificate ]; then
  redis CONFIG SET tls-cert-file /tls/tls.crt tls-key-file /tls/tls.key tls-ca-cert-file /tls/ca.crt &&
    touch /tmp/certificate
fi
[ "$(redis PING)" = PONG ]
`;
