import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { afterAll, describe, expect, it } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { ClusterFoundations } from "../../src/cluster/cluster-foundations";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { keycloakRealm } from "../../src/identity/keycloak/keycloak-realm";
import { ClusterStack } from "../../src/stacks/cluster-stack";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { findCrdProblems } from "../support/find-crd-problems";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";
import { findManifestSchemaProblems, readManifests, withNames } from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { readCustomResources, readResourceReleases } from "../support/kubernetes-resources";
import { canReach, type Endpoint, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { usePlanning } from "../support/plan-stack";

const desk: AgentDefinition = { ...agentDefinition("desk"), audience: "customer-facing", calls: ["billing"] };
const billing = agentDefinition("billing");
const fleet = [desk, billing];

const digest = `sha256:${"1".repeat(64)}`;
const keycloak = {
  kind: "keycloak",
  database: {
    url: "jdbc:postgresql://db.internal:5433/keycloak?sslmode=verify-full",
    credentialsSecret: "keycloak-database",
    address: { cidr: "192.168.10.7/32", port: 5433 },
  },
} as const;
const environment: Environment = {
  ...plainCluster,
  agents: { desk: { image: digest }, billing: { image: digest } },
  customers: ["acme"],
  vault: { kind: "kubernetes", secrets: ["registry-login"] },
  identityProvider: keycloak,
};

const root = mkdtempSync(join(tmpdir(), "plain-keycloak-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function build(change: Partial<Environment> = {}) {
  const app = new App({ outdir: mkdtempSync(join(root, "out-")), context: { rehearsal: true } });
  const all = { environment: { ...environment, ...change }, agents: fleet };
  new EnvironmentStack(app, { ...all, clouds: { ClusterFoundations } });
  new ClusterStack(app, all);
  app.synth();
  const folder = join(app.outdir, "stacks", "plain-cluster");
  const before = join(app.outdir, "stacks", "plain");
  const finished = (stack: string) => JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8"));
  return { folder, before, json: withNames(finished(folder)), jsonBefore: finished(before) };
}

// biome-ignore lint/suspicious/noExplicitAny: finished JSON, read by tests that know what they look for
type Finished = any;

const ISSUER = "https://agents.plain.example.com/identity/realms/a2a";
const INSIDE = "http://keycloak.agents.svc.cluster.local:8080/identity";

const { planStack, deployStack, destroyStack } = usePlanning();

describe("Keycloak in a cluster without a cloud", () => {
  const { json } = build();
  const manifests = readManifests(json);
  const manifest = (kind: string, name: string): Finished => {
    const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  };
  const containerOf = (name: string) => manifest("Deployment", name).spec.template.spec.containers[0];
  const variablesOf = (name: string): Record<string, Finished> =>
    Object.fromEntries(
      containerOf(name).env.map((each: Finished) => [each.name, each.value ?? each.valueFrom]),
    );
  const secretsOf = (name: string) =>
    Object.fromEntries(
      Object.entries(variablesOf(name)).flatMap(([variable, { secretKeyRef }]) =>
        secretKeyRef === undefined ? [] : [[variable, `${secretKeyRef.name}/${secretKeyRef.key}`]],
      ),
    );

  it("runs in production mode on the Postgres that it is given, below the edge's path", () => {
    expect(containerOf("keycloak").args).toEqual(["start"]);
    expect(variablesOf("keycloak")).toMatchObject({
      KC_HOSTNAME: "https://agents.plain.example.com/identity",
      KC_HTTP_RELATIVE_PATH: "/identity",
      KC_DB_URL: keycloak.database.url,
    });
    expect(secretsOf("keycloak")).toEqual({
      KC_BOOTSTRAP_ADMIN_PASSWORD: "keycloak-administrator-password/value",
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: "keycloak-administrator-client/value",
      KC_DB_USERNAME: "keycloak-database/username",
      KC_DB_PASSWORD: "keycloak-database/password",
    });
    const probes = ["startupProbe", "livenessProbe", "readinessProbe"].map(
      (probe) => containerOf("keycloak")[probe].httpGet,
    );
    expect(probes).toEqual([
      { path: "/health/started", port: "management" },
      { path: "/health/live", port: "management" },
      { path: "/health/ready", port: "management" },
    ]);
    // Relative to the port's own root, whatever the path of the rest.
    expect(variablesOf("keycloak").KC_HTTP_MANAGEMENT_RELATIVE_PATH).toBe("/");
  });

  it("is told the fleet's realm, and the secret of every client in it", () => {
    const { workloads } = resolveFleet(fleet, environment);
    const realm = keycloakRealm(workloads, environment);
    const { data } = manifest("ConfigMap", "keycloak-realm");
    // As Terraform writes it: `$${` is its way to say `${`.
    expect(JSON.parse(data["realm.json"].replaceAll("$${", "${"))).toEqual(realm);
    expect(variablesOf("keycloak-realm")).toMatchObject({
      KEYCLOAK_URL: INSIDE,
      REALM: { configMapKeyRef: { name: "keycloak-realm", key: "realm.json" } },
    });
    expect(realm.clients.map(({ clientId }) => clientId).sort()).toEqual(["customer-acme", "desk"]);
    expect(secretsOf("keycloak-realm")).toEqual({
      ADMIN_CLIENT_SECRET: "keycloak-administrator-client/value",
      CLIENT_SECRET_DESK: "keycloak-client-desk/value",
      CLIENT_SECRET_CUSTOMER_ACME: "keycloak-client-customer-acme/value",
    });
    for (const [, secret] of Object.entries<string>(secretsOf("keycloak-realm"))) {
      expect(manifest("Secret", secret.replace("/value", ""))).toBeDefined();
    }
  });

  it("tells agents one issuer, and where it is on the inside; who calls others reads its own secret alone", () => {
    const told = {
      OIDC_ISSUER: ISSUER,
      OIDC_JWKS_URL: `${INSIDE}/realms/a2a/protocol/openid-connect/certs`,
    };
    const [server] = ["desk", "billing"].map((name) => {
      const { data = {} } =
        manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name) ??
        ({} as Finished);
      expect({ ...data, ...variablesOf(name) }).toMatchObject(told);
      return { ...data, ...variablesOf(name) };
    });
    expect(server?.OIDC_TOKEN_URL).toBe(`${INSIDE}/realms/a2a/protocol/openid-connect/token`);
    expect(Object.values(secretsOf("desk"))).toContain("keycloak-client-desk/value");
    expect(Object.values(secretsOf("billing")).join()).not.toContain("keycloak");
  });

  it("keeps made-up secrets out of everything but write-only values", () => {
    const secrets = Object.values<Finished>(json.resource.kubernetes_secret_v1);
    expect(secrets.filter(({ metadata }) => metadata.name.startsWith("keycloak-"))).toHaveLength(4);
    for (const secret of secrets) {
      expect(Object.keys(secret).filter((key) => key.startsWith("data"))).toEqual([
        "data_wo",
        "data_wo_revision",
      ]);
    }
    const text = JSON.stringify({ ...json, resource: { ...json.resource, kubernetes_secret_v1: undefined } });
    expect(text).not.toContain(".result}");
  });

  it("shows its three paths at the edge, after the edge is there", () => {
    const resources = readCustomResources(json);
    expect(resources.flatMap(findCrdProblems)).toEqual([]);
    const route = resources.find(
      ({ kind, metadata }) => kind === "HTTPRoute" && metadata.name === "keycloak",
    ) as Finished;
    expect(route.spec.hostnames).toEqual(["agents.plain.example.com"]);
    const [rule, ...more] = route.spec.rules;
    expect(more).toEqual([]);
    expect(rule.matches).toEqual(
      [
        "/.well-known/openid-configuration",
        "/protocol/openid-connect/certs",
        "/protocol/openid-connect/token",
      ].map((path) => ({ path: { type: "Exact", value: `/identity/realms/a2a${path}` } })),
    );
    const releases = readResourceReleases(json);
    const gateway = releases.find((release) => JSON.stringify(release).includes('"kind":"Gateway"'));
    const paths = releases.find(({ name }) => name === "keycloak-public-paths");
    expect(gateway?.address).toBeDefined();
    expect(paths?.dependsOn).toContain(gateway?.address);
  });

  it("is reached by agents, by the edge and by what applies the realm; and reaches its database", () => {
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
    const pods = new Map(podsOf(manifests).map((each) => [each.name, each]));
    const pod = (name: string) => pods.get(name) as PolicyPod;
    const reaches = (from: Endpoint, to: Endpoint, port: number, protocol: "TCP" | "UDP" = "TCP") =>
      canReach(policies, from, to, port, protocol);
    const outsider = (namespace: string, labels: Record<string, string> = {}): PolicyPod => ({
      name: `some-pod-of-${namespace}`,
      namespace,
      labels,
      ports: {},
    });
    const [server, realm] = [pod("keycloak"), pod("keycloak-realm")] as const;
    const edge = outsider("envoy-gateway-system");
    const dns = outsider("kube-system", { "k8s-app": "kube-dns" });
    for (const caller of [pod("desk"), pod("billing"), edge, realm]) {
      expect(reaches(caller, server, 8080), caller.name).toBe(true);
      expect(reaches(caller, server, 9000), caller.name).toBe(false);
    }
    const strangers: Endpoint[] = [
      outsider("agents", { app: "stranger" }),
      outsider("default", pod("desk").labels as Record<string, string>),
      pod("task-store"),
      pod("task-store-backup"),
      { address: "203.0.113.9" },
    ];
    for (const stranger of strangers) expect(reaches(stranger, server, 8080)).toBe(false);
    expect(reaches(server, { address: "192.168.10.7" }, 5433)).toBe(true);
    expect(reaches(server, { address: "192.168.10.8" }, 5433)).toBe(false);
    expect(reaches(server, { address: "203.0.113.9" }, 443)).toBe(false);
    expect(reaches(server, pod("desk"), 8000)).toBe(false);
    expect(reaches(server, dns, 53, "UDP")).toBe(true);
    expect(reaches(realm, dns, 53, "UDP")).toBe(true);
    expect(reaches(realm, { address: "192.168.10.7" }, 5433)).toBe(false);
    expect(reaches(pod("desk"), { address: "192.168.10.7" }, 5433)).toBe(false);
    for (const other of [edge, pod("desk"), server]) expect(reaches(other, realm, 8080)).toBe(false);
    expect(reaches(outsider("monitoring"), realm, 8080)).toBe(true);
    expect(reaches(outsider("monitoring"), server, 8080)).toBe(false);
  });

  it("has what the realm's rounds found read from the pod, by a monitor where a source of metrics was chosen", () => {
    const { annotations, labels } = manifest("Deployment", "keycloak-realm").spec.template.metadata;
    expect(annotations).toMatchObject({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": variablesOf("keycloak-realm").PORT,
      "prometheus.io/path": "/metrics",
    });
    const monitorOf = (built: Finished): Finished =>
      readCustomResources(built).find(
        ({ kind, metadata }) => kind === "PodMonitor" && metadata.name === "keycloak-realm",
      );
    const prometheus = {
      autoscaling: "keda",
      prometheusOperator: true,
      prometheusUrl: "http://prometheus.monitoring:9090",
    } as const;
    const [without, chosen] = [{ autoscaling: "resources" } as const, prometheus].map(
      (change) => build({ kubernetes: { ...environment.kubernetes, ...change } }).json,
    );
    expect(monitorOf(without)).toBeUndefined();
    const monitor = monitorOf(chosen);
    expect(findCrdProblems(monitor)).toEqual([]);
    expect(labels).toMatchObject(monitor.spec.selector.matchLabels);
    const [{ port, path }] = monitor.spec.podMetricsEndpoints;
    expect(path).toBe("/metrics");
    expect(containerOf("keycloak-realm").ports).toContainEqual(
      expect.objectContaining({ name: port, containerPort: Number(variablesOf("keycloak-realm").PORT) }),
    );
  });

  it("is valid against the Kubernetes API's own schemas, and restricted pod security admits its pods", () => {
    expect(manifests.flatMap(findManifestSchemaProblems)).toEqual([]);
    const deployments = manifests.filter(({ kind }) => kind === "Deployment");
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(["keycloak", "keycloak-realm"]),
    );
    expect(deployments.flatMap((deployment) => findViolations(deployment, []))).toEqual([]);
  });

  it("protects what lets the fleet into its database", () => {
    const lost = Object.values<Finished>(
      build({ deletionProtection: false }).json.resource.kubernetes_secret_v1,
    );
    const kept = Object.values<Finished>(json.resource.kubernetes_secret_v1);
    const protectedOnes = (secrets: Finished[]) =>
      secrets
        .filter(({ lifecycle }) => lifecycle?.prevent_destroy === true)
        .map(({ metadata }) => metadata.name);
    expect(protectedOnes(kept)).toEqual(["keycloak-administrator-client"]);
    expect(protectedOnes(lost)).toEqual([]);
  });

  it("deploys, plans nothing the second time, and is taken down again without a trace", async () => {
    const { folder, before } = build({ deletionProtection: false });
    const prepared = await deployStack({ folder: before });
    const deployed = await deployStack({ folder }, { cloud: prepared });
    expect((await planStack({ folder }, { prior: deployed })).isEmpty).toBe(true);
    const left = await destroyStack({ folder }, { prior: deployed });
    expect(Object.keys(left.ledger.entries)).toEqual(Object.keys(prepared.ledger.entries));
  });
});

describe("the settings of Keycloak in a cluster", () => {
  const problemsOf = (change: Partial<Environment>) =>
    resolveFleet(fleet, { ...environment, ...change }).problems.map(({ rule }) => rule);

  it("take what ships, and development without a database", () => {
    expect(problemsOf({})).toEqual([]);
    expect(
      problemsOf({ stage: "development", identityProvider: { kind: "keycloak", mode: "development" } }),
    ).toEqual([]);
  });

  const nginx = {
    kind: "nginx",
    controller: "ingress-nginx",
    certificates: { kind: "acme", email: "operations@example.com" },
  } as const;
  const withUrl = (url: string) => ({
    identityProvider: { ...keycloak, database: { ...keycloak.database, url } },
  });

  it.each<[string, Partial<Environment>, string]>([
    [
      "production without a database",
      { identityProvider: { kind: "keycloak" } },
      "environment 'plain': Keycloak runs in the cluster, which makes no Postgres for it; set identityProvider.database (url and " +
        "credentialsSecret), or identityProvider.mode to 'development' in a development environment",
    ],
    [
      "development mode in production",
      { identityProvider: { kind: "keycloak", mode: "development" } },
      "the stage is 'production'; remove identityProvider.mode",
    ],
    [
      "no edge",
      { kubernetes: { ...environment.kubernetes, edge: undefined } },
      "tokens name Keycloak by the edge's host, and the edge is missing; set kubernetes.edge to kind 'gateway-api'",
    ],
    [
      "nginx",
      { stage: "staging", kubernetes: { ...environment.kubernetes, edge: nginx } },
      "and the edge is nginx; set kubernetes.edge to kind 'gateway-api'",
    ],
    [
      "a password in the URL",
      withUrl("jdbc:postgresql://db.internal/keycloak?user=fleet&password=none"),
      "carries credentials; leave them to 'credentialsSecret'",
    ],
    ["another database", withUrl("jdbc:mariadb://db.internal/keycloak"), "is not a JDBC URL"],
  ])("refuse %s", (_, change, says) => {
    // Agents that nobody calls from outside: they need no edge themselves.
    const inside = [agentDefinition("desk"), billing];
    expect(resolveFleet(inside, environment).problems).toEqual([]);
    const { problems } = resolveFleet(inside, { ...environment, ...change });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(says)]);
  });
});
