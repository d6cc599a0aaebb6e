import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { Fn, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { ADDRESS_CLAIMS } from "../agent/forwarding-headers";
import { clientSecretName, ownSecrets } from "../environment/own-secrets";
import type { TokenCheck } from "../gateway/token-check";
import type { CallerSettings } from "../identity/fleet-callers";
import type { IIdentityProvider } from "../identity/identity-provider";
import { keycloakForAgents } from "../identity/keycloak/keycloak-binding";
import { type KeycloakIssuer, publicPathsOf } from "../identity/keycloak/keycloak-issuer";
import {
  administratorVariables,
  DATABASE_CONNECTIONS,
  KEYCLOAK_APP,
  KEYCLOAK_IMAGE,
  KEYCLOAK_PORT,
  keycloakVariables,
  MANAGEMENT_PORT,
  startArguments,
} from "../identity/keycloak/keycloak-process";
import {
  clientSecretVariable,
  type KeycloakRealm,
  keycloakRealm,
  refuseBadRealm,
} from "../identity/keycloak/keycloak-realm";
import type { KeycloakDatabase } from "../identity/keycloak/keycloak-settings";
import {
  ADMINISTRATOR_SECRET_VARIABLE,
  REALM_APP,
  REALM_APP_IMAGE,
  REALM_APP_PORT,
  realmProgram,
  realmText,
  realmVariables,
} from "../identity/keycloak/realm-process";
import type { AgentBinding, EgressDestination } from "../parts/agent-dependency";
import { deploymentTime } from "../parts/deployment-time";
import { wayToHost } from "../parts/way-to";
import { terraformText } from "../terraform-text";
import { namespacePeer, tcp, wayOut } from "./agent/agent-network-policy";
import type { ServiceAccountIdentity } from "./agent/service-account-identities";
import { clusterSecret } from "./cluster-secrets";
import type { AzurePodMonitor, HttpRoute, PodMonitor } from "./custom-resources";
import { EDGE_GATEWAY } from "./facts/cluster-layout";
import type { PodMonitorApiVersion } from "./facts/cluster-traits";
import { SECRET_KEY } from "./facts/owners-secrets";
import { KubernetesResources } from "./kubernetes-resources";
import { nameLookup } from "./name-lookup";
import { restrictedContainer, restrictedPod } from "./restricted-pod";

export interface ClusterKeycloakProps {
  /** Namespace of Keycloak, and of the agents that use it: Secrets don't cross namespaces. It has to exist. */
  readonly namespace: string;
  readonly workloads: readonly AgentWorkload[];
  /** Customers, and who else may call. */
  readonly settings: CallerSettings;
  /** Base URL that callers know: a path of the edge's host, for example `https://agents.example.com/identity`. */
  readonly publicUrl: string;
  /** Namespace of the edge's proxies: the only ones from outside that get through. */
  readonly edgeNamespace: string;
  /** What reads metrics, those of the realm's drift among them. */
  readonly scraper: {
    /** Namespace of its pods. */
    readonly namespace: string;
    /** API group of its PodMonitors. @default - it has none, and finds pods by their annotations */
    readonly podMonitorApiVersion?: PodMonitorApiVersion;
  };
  /** `development`: everything in the container, lost with it. */
  readonly database: KeycloakDatabase | "development";
  /** @default - the official image, which builds itself at every start */
  readonly optimizedImage?: string;
  /** Days between two signing keys. @default 90 */
  readonly keyLifetimeDays?: number;
  /**
   * Whether the administrator's secret cannot be destroyed: a database that outlives it lets nobody in to keep the
   * realm what the fleet says.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
  /** What has to be there first: the namespace with its policies. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** What the public paths wait for: the edge. @default [] */
  readonly edgeAfter?: readonly ITerraformDependable[];
}

/** Both official images have their user under this number. */
const USER = 1000;

/**
 * Keycloak in the cluster itself, for any Kubernetes without a cloud around it, with a realm that follows the fleet. Its
 * data is in a Postgres that exists. Every client's secret is made up into a Secret of its own, `keycloak-client-<name>`:
 * an agent reads its own by reference, those of customers and applications are read there by the operator.
 *
 * Callers outside get to its token, discovery and JWKS through the edge, and to nothing else of it. The console is for
 * who can forward a port to the Service. One replica, as everywhere: tokens are checked without it.
 *
 * Pods speak plain HTTP to it, as they do to each other. Keycloak allows that to private addresses (10/8, 172.16/12,
 * 192.168/16), which the cluster's pods need to have. The providers `random` and `time` have to be
 * in the stack.
 *
 * @throws Error when the realm's tokens would be refused: no audience, no flat roles, a life beyond 15 minutes.
 * @example
 * new ClusterKeycloak(this, "keycloak", {
 *   namespace: "agents",
 *   workloads,
 *   settings: environment,
 *   publicUrl: "https://agents.example.com/identity",
 *   edgeNamespace: "envoy-gateway-system",
 *   scraper: { namespace: "monitoring" },
 *   database: { url: "jdbc:postgresql://db.example.com/keycloak?sslmode=verify-full", credentialsSecret: "keycloak-database" },
 * });
 */
export class ClusterKeycloak extends Construct implements IIdentityProvider<ServiceAccountIdentity> {
  readonly dependencyName = "Keycloak";
  readonly issuer: KeycloakIssuer;
  readonly checkableAfter: readonly ITerraformDependable[];
  private readonly namespace: string;
  private readonly dependsOn: readonly ITerraformDependable[];
  private readonly provider: IIdentityProvider<ServiceAccountIdentity>;

  constructor(scope: Construct, id: string, props: ClusterKeycloakProps) {
    super(scope, id);
    const { namespace, workloads, settings, publicUrl, dependsOn = [] } = props;
    this.namespace = namespace;
    this.dependsOn = dependsOn;
    const realm = keycloakRealm(workloads, settings);
    refuseBadRealm(realm, workloads);
    this.issuer = {
      realm: realm.realm,
      publicUrl,
      internalUrl: `http://${KEYCLOAK_APP}.${namespace}.svc.cluster.local:${KEYCLOAK_PORT}${new URL(publicUrl).pathname}`,
    };

    const keeps = props.database !== "development" && (props.deletionProtection ?? true);
    const password = this.makeUp("administrator-password", ownSecrets.keycloakPassword);
    const administrator = this.makeUp("administrator-client", ownSecrets.keycloakClient, keeps);
    const clients = new Map(
      realm.clients.map(({ clientId }) => [
        clientId,
        this.makeUp(`client-${clientId}`, clientSecretName(clientId)),
      ]),
    );
    const policies = this.restrictReach(props);
    const service = this.createService();
    const server = this.runServer(props, [password, administrator, ...policies, service]);
    const applied = this.runRealm(props, realm, [...clients.keys()], [server, ...clients.values()]);
    this.watchRealm(props);
    new KubernetesResources(this, "public-paths", {
      name: `${KEYCLOAK_APP}-public-paths`,
      namespace,
      resources: [publicRoute(this.issuer)],
      dependsOn: [...dependsOn, ...(props.edgeAfter ?? []), service],
    });

    this.checkableAfter = [applied];
    this.provider = keycloakForAgents({
      issuer: this.issuer,
      workloads,
      settings,
      bindSecret: (_scope, client) => {
        const secret = clients.get(client);
        if (secret === undefined) return undefined;
        return {
          secrets: [clusterSecret(secretVariables.clientSecret, clientSecretName(client))],
          readyAfter: [secret],
        };
      },
    });
  }

  tokenCheck(workload: AgentWorkload): TokenCheck {
    return this.provider.tokenCheck(workload);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: ServiceAccountIdentity): AgentBinding {
    return {
      ...this.provider.bind(scope, workload, identity),
      egress: [{ namespace: this.namespace, podLabels: labelsOf(KEYCLOAK_APP), port: KEYCLOAK_PORT }],
    };
  }

  /** A secret that nobody knows: written when it is made, and in no plan and no state. */
  private makeUp(id: string, name: string, keep = false): SecretV1 {
    const stack = TerraformStack.of(this);
    const secret = new SecretV1(this, id, {
      metadata: { name, namespace: this.namespace, labels: labelsOf(KEYCLOAK_APP) },
      type: "Opaque",
      // The one that Terraform makes up is new at every run; it is written when this number changes.
      dataWoRevision: 1,
      lifecycle: { preventDestroy: keep },
      dependsOn: [...this.dependsOn],
    });
    const address = stack.getLogicalId(secret);
    // cdktf has no ephemeral blocks.
    stack.addOverride(`ephemeral.random_password.${address}`, { length: 48, special: false });
    secret.addOverride("data_wo", { [SECRET_KEY]: `\${ephemeral.random_password.${address}.result}` });
    return secret;
  }

  private createService(): ServiceV1 {
    const labels = labelsOf(KEYCLOAK_APP);
    return new ServiceV1(this, "service", {
      metadata: { name: KEYCLOAK_APP, namespace: this.namespace, labels },
      spec: {
        type: "ClusterIP",
        selector: labels,
        port: [{ name: "http", port: KEYCLOAK_PORT, targetPort: "http", protocol: "TCP" }],
      },
      dependsOn: [...this.dependsOn],
    });
  }

  private restrictReach({ edgeNamespace, scraper, database }: ClusterKeycloakProps): NetworkPolicyV1[] {
    const { namespace, dependsOn } = this;
    const keycloak = { podSelector: { matchLabels: labelsOf(KEYCLOAK_APP) } };
    const realm = { podSelector: { matchLabels: labelsOf(REALM_APP) } };
    return [
      new NetworkPolicyV1(this, "network-policy", {
        metadata: { name: KEYCLOAK_APP, namespace, labels: labelsOf(KEYCLOAK_APP) },
        spec: {
          ...keycloak,
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            {
              from: [
                { podSelector: { matchLabels: { protocol: "a2a" } } },
                realm,
                namespacePeer(edgeNamespace),
              ],
              ports: [tcp(KEYCLOAK_PORT)],
            },
          ],
          egress: database === "development" ? [] : [nameLookup(), ...wayOut(wayToDatabase(database))],
        },
        dependsOn: [...dependsOn],
      }),
      new NetworkPolicyV1(this, "realm-network-policy", {
        metadata: { name: REALM_APP, namespace, labels: labelsOf(REALM_APP) },
        spec: {
          ...realm,
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [namespacePeer(scraper.namespace)], ports: [tcp(REALM_APP_PORT)] }],
          egress: [nameLookup(), { to: [keycloak], ports: [tcp(KEYCLOAK_PORT)] }],
        },
        dependsOn: [...dependsOn],
      }),
    ];
  }

  /** Has what the realm's rounds found read where monitors exist; elsewhere the pod's annotations tell where it is. */
  private watchRealm({ scraper: { podMonitorApiVersion } }: ClusterKeycloakProps): void {
    if (podMonitorApiVersion === undefined) return;
    const monitor: PodMonitor | AzurePodMonitor = {
      apiVersion: podMonitorApiVersion,
      kind: "PodMonitor",
      metadata: { name: REALM_APP },
      spec: {
        selector: { matchLabels: labelsOf(REALM_APP) },
        podMetricsEndpoints: [{ port: "ready", path: "/metrics", interval: "30s" }],
      },
    };
    new KubernetesResources(this, "realm-metrics", {
      name: `${REALM_APP}-metrics`,
      namespace: this.namespace,
      resources: [monitor],
      dependsOn: [...this.dependsOn],
    });
  }

  private runServer(
    { database, optimizedImage }: ClusterKeycloakProps,
    dependsOn: readonly ITerraformDependable[],
  ): DeploymentV1 {
    const { namespace } = this;
    const labels = labelsOf(KEYCLOAK_APP);
    const mode = database === "development" ? "development" : "production";
    const plain = {
      ...keycloakVariables(this.issuer),
      // The edge passes the path on as it is: whoever asks, addresses in answers have it.
      KC_HTTP_RELATIVE_PATH: new URL(this.issuer.publicUrl).pathname,
      KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/",
    };
    const health = (path: string) => ({ httpGet: { path, port: "management" }, timeoutSeconds: 5 });
    const resource = new DeploymentV1(this, "resource", {
      metadata: { name: KEYCLOAK_APP, namespace, labels },
      spec: {
        replicas: "1",
        // Two at a time would not tell each other what changed.
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        progressDeadlineSeconds: 900,
        template: {
          metadata: { labels },
          spec: {
            ...restrictedPod(USER),
            terminationGracePeriodSeconds: 60,
            container: [
              {
                name: KEYCLOAK_APP,
                image: optimizedImage ?? KEYCLOAK_IMAGE,
                imagePullPolicy: "IfNotPresent",
                args: startArguments({ mode, optimizedImage }),
                port: [
                  { name: "http", containerPort: KEYCLOAK_PORT, protocol: "TCP" },
                  { name: "management", containerPort: MANAGEMENT_PORT, protocol: "TCP" },
                ],
                env: [
                  ...Object.entries(plain).map(([name, value]) => ({ name, value })),
                  fromSecret(administratorVariables.password, ownSecrets.keycloakPassword),
                  fromSecret(administratorVariables.clientSecret, ownSecrets.keycloakClient),
                  ...databaseVariables(database),
                ],
                resources: { requests: { cpu: "500m", memory: "2Gi" }, limits: { memory: "2Gi" } },
                // Building itself and making the tables takes minutes at the first start.
                startupProbe: { ...health("/health/started"), periodSeconds: 10, failureThreshold: 60 },
                livenessProbe: { ...health("/health/live"), periodSeconds: 10, failureThreshold: 3 },
                readinessProbe: { ...health("/health/ready"), periodSeconds: 10, failureThreshold: 3 },
                // The official image writes what it builds at its start beside its libraries.
                securityContext: {
                  ...restrictedContainer(),
                  readOnlyRootFilesystem: mode === "production" && optimizedImage !== undefined,
                },
                volumeMount: [
                  { name: "data", mountPath: "/opt/keycloak/data" },
                  { name: "tmp", mountPath: "/tmp" },
                ],
              },
            ],
            volume: [
              { name: "data", emptyDir: { sizeLimit: "1Gi" } },
              { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
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

  private runRealm(
    { keyLifetimeDays }: ClusterKeycloakProps,
    realm: KeycloakRealm,
    clients: readonly string[],
    dependsOn: readonly ITerraformDependable[],
  ): DeploymentV1 {
    const { namespace } = this;
    const labels = labelsOf(REALM_APP);
    const program = new ConfigMapV1(this, "realm-program", {
      metadata: { name: REALM_APP, namespace, labels },
      data: {
        "apply-realm.cjs": terraformText(realmProgram()),
        "realm.json": terraformText(realmText(realm)),
      },
      dependsOn: [...this.dependsOn],
    });
    const variables = realmVariables({
      url: this.issuer.internalUrl,
      keyLifetimeDays,
      generation: deploymentTime(this, "generation", realmText(realm) + realmProgram()),
    });
    const ready = { httpGet: { path: "/ready", port: "ready" }, periodSeconds: 10 };
    return new DeploymentV1(this, "realm", {
      metadata: { name: REALM_APP, namespace, labels },
      spec: {
        replicas: "1",
        // The one before would only say that it leaves the later one's realm alone.
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        progressDeadlineSeconds: 900,
        template: {
          metadata: {
            labels,
            annotations: {
              "checksum/realm": Fn.sha256(Fn.jsonencode(program.data)),
              "prometheus.io/scrape": "true",
              "prometheus.io/port": String(REALM_APP_PORT),
              "prometheus.io/path": "/metrics",
            },
          },
          spec: {
            ...restrictedPod(USER),
            container: [
              {
                name: REALM_APP,
                image: REALM_APP_IMAGE,
                imagePullPolicy: "IfNotPresent",
                command: ["node", "/program/apply-realm.cjs"],
                port: [{ name: "ready", containerPort: REALM_APP_PORT, protocol: "TCP" }],
                env: [
                  ...Object.entries(variables).map(([name, value]) => ({ name, value })),
                  {
                    name: "REALM",
                    valueFrom: { configMapKeyRef: { name: program.metadata.name, key: "realm.json" } },
                  },
                  fromSecret(ADMINISTRATOR_SECRET_VARIABLE, ownSecrets.keycloakClient),
                  ...clients.map((client) =>
                    fromSecret(clientSecretVariable(client), clientSecretName(client)),
                  ),
                ],
                resources: { requests: { cpu: "25m", memory: "128Mi" }, limits: { memory: "128Mi" } },
                startupProbe: { ...ready, failureThreshold: 60 },
                readinessProbe: { ...ready, failureThreshold: 3 },
                securityContext: restrictedContainer(),
                volumeMount: [{ name: "program", mountPath: "/program", readOnly: true }],
              },
            ],
            volume: [
              {
                name: "program",
                configMap: {
                  name: program.metadata.name,
                  items: [{ key: "apply-realm.cjs", path: "apply-realm.cjs" }],
                },
              },
            ],
          },
        },
      },
      timeouts: { create: "20m", update: "20m", delete: "10m" },
      dependsOn: [...dependsOn],
    });
  }
}

/** Way in from outside: three paths, each to the letter. */
function publicRoute(issuer: KeycloakIssuer): HttpRoute {
  const { hostname, pathname } = new URL(issuer.publicUrl);
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: KEYCLOAK_APP, labels: labelsOf(KEYCLOAK_APP) },
    spec: {
      parentRefs: [{ name: EDGE_GATEWAY, sectionName: "https" }],
      hostnames: [hostname],
      rules: [
        {
          matches: Object.values(publicPathsOf(issuer)).map((path) => ({
            path: { type: "Exact", value: `${pathname}${path}` },
          })),
          filters: [
            { type: "RequestHeaderModifier", requestHeaderModifier: { remove: [...ADDRESS_CLAIMS] } },
          ],
          backendRefs: [{ name: KEYCLOAK_APP, port: KEYCLOAK_PORT }],
          timeouts: { request: "30s", backendRequest: "30s" },
        },
      ],
    },
  };
}

function labelsOf(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "identity-provider" };
}

function fromSecret(variable: string, secret: string, key = SECRET_KEY) {
  return { name: variable, valueFrom: { secretKeyRef: { name: secret, key } } };
}

function databaseVariables(database: KeycloakDatabase | "development") {
  if (database === "development") return [];
  const { url, credentialsSecret } = database;
  return [
    { name: "KC_DB", value: "postgres" },
    { name: "KC_DB_URL", value: url },
    fromSecret("KC_DB_USERNAME", credentialsSecret, "username"),
    fromSecret("KC_DB_PASSWORD", credentialsSecret, "password"),
    { name: "KC_DB_POOL_MAX_SIZE", value: DATABASE_CONNECTIONS },
  ];
}

function wayToDatabase({ url, address }: KeycloakDatabase): EgressDestination[] {
  if (address !== undefined) return [address];
  const [, host = "", port = "5432"] = /^jdbc:postgresql:\/\/([^:/]+)(?::(\d+))?\//.exec(url) ?? [];
  return wayToHost(host, Number(port));
}
