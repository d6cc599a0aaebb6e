import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { Fn, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { keyspaceOf, secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { redisUserRules } from "../agent/redis-user";
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
  /**
   * Agents that use it. Each has a user of its own, which reaches its own keys alone; whoever comes later restarts the
   * store once.
   *
   * @default []
   */
  readonly agents?: readonly AgentWorkload[];
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
   * Raise it to change all passwords: the store restarts with new ones, and agents have to be restarted after it, because
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
const REDIS_IMAGE = "docker.io/library/redis:8.2.3";
const REDIS_USER = 999;
const REDIS_PORT = 6379;

/** Key, in the Secret of an agent's user, of the line that Redis reads. */
const USER_FILE = "user.conf";

/** Where agents and jobs find the certificate of the authority that signed the store's. */
export const STORE_CA_FILE = "/etc/task-store/ca.crt";

/**
 * The shared task store in the cluster itself, for any Kubernetes without a cloud around it: one Redis that writes every
 * change to its volume, encrypts, evicts nothing, and has passwords that are in no state: one for each agent, whose user
 * reaches its own keys, and one for probes and backups.
 *
 * One replica: while its node is lost, agents wait for it. cert-manager has to be in the cluster, and the provider
 * `random` (`@cdktf/provider-random`) in the stack.
 *
 * @example
 * const taskStore = new ClusterRedisTaskStore(this, "task-store", { namespace: "agents", agents: workloads });
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
  /** Secret with `password`: that of probes and backups. */
  readonly secretName: string;
  /** Secret with `ca.crt`. */
  readonly certificateName: string;
  readonly readyAfter: readonly ITerraformDependable[];
  private readonly agents: readonly AgentWorkload[];

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

    this.agents = (props.agents ?? []).filter(({ taskStore }) => taskStore === "shared");
    const { passwordRevision = 1 } = props;
    const secrets = [
      this.createPassword(passwordRevision, dependsOn),
      ...this.agents.map((agent) => this.createUser(agent, passwordRevision, dependsOn)),
    ];
    const certificates = new KubernetesResources(this, "certificates", {
      name: `${name}-certificates`,
      namespace,
      resources: this.certificates(),
      dependsOn,
    });
    const settings = new ConfigMapV1(this, "settings", {
      metadata: { name: `${name}-settings`, namespace, labels: storeLabels(this) },
      data: { "redis.conf": redisSettings(this.memoryMiB, this.agents.length > 0), "alive.sh": ALIVE },
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
    const store = this.run(props, settings, [...secrets, certificates, volume, policy, service]);
    this.readyAfter = [store, service];
  }

  bind(_scope: Construct, workload: AgentWorkload, _identity: ServiceAccountIdentity): AgentBinding {
    if (workload.name === this.name) {
      throw new Error(
        `agent '${workload.name}' has the name of its task store, and both need a Service of that name; rename one of them`,
      );
    }
    if (workload.taskStore !== "shared") return {};
    if (!this.agents.some(({ name }) => name === workload.name)) {
      throw new Error(
        `agent '${workload.name}' has no user in ${this.dependencyName}; name it among the store's 'agents'`,
      );
    }
    const { namespace, host, port, certificateName } = this;
    const name = this.userSecretOf(workload);
    return {
      variables: taskStoreVariables(workload, {
        host,
        port,
        tls: true,
        caFile: STORE_CA_FILE,
        username: keyspaceOf(workload),
      }),
      secrets: [
        { variable: secretVariables.taskStoreUrl, name, vault: name, id: "url" },
        { variable: secretVariables.taskStorePassword, name, vault: name, id: "password" },
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
    return this.createSecret(this, this.secretName, revision, dependsOn, (password) => ({
      password,
      "auth.conf": `requirepass ${password}`,
    }));
  }

  /** The user of one agent, as Redis reads it, and what the agent reads of it. */
  private createUser(
    agent: AgentWorkload,
    revision: number,
    dependsOn: readonly ITerraformDependable[],
  ): SecretV1 {
    const user = keyspaceOf(agent);
    const scope = new Construct(this, `user-${agent.name}`);
    return this.createSecret(scope, this.userSecretOf(agent), revision, dependsOn, (password) => ({
      password,
      url: `rediss://${user}:${password}@${this.host}:${this.port}`,
      [USER_FILE]: `user ${user} reset on >${password} ${redisUserRules(user).join(" ")}\n`,
    }));
  }

  private userSecretOf({ name }: AgentWorkload): string {
    return `${this.name}--${name}`;
  }

  private createSecret(
    scope: Construct,
    name: string,
    revision: number,
    dependsOn: readonly ITerraformDependable[],
    contentOf: (password: string) => Record<string, string>,
  ): SecretV1 {
    const stack = TerraformStack.of(this);
    const secret = new SecretV1(scope, "password", {
      metadata: { name, namespace: this.namespace, labels: storeLabels(this) },
      type: "Opaque",
      // The password that Terraform makes is new at every run; it is written when this number changes.
      dataWoRevision: revision,
      dependsOn: [...dependsOn],
    });
    const address = stack.getLogicalId(secret);
    // cdktf has no ephemeral blocks.
    stack.addOverride(`ephemeral.random_password.${address}`, { length: 40, special: false });
    const password = `\${ephemeral.random_password.${address}.result}`;
    secret.addOverride("data_wo", contentOf(password));
    return secret;
  }

  /** Each agent's user in a file of its own: adding one changes no other's Secret, and so no other's password. */
  private userFiles() {
    return this.agents.map((agent) => ({
      secret: [{ name: this.userSecretOf(agent), items: [{ key: USER_FILE, path: `${agent.name}.conf` }] }],
    }));
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
                  ...(this.agents.length === 0
                    ? []
                    : [{ name: "users", mountPath: "/users", readOnly: true }]),
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
              ...(this.agents.length === 0
                ? []
                : [
                    {
                      name: "users",
                      projected: [{ sources: this.userFiles() }],
                    },
                  ]),
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
function redisSettings(memoryMiB: number, hasUsers: boolean): string {
  return [
    "port 0",
    `tls-port ${REDIS_PORT}`,
    "tls-cert-file /tls/tls.crt",
    "tls-key-file /tls/tls.key",
    "tls-ca-cert-file /tls/ca.crt",
    "tls-auth-clients no",
    "include /auth/auth.conf",
    ...(hasUsers ? ["include /users/*.conf"] : []),
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `maxmemory ${Math.floor(memoryMiB * 0.75)}mb`,
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}

/** Redis reads its certificate and its users once: when their files have changed, it is told. */
const ALIVE = `redis() { redis-cli -p ${REDIS_PORT} --tls --cacert /tls/ca.crt --no-auth-warning "$@"; }
if [ ! -e /tmp/certificate ] || [ /tls/tls.crt -nt /tmp/certificate ]; then
  redis CONFIG SET tls-cert-file /tls/tls.crt tls-key-file /tls/tls.key tls-ca-cert-file /tls/ca.crt &&
    touch /tmp/certificate
fi
if [ -d /users ] && { [ ! -e /tmp/users ] || [ -n "$(find -L /users -name '*.conf' -newer /tmp/users)" ]; }; then
  sed 's/^user /ACL SETUSER /' /users/*.conf | redis > /dev/null && touch /tmp/users
fi
[ "$(redis PING)" = PONG ]
`;
