import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { afterAll, describe, expect, it } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { ClusterFoundations } from "../../src/cluster/cluster-foundations";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { ClusterStack } from "../../src/stacks/cluster-stack";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { findCrdProblems } from "../support/find-crd-problems";
import { agents } from "../support/fleet/agents";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";
import { findManifestSchemaProblems, readManifests, withNames } from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { readCustomResources, readResourceReleases } from "../support/kubernetes-resources";
import { canReach, type Endpoint, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { usePlanning } from "../support/plan-stack";

/** The server of the article: one agent that people use. */
const server: AgentDefinition = {
  ...agentDefinition("server"),
  audience: "customer-facing",
  minReplicas: 3,
  secrets: { OPENAI_API_KEY: "openai-api-key" },
};

const digest = `sha256:${"1".repeat(64)}`;
const environment: Environment = {
  ...plainCluster,
  identityProvider: {
    ...plainCluster.identityProvider,
    applications: { portal: ["server"] },
  } as IdentityProviderSettings,
  agents: { server: { image: digest } },
  vault: { kind: "kubernetes", secrets: ["openai-api-key", "registry-login"] },
};

const root = mkdtempSync(join(tmpdir(), "plain-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function build(change: Partial<Environment> = {}) {
  const app = new App({ outdir: mkdtempSync(join(root, "out-")), context: { rehearsal: true } });
  const all = { environment: { ...environment, ...change }, agents: [server] };
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

const { planStack, deployStack, destroyStack } = usePlanning();

describe("a cluster without a cloud", () => {
  const { json, jsonBefore } = build();
  const manifests = readManifests(json);
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
  const pods = new Map(podsOf(manifests).map((each) => [each.name, each]));
  const pod = (name: string): PolicyPod => {
    const found = pods.get(name);
    if (found === undefined) throw new Error(`no pod ${name} (${[...pods.keys()].join(", ")})`);
    return found;
  };
  const outsider = (namespace: string, labels: Record<string, string> = {}): PolicyPod => ({
    name: `some-pod-of-${namespace}`,
    namespace,
    labels,
    ports: {},
  });

  it("has no provider of a cloud, and no resource of one", () => {
    expect(Object.keys(json.provider).sort()).toEqual(["helm", "kubernetes", "random", "time"]);
    const types = Object.keys(json.resource);
    expect(
      types.filter((type) => !/^(?:kubernetes_|helm_release$|time_(?:sleep|static)$)/.test(type)),
    ).toEqual([]);
    expect(json.data).toBeUndefined();
  });

  it("has an edge with a certificate, and redirects to HTTPS", () => {
    const resources = readCustomResources(json);
    const kinds = resources.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining([
        "Gateway",
        "HTTPRoute",
        "GatewayClass",
        "ClusterIssuer",
        "Certificate",
        "Issuer",
      ]),
    );
    expect(resources.flatMap(findCrdProblems)).toEqual([]);
    const redirect = resources.find(({ metadata }) => metadata.name === "redirect-to-https");
    expect(redirect?.spec.rules[0].filters[0].requestRedirect).toMatchObject({ scheme: "https" });
  });

  it("runs three replicas, reached on port 80, with their metrics on 9090", () => {
    const [scaler] = manifests.filter(({ kind }) => kind === "HorizontalPodAutoscaler");
    expect(scaler?.spec).toMatchObject({ minReplicas: 3, scaleTargetRef: { name: "server" } });
    const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === "server");
    expect(service?.spec.ports.map(({ port }: { port: number }) => port)).toEqual([80, 9090]);
  });

  it("makes the store's certificates after cert-manager, and the store after them", () => {
    const releases: Record<string, Finished> = json.resource.helm_release;
    const addressOf = (name: string) =>
      `helm_release.${Object.entries(releases).find(([, release]) => release.name === name)?.[0]}`;
    const certificates = readResourceReleases(json).find(({ name }) => name === "task-store-certificates");
    expect(certificates?.dependsOn).toContain(addressOf("cert-manager"));
    const [store] = Object.values<Finished>(json.resource.kubernetes_stateful_set_v1);
    expect(store.depends_on).toContain(certificates?.address);
  });

  it("keeps the store's password out of everything but two write-only values", () => {
    const [password] = Object.values<Finished>(json.resource.kubernetes_secret_v1);
    expect(Object.keys(password).filter((key) => key.startsWith("data"))).toEqual([
      "data_wo",
      "data_wo_revision",
    ]);
    const text = JSON.stringify({ ...json, resource: { ...json.resource, kubernetes_secret_v1: undefined } });
    expect(text).not.toContain(".result}");
    expect(text).not.toMatch(/requirepass [^"]/);
  });

  it("lets in and out what has to, and nothing else", () => {
    const reaches = (from: Endpoint, to: Endpoint, port: number, protocol: "TCP" | "UDP" = "TCP") =>
      canReach(policies, from, to, port, protocol);
    const [agent, store, backup] = [pod("server"), pod("task-store"), pod("task-store-backup")] as const;
    const edge = outsider("envoy-gateway-system");
    const dns = outsider("kube-system", { "k8s-app": "kube-dns" });
    const stranger = outsider("agents", { app: "stranger" });
    const objectStorage = { address: "192.168.10.5" };
    expect(reaches(agent, store, 6379)).toBe(true);
    expect(reaches(edge, agent, 8000)).toBe(true);
    expect(reaches(backup, store, 6379)).toBe(true);
    expect(reaches(pod("task-store-restore"), store, 6379)).toBe(true);
    expect(reaches(backup, objectStorage, 9000)).toBe(true);
    expect(reaches(backup, dns, 53, "UDP")).toBe(true);

    expect(reaches(stranger, store, 6379)).toBe(false);
    expect(reaches({ ...agent, namespace: "default" }, store, 6379)).toBe(false);
    expect(reaches(agent, objectStorage, 9000)).toBe(false);
    expect(reaches(backup, { address: "192.168.10.6" }, 9000)).toBe(false);
    expect(reaches(backup, agent, 8000)).toBe(false);
    expect(reaches(store, { address: "203.0.113.9" }, 443)).toBe(false);
    expect(reaches({ address: "203.0.113.9" }, agent, 8000)).toBe(false);
    expect(reaches(edge, store, 6379)).toBe(false);
  });

  it("is valid against the Kubernetes API's own schemas, and restricted pod security admits its pods", () => {
    expect(manifests.flatMap(findManifestSchemaProblems)).toEqual([]);
    const workloads = manifests.filter(({ kind }) => ["Deployment", "StatefulSet", "CronJob"].includes(kind));
    expect(workloads.map(({ kind }) => kind).sort()).toEqual([
      "CronJob",
      "CronJob",
      // The agent, Keycloak, and what writes its realm.
      "Deployment",
      "Deployment",
      "Deployment",
      "Deployment",
      "StatefulSet",
    ]);
    expect(workloads.flatMap((workload) => findViolations(workload, []))).toEqual([]);
  });

  it("runs official images by exact version", () => {
    const images = JSON.stringify([
      json.resource.kubernetes_stateful_set_v1,
      json.resource.kubernetes_cron_job_v1,
    ]);
    const named = [...images.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
    expect(named).toHaveLength(5);
    for (const image of named)
      expect(image).toMatch(/^docker\.io\/(?:library|rclone)\/[a-z]+:\d+\.\d+(?:\.\d+)?$/);
  });

  it("does not wait for its volume, and protects it and its namespace", () => {
    const [volume] = Object.values<Finished>(json.resource.kubernetes_persistent_volume_claim_v1);
    expect(volume).toMatchObject({ wait_until_bound: false, lifecycle: { prevent_destroy: true } });
    const agents = Object.values<Finished>(jsonBefore.resource.kubernetes_namespace_v1).find(
      ({ metadata }) => metadata.name === "agents",
    );
    expect(agents.lifecycle).toMatchObject({ prevent_destroy: true });
  });

  it("has a namespace for its owner's Secrets before anything waits for them, and says which they are", () => {
    const [namespace] = Object.values<Finished>(jsonBefore.resource.kubernetes_namespace_v1);
    expect(namespace.metadata).toMatchObject({
      name: "agents",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
    const own = Object.values<Finished>(json.resource.kubernetes_namespace_v1).map(
      ({ metadata }) => metadata.name,
    );
    expect(own).not.toContain("agents");
    const told: Record<string, string[]> = jsonBefore.output["owners-secrets"].value;
    const sorted = Object.entries(told).map(([name, keys]) => [name, keys.toSorted()] as const);
    expect(secretsRead(json)).toEqual(Object.fromEntries(sorted));
  });

  it("restores by a job that is never due, with the same reach as the backup's", () => {
    const jobs = Object.values<Finished>(json.resource.kubernetes_cron_job_v1);
    const restore = jobs.find(({ metadata }) => metadata.name === "task-store-restore");
    expect(restore.spec).toMatchObject({ suspend: true, schedule: "0 0 31 2 *" });
    expect(pod("task-store-restore").labels).toEqual(pod("task-store-backup").labels);
  });

  it("deploys, plans nothing the second time, and is taken down again without a trace", async () => {
    const { folder, before } = build({ deletionProtection: false });
    const prepared = await deployStack({ folder: before });
    const deployed = await deployStack({ folder }, { cloud: prepared });
    expect(Object.keys(deployed.ledger.entries).length).toBeGreaterThan(20);
    expect((await planStack({ folder }, { prior: deployed })).isEmpty).toBe(true);
    const left = await destroyStack({ folder }, { prior: deployed });
    expect(Object.keys(left.ledger.entries)).toEqual(Object.keys(prepared.ledger.entries));
    const nothing = await destroyStack({ folder: before }, { prior: prepared });
    expect(Object.keys(nothing.ledger.entries)).toEqual([]);
  });

  it("cannot be taken down while its data is protected", async () => {
    const { folder, before } = build();
    const prepared = await deployStack({ folder: before });
    await expect(destroyStack({ folder: before }, { prior: prepared })).rejects.toThrow(/prevent_destroy/);
    const deployed = await deployStack({ folder }, { cloud: prepared });
    await expect(destroyStack({ folder }, { prior: deployed })).rejects.toThrow(/prevent_destroy/);
  });
});

describe("the settings of a plain cluster", () => {
  const problemsOf = (change: Partial<Environment>) =>
    resolveFleet([server], { ...environment, ...change }).problems.map(({ rule }) => rule);

  it("fit the fleet that ships", () => {
    expect(resolveFleet(agents, plainCluster).problems).toEqual([]);
  });

  it("refuse production that keeps its tasks in the cluster without backups, and take staging", () => {
    const kubernetes = { ...environment.kubernetes, backups: undefined };
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ kubernetes })).toEqual(["store-without-backups"]);
    expect(problemsOf({ kubernetes, stage: "staging" })).toEqual([]);
  });

  it("refuse backups of a store that the cluster does not keep", () => {
    expect(
      problemsOf({
        taskStore: { kind: "existing", host: "redis.example.com", port: 6380, urlSecret: "openai-api-key" },
      }),
    ).toEqual(["backups-of-nothing"]);
  });
});

/** Every Secret that pods name and that nothing in the stack makes, with the keys that they read. */
function secretsRead(json: Finished): Record<string, string[]> {
  const made = new Set([
    ...Object.values<Finished>(json.resource.kubernetes_secret_v1).map(({ metadata }) => metadata.name),
    ...readCustomResources(json).flatMap(({ spec }) => spec.secretName ?? []),
  ]);
  const keys = new Map<string, Set<string>>();
  const read = (name: string, key: string) => {
    if (!made.has(name)) keys.set(name, new Set([...(keys.get(name) ?? []), key]));
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      for (const [field, inner] of Object.entries(value as Record<string, Finished>)) {
        if (field === "secret_key_ref") read(inner.name, inner.key);
        else if (field === "image_pull_secrets")
          for (const { name } of inner) read(name, ".dockerconfigjson");
        else visit(inner);
      }
    }
  };
  visit(json.resource);
  return Object.fromEntries([...keys].map(([name, all]) => [name, [...all].toSorted()]));
}
