import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Ledger } from "../../../../src/rehearsal/ledger";
import { behavioursOf } from "../../../../src/rehearsal/provider/behaviours";
import { complete } from "../../../../src/rehearsal/provider/fill";
import { setChartFolders } from "../../../../src/rehearsal/provider/kubernetes/terraform/chart-folders";
import { ProviderConnection } from "../../../../src/rehearsal/provider/provider-connection";
import { simulatedProviders } from "../../../../src/rehearsal/provider/providers";
import { SchemaStore } from "../../../../src/rehearsal/provider/schema/schema-store";
import { type ObjectValue, textAt, textsAt, type Value } from "../../../../src/rehearsal/provider/value";
import { type RecordedObjects, readVerdicts } from "./recorded-verdicts";

const root = mkdtempSync(join(tmpdir(), "a2a-api-server-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const stores = new Map(["kubernetes", "helm", "azurerm"].map((name) => [name, new SchemaStore(name)]));
let cluster: Cluster;

/** A simulated cluster that providers talk to without Terraform between them. */
class Cluster {
  readonly folder = mkdtempSync(join(root, "cluster-"));
  readonly ledger: Ledger;
  private readonly connections = new Map<string, ProviderConnection>();

  constructor() {
    this.ledger = new Ledger(this.folder, "api-server");
  }

  private connection(provider: string): ProviderConnection {
    const known = this.connections.get(provider);
    if (known !== undefined) return known;
    const simulated = simulatedProviders.find(({ name }) => name === provider);
    const store = stores.get(provider);
    if (simulated === undefined || store === undefined) throw new Error(provider);
    const made = new ProviderConnection(this.folder, this.ledger, simulated, store, behavioursOf);
    const host = { host: "https://cluster.example" };
    made.configure(provider === "helm" ? { kubernetes: host } : { ...host, subscription_id: "s" });
    this.connections.set(provider, made);
    return made;
  }

  /** Creates a resource, or changes it where a state is given; what was refused, or the new state. */
  async apply(type: string, config: object, prior: ObjectValue | null = null) {
    const provider = type === "helm_release" ? "helm" : (type.split("_", 1)[0] as string);
    const schema = stores.get(provider)?.find("resource", type);
    if (schema === undefined) throw new Error(type);
    const connection = this.connection(provider);
    const proposed = complete(schema.block, config as ObjectValue);
    // Core takes what is computed and not configured over from the state.
    const merged = prior === null ? proposed : (keepComputed(proposed, prior) as ObjectValue);
    const { planned } = connection.plan(type, prior, merged, proposed);
    const { state, diagnostics } = await connection.apply(type, prior, planned, proposed);
    return { state, refusal: diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n") };
  }
}

function keepComputed(value: Value, prior: Value): Value {
  if (value === null) return prior;
  if (Array.isArray(value) && Array.isArray(prior)) {
    return value.map((item: Value, index) => keepComputed(item, (prior[index] as Value | undefined) ?? item));
  }
  if (typeof value === "object" && typeof prior === "object" && prior !== null && !Array.isArray(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [
        key,
        keepComputed(child as Value, ((prior as ObjectValue)[key] ?? child) as Value),
      ]),
    );
  }
  return value;
}

beforeEach(() => {
  cluster = new Cluster();
  setChartFolders([root]);
});

function metadata(name: string, more: object = {}) {
  return [{ name, namespace: "default", ...more }];
}

function deployment({
  labels = {},
  container = {},
  spec = {},
}: {
  labels?: object;
  container?: object;
  spec?: object;
} = {}) {
  return {
    metadata: metadata("inventory", { labels }),
    wait_for_rollout: false,
    spec: [
      {
        replicas: "2",
        selector: [{ match_labels: { app: "inventory" } }],
        template: [
          {
            metadata: [{ labels: { app: "inventory" } }],
            spec: [
              { container: [{ name: "agent", image: "registry.example.com/inventory:1.0.0", ...container }] },
            ],
          },
        ],
        ...spec,
      },
    ],
  };
}

function schedule() {
  const pod = [{ restart_policy: "Never", container: [{ name: "job", image: "job:1" }] }];
  const template = [{ metadata: [{}], spec: pod }];
  return { spec: [{ schedule: "0 1 * * *", job_template: [{ metadata: [{}], spec: [{ template }] }] }] };
}

describe("resources of the kubernetes provider", () => {
  it.each([
    [
      "a label with a space",
      { labels: { team: "R&D dept" } },
      { labels: { team: "R-D" } },
      "metadata.labels: Invalid value",
    ],
    [
      "an amount in no unit",
      { container: { resources: [{ requests: { cpu: "250mm" } }] } },
      { container: { resources: [{ requests: { cpu: "250m" } }] } },
      "unable to parse quantity's suffix",
    ],
    [
      "requests above limits",
      { container: { resources: [{ requests: { memory: "2Gi" }, limits: { memory: "1Gi" } }] } },
      { container: { resources: [{ requests: { memory: "1Gi" }, limits: { memory: "2Gi" } }] } },
      "must be less than or equal to memory limit of 1Gi",
    ],
    [
      "ports of one name",
      {
        container: {
          port: [
            { container_port: 1, name: "a" },
            { container_port: 2, name: "a" },
          ],
        },
      },
      {
        container: {
          port: [
            { container_port: 1, name: "a" },
            { container_port: 2, name: "b" },
          ],
        },
      },
      "spec.template.spec.containers[0].ports[1].name: Duplicate value",
    ],
    [
      "a selector for other pods",
      { spec: { selector: [{ match_labels: { app: "orders" } }] } },
      {},
      "`selector` does not match template `labels`",
    ],
    [
      "a rollout that can't move",
      { spec: { strategy: [{ rolling_update: [{ max_surge: "0", max_unavailable: "0" }] }] } },
      { spec: { strategy: [{ rolling_update: [{ max_surge: "1", max_unavailable: "0" }] }] } },
      "may not be 0 when `maxSurge` is 0",
    ],
  ])("refuse %s", async (_what, wrong, right, words) => {
    const { refusal } = await cluster.apply("kubernetes_deployment_v1", deployment(wrong));
    expect(refusal).toContain(words);
    expect((await cluster.apply("kubernetes_deployment_v1", deployment(right))).refusal).toBe("");
  });

  const port = { name: "pg", port: 5432 };
  const slice = { address_type: "IPv4", port: [{ ...port, port: "5432", app_protocol: "tcp" }] };

  it.each<[what: string, type: string, wrong: object, right: object, words: string]>([
    [
      "a quota of what nobody counts",
      "kubernetes_resource_quota_v1",
      { spec: [{ hard: { pod: "10" } }] },
      { spec: [{ hard: { pods: "10" } }] },
      "must be a standard resource for quota",
    ],
    [
      "a quota within a scope that has none of it",
      "kubernetes_resource_quota_v1",
      { spec: [{ hard: { secrets: "10" }, scopes: ["BestEffort"] }] },
      { spec: [{ hard: { pods: "10" }, scopes: ["BestEffort"] }] },
      "unsupported scope applied to resource",
    ],
    [
      "limits of containers that ask for more than they get",
      "kubernetes_limit_range_v1",
      { spec: [{ limit: [{ type: "Container", default: { cpu: "1" }, default_request: { cpu: "2" } }] }] },
      { spec: [{ limit: [{ type: "Container", default: { cpu: "2" }, default_request: { cpu: "1" } }] }] },
      "default request value 2 is greater than default limit value 1",
    ],
    [
      "endpoints on the node itself",
      "kubernetes_endpoints_v1",
      { subset: [{ address: [{ ip: "127.0.0.1" }], port: [port] }] },
      { subset: [{ address: [{ ip: "10.9.8.7" }], port: [port] }] },
      "may not be in the loopback range",
    ],
    [
      "a slice of endpoints of another family",
      "kubernetes_endpoint_slice_v1",
      { ...slice, endpoint: [{ addresses: ["2001:db8::7"] }] },
      { ...slice, endpoint: [{ addresses: ["10.9.8.7"] }] },
      "must be an IPv4 address",
    ],
    [
      "an empty protocol of applications, which the provider sends like any other",
      "kubernetes_endpoint_slice_v1",
      {
        ...slice,
        endpoint: [{ addresses: ["10.9.8.7"] }],
        port: [{ port: "1", name: "pg", app_protocol: "" }],
      },
      { ...slice, endpoint: [{ addresses: ["10.9.8.7"] }] },
      "ports[0].appProtocol: Invalid value",
    ],
    [
      "a schedule whose name gets too long by what comes behind it",
      "kubernetes_cron_job_v1",
      { metadata: [{ generate_name: `${"a".repeat(48)}-`, namespace: "default" }], ...schedule() },
      { metadata: [{ generate_name: `${"a".repeat(46)}-`, namespace: "default" }], ...schedule() },
      "must be no more than 52 characters",
    ],
  ])("refuse %s", async (_what, type, wrong, right, words) => {
    const made = (more: object) => cluster.apply(type, { metadata: metadata("agents"), ...more });
    expect((await made(wrong)).refusal).toContain(words);
    expect((await made(right)).refusal).toBe("");
  });

  it("have files with modes in octal numbers, as the provider reads them", async () => {
    const withMode = (default_mode: string) => {
      const pod = { volume: [{ name: "settings", config_map: [{ name: "settings", default_mode }] }] };
      const made = deployment();
      const [spec] = made.spec as unknown as [{ template: [{ spec: [object] }] }];
      Object.assign(spec.template[0].spec[0], pod);
      return cluster.apply("kubernetes_deployment_v1", made);
    };
    expect((await withMode("1644")).refusal).toContain("must be a number between 0 and 0777 (octal)");
    expect((await withMode("0644")).refusal).toBe("");
  });

  it("can be changed again and again, whatever the cluster has filled in", async () => {
    const { state } = await cluster.apply("kubernetes_deployment_v1", deployment());
    const changed = await cluster.apply(
      "kubernetes_deployment_v1",
      deployment({ spec: { replicas: "3" } }),
      state,
    );
    expect(changed.refusal).toBe("");
    expect(textAt(changed.state, "spec.0.template.0.spec.0.container.0.image_pull_policy")).toBe(
      "IfNotPresent",
    );
    const wrong = await cluster.apply(
      "kubernetes_deployment_v1",
      deployment({ spec: { replicas: "-1" } }),
      changed.state,
    );
    expect(wrong.refusal).toContain("spec.replicas: Invalid value: -1");
  });

  it("keep what is immutable", async () => {
    const service = (spec: object) => ({
      metadata: metadata("inventory"),
      spec: [{ port: [{ port: 80 }], ...spec }],
    });
    const { state, refusal } = await cluster.apply("kubernetes_service_v1", service({}));
    expect(refusal).toBe("");
    expect(
      (await cluster.apply("kubernetes_service_v1", service({ port: [{ port: 81 }] }), state)).refusal,
    ).toBe("");
    const other = await cluster.apply("kubernetes_service_v1", service({ cluster_ip: "10.0.0.250" }), state);
    expect(other.refusal).toContain("may not change once set");

    const settings = (value: string) => ({ metadata: metadata("fixed"), immutable: true, data: { value } });
    const fixed = await cluster.apply("kubernetes_config_map_v1", settings("one"));
    expect(fixed.refusal).toBe("");
    const same = { ...settings("one"), metadata: metadata("fixed", { labels: { a: "b" } }) };
    expect((await cluster.apply("kubernetes_config_map_v1", same, fixed.state)).refusal).toBe("");
    expect((await cluster.apply("kubernetes_config_map_v1", settings("two"), fixed.state)).refusal).toContain(
      "data: Forbidden: field is immutable when `immutable` is set",
    );
  });

  it("say nothing of a secret's content", async () => {
    const secret = (data: object) => ({
      metadata: metadata("login"),
      type: "kubernetes.io/dockerconfigjson",
      data,
    });
    const { refusal } = await cluster.apply(
      "kubernetes_secret_v1",
      secret({ ".dockerconfigjson": "hunter2" }),
    );
    expect(refusal).toContain("<secret contents redacted>");
    expect(refusal).not.toContain("hunter2");
    const right = await cluster.apply(
      "kubernetes_secret_v1",
      secret({ ".dockerconfigjson": '{"auths":{}}' }),
    );
    expect(right.refusal).toBe("");
  });

  it("refuse an autoscaler's behaviour without a select policy, which the provider sends empty", async () => {
    const scaler = (rules: object) => ({
      metadata: metadata("inventory"),
      spec: [
        {
          max_replicas: 3,
          scale_target_ref: [{ api_version: "apps/v1", kind: "Deployment", name: "inventory" }],
          behavior: [{ scale_up: [{ policy: [{ type: "Pods", value: 1, period_seconds: 60 }], ...rules }] }],
        },
      ],
    });
    const type = "kubernetes_horizontal_pod_autoscaler_v2";
    expect((await cluster.apply(type, scaler({}))).refusal).toContain('selectPolicy: Unsupported value: ""');
    expect((await cluster.apply(type, scaler({ select_policy: "Max" }))).refusal).toBe("");
  });

  it("refuse options for Windows without a name of credentials, which the provider sends empty", async () => {
    const job = (security: object) => ({
      metadata: metadata("count"),
      spec: [
        {
          template: [
            {
              spec: [
                {
                  restart_policy: "Never",
                  container: [{ name: "count", image: "count:1" }],
                  security_context: [security],
                },
              ],
            },
          ],
        },
      ],
    });
    const refusalOf = async (security: object) =>
      (await cluster.apply("kubernetes_job_v1", job(security))).refusal;
    expect(await refusalOf({ windows_options: [{}] })).toContain("windowsOptions.gmsaCredentialSpecName");
    expect(await refusalOf({ run_as_user: "1000" })).toBe("");
  });

  it("are sent without what the provider leaves out", async () => {
    const policy = (expression: object, protocol = "TCP") => ({
      metadata: [{ name: "inventory" }],
      spec: [
        {
          policy_types: ["Ingress"],
          pod_selector: [{ match_expressions: [expression] }],
          ingress: [{ ports: [{ port: "8000", protocol, end_port: 0 }] }],
        },
      ],
    });
    const refusalOf = async (config: object) =>
      (await cluster.apply("kubernetes_network_policy_v1", config)).refusal;
    expect(await refusalOf(policy({ key: "app" }))).toContain("not a valid selector operator");
    expect(await refusalOf(policy({}, "HTTP"))).toContain('Unsupported value: "HTTP"');
    expect(await refusalOf(policy({}))).toBe("");
  });

  it("refuse a pod that its namespace's level doesn't admit, and levels that don't exist", async () => {
    const namespace = (level: string) => ({
      metadata: [{ name: "closed", labels: { "pod-security.kubernetes.io/enforce": level } }],
    });
    const type = "kubernetes_namespace_v1";
    expect((await cluster.apply(type, namespace("strict"))).refusal).toContain(
      "must be one of privileged, baseline, restricted",
    );
    expect((await cluster.apply(type, namespace("baseline"))).refusal).toBe("");
    const pod = (hostNetwork: boolean) => ({
      metadata: [{ name: "shell", namespace: "closed" }],
      spec: [{ host_network: hostNetwork, container: [{ name: "shell", image: "shell:1" }] }],
    });
    expect((await cluster.apply("kubernetes_pod_v1", pod(true))).refusal).toContain(
      'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
    expect((await cluster.apply("kubernetes_pod_v1", pod(false))).refusal).toBe("");
  });

  it("refuse types whose version of the API is gone", async () => {
    const budget = {
      metadata: metadata("inventory"),
      spec: [{ min_available: "1", selector: [{ match_labels: { a: "b" } }] }],
    };
    expect((await cluster.apply("kubernetes_pod_disruption_budget", budget)).refusal).toContain(
      "the server could not find the requested resource",
    );
    expect((await cluster.apply("kubernetes_pod_disruption_budget_v1", budget)).refusal).toBe("");
  });
});

describe("releases of charts", () => {
  const { new: recorded } = readVerdicts<RecordedObjects>("objects");

  /** A chart that prints what it is given. */
  function printingChart(): string {
    const folder = join(root, "printing");
    mkdirSync(join(folder, "templates"), { recursive: true });
    writeFileSync(join(folder, "Chart.yaml"), "apiVersion: v2\nname: printing\nversion: 1.0.0\n");
    writeFileSync(
      join(folder, "templates", "resources.yaml"),
      "{{- range .Values.resources }}\n---\n{{ toYaml . }}\n{{- end }}\n",
    );
    return "printing";
  }

  function release(name: string, ...resources: readonly object[]) {
    return {
      name,
      namespace: "default",
      chart: printingChart(),
      atomic: true,
      values: [stringify({ resources })],
    };
  }

  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "routes.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Route", plural: "routes" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  required: ["request"],
                  properties: {
                    request: { type: "string", pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" },
                    backend: { type: "string", pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" },
                  },
                  "x-kubernetes-validations": [
                    {
                      rule: "!has(self.backend) || duration(self.backend) <= duration(self.request)",
                      message: "backend can't be longer than request",
                    },
                  ],
                },
              },
            },
          },
        },
      ],
    },
  };
  const route = (spec: object) => ({
    apiVersion: "example.com/v1",
    kind: "Route",
    metadata: { name: "a" },
    spec,
  });

  it("are refused over a kind that the cluster doesn't have, and taken once it does", async () => {
    const first = await cluster.apply("helm_release", release("routes", route({ request: "5s" })));
    expect(first.refusal).toContain('no matches for kind "Route" in version "example.com/v1"');
    expect(first.refusal).toContain("ensure CRDs are installed first");
    expect((await cluster.apply("helm_release", release("definitions", definition))).refusal).toBe("");
    expect((await cluster.apply("helm_release", release("routes", route({ request: "5s" })))).refusal).toBe(
      "",
    );
  });

  it("are judged by what the definition says, its own rules included", async () => {
    await cluster.apply("helm_release", release("definitions", definition));
    const refusalOf = async (spec: object) => {
      const { refusal } = await cluster.apply("helm_release", release("routes", route(spec)));
      return refusal;
    };
    expect(await refusalOf({ request: "5" })).toContain("spec.request in body should match");
    expect(await refusalOf({})).toContain("spec.request: Required value");
    expect(await refusalOf({ request: "5s", backend: "1m" })).toContain(
      "backend can't be longer than request",
    );
    expect(await refusalOf({ request: "1m", backend: "5s" })).toBe("");
  });

  it("are judged when they are changed, against what is there", async () => {
    const claim = (size: string, mode: string) => ({
      ...recorded["persistent-volume-claim"],
      metadata: { name: "data" },
      spec: { accessModes: [mode], resources: { requests: { storage: size } } },
    });
    const { state, refusal } = await cluster.apply(
      "helm_release",
      release("store", claim("8Gi", "ReadWriteOnce")),
    );
    expect(refusal).toBe("");
    const larger = await cluster.apply(
      "helm_release",
      release("store", claim("9Gi", "ReadWriteOnce")),
      state,
    );
    expect(larger.refusal).toBe("");
    const smaller = await cluster.apply(
      "helm_release",
      release("store", claim("1Gi", "ReadWriteOnce")),
      larger.state,
    );
    expect(smaller.refusal).toContain("field can not be less than status.capacity");
    const other = await cluster.apply(
      "helm_release",
      release("store", claim("9Gi", "ReadWriteMany")),
      larger.state,
    );
    expect(other.refusal).toContain("spec is immutable after creation");
  });

  it("bring the kinds that a known chart from elsewhere brings, as long as its values say so", async () => {
    const scaled = (threshold: unknown) => ({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "inventory" },
      spec: {
        scaleTargetRef: { name: "inventory" },
        triggers: [{ type: "prometheus", metadata: { threshold } }],
      },
    });
    const keda = (values: object) => ({
      name: "keda",
      namespace: "default",
      repository: "https://kedacore.github.io/charts",
      chart: "keda",
      values: [stringify(values)],
    });
    await cluster.apply("helm_release", keda({ crds: { install: false } }));
    expect((await cluster.apply("helm_release", release("scaled", scaled("50")))).refusal).toContain(
      "no matches for kind",
    );
    cluster = new Cluster();
    await cluster.apply("helm_release", keda({}));
    expect((await cluster.apply("helm_release", release("scaled", scaled(50)))).refusal).toContain(
      'spec.triggers[0].metadata.threshold in body must be of type string: "integer"',
    );
    expect((await cluster.apply("helm_release", release("scaled", scaled("50")))).refusal).toBe("");
  });

  it("aren't refused where an unknown chart may have brought the kind, and the ledger says so", async () => {
    const operator = {
      name: "operator",
      namespace: "default",
      repository: "https://charts.example.com",
      chart: "operator",
    };
    await cluster.apply("helm_release", operator);
    expect((await cluster.apply("helm_release", release("routes", route({ request: 5 })))).refusal).toBe("");
    const reasons = cluster.ledger
      .ofType("helm_release")
      .flatMap(({ attributes }) => textsAt(attributes, "notJudged"));
    expect(reasons).toEqual([
      "the chart operator comes from elsewhere",
      "no schema of Route in example.com/v1",
    ]);
  });

  it("of a chart that needs Helm itself are let pass, and noted", async () => {
    const chart = printingChart();
    const folder = join(root, "elaborate");
    mkdirSync(join(folder, "templates"), { recursive: true });
    writeFileSync(join(folder, "Chart.yaml"), "apiVersion: v2\nname: elaborate\nversion: 1.0.0\n");
    writeFileSync(join(folder, "templates", "all.yaml"), "{{- if .Values.on }}\nkind: Broken\n{{- end }}\n");
    expect((await cluster.apply("helm_release", { ...release("a"), chart: "elaborate" })).refusal).toBe("");
    expect((await cluster.apply("helm_release", { ...release("b"), chart })).refusal).toBe("");
    const reasons = cluster.ledger
      .ofType("helm_release")
      .flatMap(({ attributes }) => textsAt(attributes, "notJudged"));
    expect(reasons).toEqual(["templates of the chart elaborate need Helm: {{ if .Values.on }}"]);
  });
});
