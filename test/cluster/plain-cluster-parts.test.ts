import { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { serviceAccountIdentities } from "../../src/cluster/agent/service-account-identities";
import { clusterSecrets } from "../../src/cluster/cluster-secrets";
import { ownersSecrets } from "../../src/cluster/facts/owners-secrets";
import type { Environment } from "../../src/environment/environment";
import type { TelemetrySettings } from "../../src/environment/telemetry-settings";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { mergeBindings } from "../../src/parts/agent-dependency";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { synthCluster } from "../support/kubernetes-fleet";
import {
  findManifestSchemaProblems,
  type Manifest,
  readManifests,
  withNames,
} from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { canReach, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { testApp } from "../support/synth";

const definitions = [{ ...agentDefinition("billing"), model: "gpt-4" }];
const parts = {
  taskStore: { kind: "existing", host: "10.9.8.7", port: 6380, urlSecret: "tasks-url" },
  modelGateway: { url: "http://litellm.models.svc.cluster.local:4000" },
  telemetry: { existingEndpoint: "http://collector.watch.svc:4318", sampleRatio: 0.5 },
} satisfies Partial<Environment>;

function built(change: Partial<Environment>) {
  const environment = { ...kubernetesEnvironment, ...change };
  const { vault } = environment;
  const secrets = vault.kind === "kubernetes" ? [...vault.secrets, "tasks-url", "litellm-api-key"] : [];
  const json = withNames(
    synthCluster({ ...environment, vault: { kind: "kubernetes", secrets } }, definitions).json,
  );
  const manifests = readManifests(json);
  const named = (kind: string) =>
    manifests.find((each) => each.kind === kind && each.metadata.name === "billing");
  return {
    variables: (named("ConfigMap") as unknown as { data: Record<string, string> }).data,
    env: named("Deployment")?.spec.template.spec.containers[0].env as {
      name: string;
      valueFrom: { secretKeyRef: { name: string; key: string } };
    }[],
    manifests,
    policies: manifests.filter(({ kind }) => kind === "NetworkPolicy"),
    pod: podsOf(manifests).find(({ name }) => name === "billing") as PolicyPod,
  };
}

const podIn = (namespace: string): PolicyPod => ({ name: "some", namespace, labels: {}, ports: {} });

test("a cluster without a cloud gives its agents every part that exists, by reference, and the way to it", () => {
  const { variables, env, policies, pod } = built(parts);
  expect(variables).toMatchObject({
    TASK_STORE: "redis",
    REDIS_HOST: "10.9.8.7",
    REDIS_KEY_PREFIX: expect.stringContaining("billing}:"),
    LITELLM_URL: "http://litellm.models.svc.cluster.local:4000",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.watch.svc:4318",
    OTEL_TRACES_SAMPLER_ARG: "0.5",
    OTEL_METRICS_EXPORTER: "otlp",
  });
  expect(
    Object.fromEntries(env.map(({ name, valueFrom }) => [name, valueFrom.secretKeyRef.name])),
  ).toMatchObject({ REDIS_URL: "tasks-url", LITELLM_API_KEY: "litellm-api-key" });
  expect(canReach(policies, pod, { address: "10.9.8.7" }, 6380)).toBe(true);
  expect(canReach(policies, pod, podIn("models"), 4000)).toBe(true);
  expect(canReach(policies, pod, podIn("watch"), 4318)).toBe(true);
  expect(canReach(policies, pod, podIn("elsewhere"), 4000)).toBe(false);
});

test("and none of it where the environment has none", () => {
  const { modelGateway: _, telemetry: __, ...others } = parts;
  const { policies, pod, variables } = built({ ...others, modelGateway: parts.modelGateway });
  expect(variables).not.toHaveProperty("TRACE_ENABLED");
  expect(canReach(policies, pod, podIn("watch"), 4318)).toBe(false);
});

test("names the Secret of a variable, and itself where another part sets the same one", () => {
  const scope = new TerraformStack(testApp(), "own");
  const [workload] = resolveFleet([{ ...agentDefinition("billing"), secrets: { ERP_TOKEN: "erp-token" } }], {
    ...kubernetesEnvironment,
    vault: { kind: "kubernetes", secrets: ["registry-password", "erp-token"] },
  }).workloads as [AgentWorkload];
  const part = clusterSecrets(["erp-token"]);
  const binding = part.bind(scope, workload, null);
  expect(binding).toEqual({
    secrets: [{ variable: "ERP_TOKEN", name: "erp-token", vault: "erp-token", id: "value" }],
  });
  const both = [part.dependencyName, "a part of one's own"].map((from) => ({ from, binding }));
  expect(() => mergeBindings(workload, both)).toThrow(
    "variable ERP_TOKEN is set by secrets of the cluster and by a part of one's own",
  );
});

describe("the way to", () => {
  const public_ = { address: "203.0.113.9" };
  /** Which of some places a part reaches, and no other that is asked for. */
  const reached = (change: Partial<Environment>, name: string) => {
    const { manifests, policies } = built({ modelGateway: parts.modelGateway, ...change });
    const from = podsOf(manifests).find((pod) => pod.name === name) as PolicyPod;
    const places = { "pods in data": podIn("data"), "pods elsewhere": podIn("elsewhere"), public: public_ };
    return Object.entries(places).flatMap(([place, to]) =>
      [443, 5432, 5433, 9000]
        .filter((port) => canReach(policies, from, to, port))
        .map((port) => `${place}:${port}`),
    );
  };

  test.each([
    [undefined, ["public:443"]],
    ["https://minio.acme.example", ["public:443"]],
    ["https://minio.acme.example:9000", ["public:9000"]],
    ["http://minio.data.svc:9000", ["pods in data:9000"]],
    ["http://minio.data.svc.cluster.local:9000", ["pods in data:9000"]],
  ])("the storage of backups at %s is what it is called by", (endpoint, places) => {
    const storage = { kind: "s3", bucket: "acme", region: "eu-central-1", endpoint } as const;
    const kubernetes = { ...kubernetesEnvironment.kubernetes, backups: { storage, credentialsSecret: "s" } };
    expect(reached({ kubernetes }, "task-store-backup")).toEqual(places);
  });

  test.each([
    ["postgres.acme.example", ["public:5432"]],
    ["postgres.acme.example:5433", ["public:5433"]],
    ["postgres.data.svc:5433", ["pods in data:5433"]],
    ["postgres.data.svc.cluster.local", ["pods in data:5432"]],
  ])("Keycloak's database at %s is what it is called by", (host, places) => {
    const database = {
      url: `jdbc:postgresql://${host}/keycloak?sslmode=verify-full`,
      credentialsSecret: "keycloak-database",
    };
    const kubernetes = {
      edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "own" } },
    } as const;
    const change = { kubernetes, identityProvider: { kind: "keycloak", database } } as const;
    expect(reached(change, "keycloak")).toEqual(places);
    // It keeps nothing there, whatever else is said.
    const identityProvider = { ...change.identityProvider, mode: "development" } as const;
    expect(reached({ ...change, identityProvider, stage: "development" }, "keycloak")).toEqual([]);
  });
});

test("tells what somebody adds by hand which service account an agent is", () => {
  const owner = { name: "billing", labels: {} };
  const identity = serviceAccountIdentities("agents").create(new TerraformStack(testApp(), "own"), owner);
  expect(identity).toEqual({ serviceAccount: "billing", namespace: "agents" });
});

describe("a collector of the fleet's own", () => {
  const forwardTo = {
    endpoint: "https://otlp.acme.example",
    headers: { "x-scope": "telemetry-tenant", authorization: "telemetry-login" },
  };
  const collected = (change: Partial<TelemetrySettings["forwardTo"] & object> = {}, sampleRatio = 0.1) => {
    const { taskStore, modelGateway } = parts;
    const telemetry = { forwardTo: { ...forwardTo, ...change }, sampleRatio };
    const fleet = built({ taskStore, modelGateway, telemetry });
    const named = (kind: string) =>
      fleet.manifests.find(
        (each) => each.kind === kind && each.metadata.name === "otel-collector",
      ) as Manifest;
    return {
      ...fleet,
      named,
      configuration: parse(
        (named("ConfigMap") as unknown as { data: Record<string, string> }).data[
          "collector.yaml"
        ]?.replaceAll("$${", "${") ?? "",
      ),
      collector: podsOf(fleet.manifests).find(({ name }) => name === "otel-collector") as PolicyPod,
    };
  };

  test("takes what agents send, keeps errors and slow tasks, and hands the rest on by its share", () => {
    const { variables, configuration, named } = collected();
    expect(variables).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel-collector.agents.svc.cluster.local:4318",
      // It can judge only what it is sent.
      OTEL_TRACES_SAMPLER_ARG: "1",
      OTEL_METRICS_EXPORTER: "otlp",
    });
    expect(variables).not.toHaveProperty("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
    const { exporters, processors, service, receivers } = configuration;
    expect(exporters).toEqual({
      otlphttp: {
        endpoint: "https://otlp.acme.example",
        headers: {
          authorization: "${env:FORWARD_HEADER_1}${env:NOTHING:-}",
          "x-scope": "${env:FORWARD_HEADER_2}${env:NOTHING:-}",
        },
      },
    });
    expect(Object.keys(service.pipelines)).toEqual(["traces", "metrics", "logs"]);
    expect(service.pipelines.traces).toEqual({
      receivers: ["otlp"],
      processors: ["memory_limiter", "tail_sampling", "batch"],
      exporters: ["otlphttp"],
    });
    expect(service.pipelines.metrics.processors).toEqual(["memory_limiter", "batch"]);
    expect(processors.tail_sampling.policies.map(({ type }: { type: string }) => type)).toEqual([
      "status_code",
      "latency",
      "probabilistic",
    ]);
    const [port] = named("Service").spec.ports;
    expect(receivers.otlp.protocols.http.endpoint).toBe(`0.0.0.0:${port.port}`);
  });

  test("knows its logins by the Secrets of the cluster's owner, which are asked for before a deploy", () => {
    const { named, manifests } = collected();
    const [container] = named("Deployment").spec.template.spec.containers;
    expect(container.env).toEqual([
      { name: "FORWARD_HEADER_1", valueFrom: { secretKeyRef: { name: "telemetry-login", key: "value" } } },
      { name: "FORWARD_HEADER_2", valueFrom: { secretKeyRef: { name: "telemetry-tenant", key: "value" } } },
    ]);
    const asked = ownersSecrets({ ...kubernetesEnvironment, telemetry: { forwardTo } });
    expect(asked).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "telemetry-login", keys: ["value"] }),
        expect.objectContaining({ name: "telemetry-tenant", keys: ["value"] }),
      ]),
    );
    expect(
      manifests.filter(({ kind, metadata }) => kind === "Secret" && /^telemetry/.test(metadata.name)),
    ).toEqual([]);
  });

  test("lets agents in, and out to where it hands on, and nobody else anywhere", () => {
    const { policies, pod, collector } = collected();
    const public_ = { address: "203.0.113.9" };
    expect(canReach(policies, pod, collector, 4318)).toBe(true);
    expect(canReach(policies, podIn("agents"), collector, 4318)).toBe(false);
    expect(canReach(policies, collector, public_, 443)).toBe(true);
    expect(canReach(policies, collector, public_, 4318)).toBe(false);
    expect(canReach(policies, collector, { address: "10.1.2.3" }, 443)).toBe(false);
    expect(canReach(policies, pod, podIn("watch"), 4318)).toBe(false);

    const beside = collected({ endpoint: "http://tempo.watch.svc:4318" });
    expect(canReach(beside.policies, beside.collector, podIn("watch"), 4318)).toBe(true);
    expect(canReach(beside.policies, beside.collector, public_, 443)).toBe(false);

    const near = collected({ cidr: "10.1.2.0/24" });
    expect(canReach(near.policies, near.collector, { address: "10.1.2.3" }, 443)).toBe(true);
    expect(canReach(near.policies, near.collector, { address: "10.1.3.3" }, 443)).toBe(false);
  });

  test("is a pod like the fleet's others: restricted, asked for its health, replaced when its settings change", () => {
    const { manifests, named, configuration } = collected();
    expect(manifests.flatMap(findManifestSchemaProblems)).toEqual([]);
    const deployment = named("Deployment");
    expect(findViolations(deployment, [])).toEqual([]);
    const [container] = deployment.spec.template.spec.containers;
    const health = Number(configuration.extensions.health_check.endpoint.split(":")[1]);
    expect(container.ports).toContainEqual(
      expect.objectContaining({ name: "health", containerPort: health }),
    );
    for (const probe of [container.livenessProbe, container.readinessProbe]) {
      expect(probe.httpGet).toMatchObject({ port: "health", path: "/" });
    }
    expect(container.resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
    expect(deployment.spec.template.metadata.annotations["checksum/settings"]).toMatch(/sha256/);
    expect(named("PodDisruptionBudget").spec.maxUnavailable).toBe(1);
  });

  test("leaves metrics to Prometheus where that reads them, or where nothing takes them", () => {
    const { variables, configuration } = collected({ metrics: false });
    expect(variables).toMatchObject({ OTEL_METRICS_EXPORTER: "none", TRACE_ENABLED: "true" });
    expect(variables).not.toHaveProperty("OTEL_METRIC_EXPORT_INTERVAL");
    expect(Object.keys(configuration.service.pipelines)).toEqual(["traces", "logs"]);
  });

  test("keeps every trace unless a share is said", () => {
    const { configuration } = collected({}, 1);
    expect(configuration.service.pipelines.traces.processors).toEqual(["memory_limiter", "batch"]);
  });
});
