import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1";
import { Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { findAksProblems } from "../../src/azure/facts/find-aks-problems";
import { findManifestProblems } from "../../src/cluster/agent/find-manifest-problems";
import {
  type FinishedPodSpec,
  findPodSecurityProblems,
} from "../../src/cluster/agent/find-pod-security-problems";
import type { KubernetesSettings } from "../../src/cluster/facts/kubernetes-settings";
import type { NginxEdge } from "../../src/cluster/facts/nginx-edge";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { aksEnvironment, clusterStack, synthCluster } from "../support/kubernetes-fleet";
import { billing, definitions, environment } from "../support/sample-fleet";

const digest = `sha256:${"a".repeat(64)}`;
const today = "2026-11-21";

function withKubernetes(
  kubernetes: Partial<KubernetesSettings>,
  change: Partial<Environment> = {},
): Environment {
  return { ...aksEnvironment, ...change, kubernetes: { ...aksEnvironment.kubernetes, ...kubernetes } };
}

const production: Partial<Environment> = {
  stage: "production",
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
  agents: { desk: { image: digest }, billing: { image: digest } },
};

const nginx: NginxEdge = {
  kind: "nginx",
  controller: "ingress-nginx",
  certificates: { kind: "issuer", name: "letsencrypt" },
};

const existingAks = { kind: "existing-aks", name: "aks-acme", resourceGroup: "rg-acme" } as const;

/** A cluster without a cloud. */
const plainEnvironment: Environment = {
  ...aksEnvironment,
  azure: undefined,
  alerts: undefined,
  kubernetes: { ...aksEnvironment.kubernetes, cluster: { kind: "existing", context: "acme" } },
  registry: { kind: "other", server: "registry.acme.example", username: "fleet", passwordSecret: "pull" },
  vault: { kind: "kubernetes", secrets: ["pull", "billing-erp-token"] },
  taskStore: { kind: "cluster-redis" },
};

const exception = { reason: "the bank's audit ends in January", until: "2099-01-31" };

const existingNetwork: NonNullable<Environment["azure"]> = {
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  location: "westeurope",
  deployerObjectIds: ["33333333-3333-4333-8333-333333333333"],
  network: {
    kind: "existing",
    name: "vnet-hub",
    resourceGroup: "rg-hub",
    clusterSubnet: "nodes",
    privateEndpointsSubnet: "endpoints",
    gatewaySubnet: "gateway",
    cidr: "10.50.0.0/16",
  },
};

const behindGateway: Partial<Environment> = {
  gateway: {},
  identityProvider: { kind: "entra" },
  azure: existingNetwork,
};

/** The same in a network of the fleet's own, where the edge's address is known. */
const createdBehindGateway: Partial<Environment> = {
  ...behindGateway,
  azure: { ...existingNetwork, network: { kind: "created" } },
};

const acme = { kind: "acme", email: "tls@acme.example" } as const;
const dnsZone = { name: "acme.example", resourceGroup: "rg-dns" };
const internalAddress = { subnet: "edge", address: "10.50.9.10", allowedRanges: ["10.50.3.0/24"] };

/** One agent of a size, on nodes of one. */
function sized(size: { readonly cpu?: number; readonly memoryMiB?: number }, vmSize?: string): Environment {
  return withKubernetes({ cluster: { kind: "aks", agentNodes: { vmSize } } }, { agents: { billing: size } });
}

function problemsOf(environment: Environment, agents: readonly AgentDefinition[] = definitions) {
  return resolveFleet(agents, environment).problems;
}

// Names of older sizes don't say what they have, and of somebody else's nodes nothing is known.
test("an agent of any size is let through where nobody knows the nodes", () => {
  expect(problemsOf(sized({ cpu: 64 }, "Standard_DS4_v2"))).toEqual([]);
  const { kubernetes, agents } = sized({ cpu: 64 });
  const theirs = { ...kubernetes, cluster: existingAks, prometheusUrl: "http://prometheus:9090" };
  expect(problemsOf(withKubernetes(theirs, { agents }))).toEqual([]);
});

describe("a fleet is refused for one thing, and its twin is not", () => {
  interface Pair {
    readonly what: string;
    readonly rule: string;
    readonly says: RegExp;
    readonly refused: [Environment, (readonly AgentDefinition[])?];
    readonly passes: [Environment, (readonly AgentDefinition[])?];
  }

  const counted = { ...billing, scaling: { kind: "active-tasks" as const, tasksPerReplica: 5 } };
  const eventful: AgentDefinition = {
    ...billing,
    scaling: { kind: "event", scaler: "redis-streams", metadata: { stream: "bills" } },
  };
  const slow = { ...billing, taskDeadlineSeconds: 400, heartbeatSeconds: 20, resubscribe: true };
  const pairs: Pair[] = [
    {
      what: "an autoscaler on a metric that the agent doesn't export",
      rule: "platform-limit:scaling",
      says: /a2a_active_tasks.*metricsPort is null/,
      refused: [aksEnvironment, [{ ...counted, metricsPort: null }]],
      passes: [aksEnvironment, [counted]],
    },
    {
      what: "an event scaler without KEDA",
      rule: "platform-limit:scaling",
      says: /'redis-streams' is one of KEDA's/,
      refused: [withKubernetes({ autoscaling: "resources" }), [eventful]],
      passes: [withKubernetes({ autoscaling: "keda" }), [eventful]],
    },
    {
      what: "a deadline beyond the grace",
      rule: "deadline-within-grace",
      says: /killed after 120 s/,
      refused: [aksEnvironment, [{ ...slow, terminationGraceSeconds: 120 }]],
      passes: [aksEnvironment, [{ ...slow, terminationGraceSeconds: 410 }]],
    },
    {
      what: "buffering left on at a legacy ingress",
      rule: "nothing-buffers-streams",
      says: /nginx-ingress buffers/,
      refused: [withKubernetes({ edge: { ...nginx, buffering: true } })],
      passes: [withKubernetes({ edge: nginx })],
    },
    {
      what: "a retired ingress controller in production",
      rule: "retired-ingress-controller",
      says: /no fixes since March 2026/,
      refused: [withKubernetes({ edge: nginx }, production)],
      passes: [withKubernetes({ edge: { ...nginx, exception } }, production)],
    },
    {
      what: "an exception for it that has ended",
      rule: "retired-ingress-controller",
      says: /ended on 2026-01-31/,
      refused: [
        withKubernetes({ edge: { ...nginx, exception: { ...exception, until: "2026-01-31" } } }, production),
      ],
      passes: [withKubernetes({ edge: { ...nginx, exception } }, production)],
    },
    {
      what: "a version of Kubernetes without fixes",
      rule: "retired-kubernetes-version",
      says: /1\.32 has had no fixes since 2026-02-28/,
      refused: [withKubernetes({ cluster: { kind: "aks", version: "1.32" } })],
      passes: [withKubernetes({ cluster: { kind: "aks", version: "1.36" } })],
    },
    {
      what: "an agent for people in a cluster without a way in",
      rule: "platform-limit:reach",
      says: /no way in/,
      refused: [withKubernetes({ edge: undefined })],
      passes: [
        withKubernetes({ edge: undefined }),
        definitions.map((each) => ({ ...each, audience: "internal" as const })),
      ],
    },
    {
      what: "an edge behind a gateway in a network that nothing is known of",
      rule: "edge-without-address",
      says: /kubernetes\.edge\.internalAddress/,
      refused: [withKubernetes({}, behindGateway)],
      passes: [
        withKubernetes(
          {
            edge: {
              kind: "gateway-api",
              certificates: { kind: "issuer", name: "internal" },
              internalAddress: { subnet: "edge", address: "10.50.9.10", allowedRanges: ["10.50.3.0/24"] },
            },
          },
          behindGateway,
        ),
      ],
    },
    ...(
      [
        [{ kind: "gateway-api", certificates: acme }, createdBehindGateway],
        [{ kind: "gateway-api", certificates: acme, internalAddress }, behindGateway],
        [{ ...nginx, certificates: acme, internalAddress }, behindGateway],
      ] as const
    ).map(
      ([edge, change]): Pair => ({
        what: `a certificate that its authority cannot ask a closed ${edge.kind} edge for`,
        rule: "certificate-of-closed-edge",
        says: /HTTP-01.*dnsZone/,
        refused: [withKubernetes({ edge }, change)],
        passes: [withKubernetes({ edge: { ...edge, certificates: { ...acme, dnsZone } } }, change)],
      }),
    ),
    ...(
      [
        // AKS keeps 140 millicores of four cores and a quarter of the memory, with 100 MiB at which it ends pods.
        [{ cpu: 3.86 }, { cpu: 3.85, memoryMiB: 12_187 }, undefined],
        [{ memoryMiB: 12_188 }, { memoryMiB: 12_187 }, undefined],
        [{ cpu: 1.9 }, { cpu: 1.89 }, "Standard_D2ds_v5"],
        [{ cpu: 63.26 }, { cpu: 63.25 }, "Standard_D64ds_v5"],
        // Four of its sixteen cores, with the memory of all, of which no more than 5150 MiB are kept.
        [{ cpu: 3.86 }, { cpu: 3.85, memoryMiB: 125_921 }, "Standard_E16-4ds_v5"],
        [{ memoryMiB: 125_922 }, { memoryMiB: 125_921 }, "Standard_E16-4ds_v5"],
        [{ memoryMiB: 12_188 }, { memoryMiB: 12_187 }, "Standard_D8ls_v5"],
        [{ memoryMiB: 12_188 }, { cpu: 7.81, memoryMiB: 12_187 }, "Standard_F8s_v2"],
      ] as const
    ).map(
      ([large, small, vmSize]): Pair => ({
        what: `an agent that is larger than any node (${vmSize ?? "the usual one"})`,
        rule: "platform-limit:CPU and memory",
        says: /more than a node has.*agentNodes\.vmSize/,
        refused: [sized(large, vmSize)],
        passes: [sized(small, vmSize)],
      }),
    ),
    {
      what: "weights of revisions",
      rule: "platform-limit:traffic",
      says: /one revision/,
      refused: [
        {
          ...aksEnvironment,
          agents: {
            billing: {
              traffic: [
                { revision: "v1", percent: 90 },
                { revision: "latest", percent: 10 },
              ],
            },
          },
        },
      ],
      passes: [
        { ...aksEnvironment, agents: { billing: { traffic: [{ revision: "latest", percent: 100 }] } } },
      ],
    },
    {
      what: "a port of the sidecar's",
      rule: "ports-do-not-collide",
      says: /port is 3500, which its Dapr sidecar listens on/,
      refused: [{ ...aksEnvironment, mesh: { kind: "dapr" } }, [{ ...billing, port: 3500 }]],
      passes: [aksEnvironment, [{ ...billing, port: 3500 }]],
    },
    {
      what: "a vault that AKS does not read",
      rule: "cluster-vault",
      says: /agents on AKS read a Key Vault/,
      refused: [{ ...aksEnvironment, vault: { kind: "secret-manager" } }],
      passes: [{ ...aksEnvironment, vault: { kind: "key-vault" } }],
    },
    {
      what: "a cluster without a cloud beside Azure",
      rule: "cluster-beside-azure",
      says: /set kubernetes.cluster to kind 'aks' or 'existing-aks', or remove 'azure'$/,
      refused: [{ ...plainEnvironment, azure: environment.azure }],
      passes: [plainEnvironment],
    },
    {
      what: "KEDA in somebody else's AKS without figures to read",
      rule: "scaler-without-source",
      says: /KEDA has no Prometheus/,
      refused: [withKubernetes({ cluster: existingAks })],
      passes: [withKubernetes({ cluster: existingAks, prometheusUrl: "http://prometheus.monitoring:9090" })],
    },
    {
      what: "a Prometheus whose port the metrics adapter cannot tell",
      rule: "scaler-without-source",
      says: /takes its port apart/,
      refused: [
        withKubernetes({ autoscaling: "metrics-adapter", prometheusUrl: "http://prometheus.monitoring" }),
      ],
      passes: [
        withKubernetes({
          autoscaling: "metrics-adapter",
          prometheusUrl: "http://prometheus.monitoring:9090",
        }),
      ],
    },
    {
      what: "a registry that nodes cannot log in to",
      rule: "cluster-registry",
      says: /pulls by its nodes' identity/,
      refused: [
        {
          ...aksEnvironment,
          registry: { kind: "other", server: "ghcr.io", username: "acme", passwordSecret: "pull" },
        },
      ],
      passes: [
        { ...aksEnvironment, registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" } },
      ],
    },
  ];

  test.each(pairs)("$what", ({ rule, says, refused, passes }) => {
    const found = problemsOf(...refused);
    expect(found.map((problem) => problem.rule)).toEqual([rule]);
    expect(found[0]?.message).toMatch(says);
    expect(problemsOf(...passes)).toEqual([]);
  });
});

test("versions and exceptions end on a day, not when somebody looks", () => {
  const ended = (day: string) =>
    findAksProblems(
      withKubernetes({ cluster: { kind: "aks", version: "1.34" } }),
      "environment 'test'",
      day,
    ).map(({ rule }) => rule);
  expect(ended("2026-10-27")).toEqual([]);
  expect(ended("2026-10-28")).toEqual(["retired-kubernetes-version"]);
  expect(ended(today)).toEqual(["retired-kubernetes-version"]);
});

describe("a pod that is not restricted is refused, and by its own name for it", () => {
  const container = {
    name: "agent",
    security_context: {
      allow_privilege_escalation: false,
      capabilities: { drop: ["ALL"] },
      run_as_non_root: true,
      run_as_user: "1000",
      seccomp_profile: { type: "RuntimeDefault" },
    },
  };
  const having = (context: object, others: object = {}): FinishedPodSpec => ({
    container: [{ ...container, security_context: { ...container.security_context, ...context }, ...others }],
  });

  test.each<[string, FinishedPodSpec]>([
    ["it shares a namespace of its node", { container: [container], host_network: true }],
    ["it shares a namespace of its node", { container: [container], host_pid: true }],
    ["it shares a namespace of its node", { container: [container], host_ipc: true }],
    ["volume 'disk' is a host_path", { container: [container], volume: [{ name: "disk", host_path: {} }] }],
    ["container 'agent' is privileged", having({ privileged: true })],
    ["container 'agent' may escalate its privileges", having({ allow_privilege_escalation: undefined })],
    ["container 'agent' keeps capabilities (drop ALL)", having({ capabilities: { drop: ["KILL"] } })],
    [
      "container 'agent' adds the capability NET_RAW, KILL",
      having({ capabilities: { drop: ["ALL"], add: ["NET_RAW", "NET_BIND_SERVICE", "KILL"] } }),
    ],
    ["container 'agent' may run as root (runAsNonRoot)", having({ run_as_non_root: undefined })],
    ["container 'agent' runs as user 0", having({ run_as_user: "0" })],
    ["container 'agent' has no seccomp profile", having({ seccomp_profile: undefined })],
    ["container 'agent' has no seccomp profile", having({ seccomp_profile: { type: "Unconfined" } })],
    [
      "container 'agent' takes a port of its node",
      having({}, { port: [{ container_port: 80, host_port: 80 }] }),
    ],
    [
      "container 'setup' is privileged",
      {
        container: [container],
        init_container: [
          { name: "setup", security_context: { ...container.security_context, privileged: true } },
        ],
      },
    ],
  ])("%s", (what, pod) => {
    expect(findPodSecurityProblems(pod)).toEqual([
      `${what}, which restricted pod security does not admit: none of its pods would start`,
    ]);
  });

  test.each<[string, FinishedPodSpec]>([
    ["its own settings", having({})],
    [
      "what it has from its pod",
      {
        ...having({ run_as_non_root: undefined, run_as_user: undefined, seccomp_profile: undefined }),
        security_context: { run_as_non_root: true, seccomp_profile: { type: "Localhost" } },
      },
    ],
    ["a low port", having({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })],
    ["a port that is not its node's", having({}, { port: [{ container_port: 8000 }] })],
    [
      "volumes that any pod may have",
      {
        container: [container],
        volume: [
          "config_map",
          "csi",
          "downward_api",
          "empty_dir",
          "ephemeral",
          "persistent_volume_claim",
          "projected",
          "secret",
        ].map((kind) => ({ name: kind, [kind]: {} })),
      },
    ],
  ])("one with %s is not", (_what, pod) => {
    expect(findPodSecurityProblems(pod)).toEqual([]);
  });
});

describe("finished manifests are refused for one thing, and the stack they come from is not", () => {
  const adapter = withKubernetes({ autoscaling: "metrics-adapter" });
  const resourceMetrics = withKubernetes({ autoscaling: "resources" }, { mesh: { kind: "dapr" } });

  // biome-ignore lint/suspicious/noExplicitAny: finished JSON, damaged on purpose
  type Json = any;
  const first = (json: Json, type: string): Json =>
    Object.values(json.resource[type]).find((each: Json) => each.metadata.name === "billing");

  interface Damage {
    readonly what: string;
    readonly from: Environment;
    readonly says: RegExp;
    readonly damage: (json: Json) => void;
  }

  const damages: Damage[] = [
    {
      what: "behaviours without a select policy",
      from: adapter,
      says: /HorizontalPodAutoscaler 'billing' has a behaviour without selectPolicy/,
      damage: (json) => {
        delete first(json, "kubernetes_horizontal_pod_autoscaler_v2").spec.behavior.scale_up[0].select_policy;
      },
    },
    {
      what: "fixed replicas beside an autoscaler",
      from: adapter,
      says: /scales Deployment 'billing', which says replicas itself \(3\)/,
      damage: (json) => {
        first(json, "kubernetes_deployment_v1").spec.replicas = "3";
      },
    },
    {
      what: "fixed replicas beside KEDA",
      from: aksEnvironment,
      says: /ScaledObject 'billing' scales Deployment 'billing', which says replicas itself \(3\)/,
      damage: (json) => {
        first(json, "kubernetes_deployment_v1").spec.replicas = "3";
      },
    },
    {
      what: "an autoscaler on a metric that no port exports",
      from: adapter,
      says: /scales 'billing' on a2a_active_tasks, and no container of 'billing' has a port named 'metrics'/,
      damage: (json) => {
        const [container] = first(json, "kubernetes_deployment_v1").spec.template.spec.container;
        container.port = container.port.filter(({ name }: Json) => name !== "metrics");
      },
    },
    {
      what: "CPU scaling with a sidecar that has no requests",
      from: resourceMetrics,
      says: /on cpu, and the Dapr sidecar in its pods requests none/,
      damage: (json) => {
        delete first(json, "kubernetes_deployment_v1").spec.template.metadata.annotations[
          "dapr.io/sidecar-cpu-request"
        ];
        first(json, "kubernetes_horizontal_pod_autoscaler_v2").spec.metric = [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } },
        ];
      },
    },
    {
      what: "the sidecar's metrics on the agent's port",
      from: resourceMetrics,
      says: /container 'agent' and the Dapr sidecar both listen on 9090/,
      damage: (json) => {
        delete first(json, "kubernetes_deployment_v1").spec.template.metadata.annotations[
          "dapr.io/metrics-port"
        ];
      },
    },
    {
      what: "two containers on one port",
      from: aksEnvironment,
      says: /Deployment 'billing': containers 'agent' and 'proxy' both listen on 9090/,
      damage: (json) => {
        const { container } = first(json, "kubernetes_deployment_v1").spec.template.spec;
        container.push({ ...container[0], name: "proxy", port: [{ container_port: 9090 }] });
      },
    },
    {
      what: "a container that may run as root",
      from: aksEnvironment,
      says: /container 'agent' keeps capabilities \(drop ALL\)/,
      damage: (json) => {
        const [container] = first(json, "kubernetes_deployment_v1").spec.template.spec.container;
        delete container.security_context.capabilities;
      },
    },
    {
      what: "a rollout that gives up before an old pod is gone",
      from: aksEnvironment,
      says: /its rollout fails after 200 s/,
      damage: (json) => {
        first(json, "kubernetes_deployment_v1").spec.progress_deadline_seconds = 200;
      },
    },
    {
      what: "a wait that is over in the second in which the rollout's own is",
      from: aksEnvironment,
      says: /Terraform gives up after (\d+) s \(timeouts\), before the rollout's own \1 s are over/,
      damage: (json) => {
        const { spec, timeouts } = first(json, "kubernetes_deployment_v1");
        timeouts.update = `${spec.progress_deadline_seconds}s`;
      },
    },
    {
      what: "a wait that is shorter than the rollout's own",
      from: aksEnvironment,
      says: /Terraform gives up after 300 s/,
      damage: (json) => {
        first(json, "kubernetes_deployment_v1").timeouts.update = "5m";
      },
    },
  ];

  test.each(damages)("$what", ({ from, says, damage }) => {
    const { json } = synthCluster(from, definitions);
    expect(findManifestProblems(json)).toEqual([]);
    const damaged = structuredClone(json);
    damage(damaged);
    const found = findManifestProblems(damaged);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
  });
});

describe("a Deployment that somebody wrote otherwise", () => {
  const security_context = {
    allow_privilege_escalation: false,
    capabilities: { drop: ["ALL"] },
    run_as_non_root: true,
    seccomp_profile: { type: "RuntimeDefault" },
  };
  const waits = { create: "1h", update: "20m" };
  const saysOf = (
    { container = {}, annotations = {}, timeouts = waits, pod = {}, ...spec }: Record<string, object>,
    others: object = {},
  ) =>
    findManifestProblems({
      resource: {
        kubernetes_deployment_v1: {
          own: {
            metadata: { name: "own" },
            spec: {
              ...spec,
              template: {
                metadata: { annotations },
                spec: { container: [{ name: "agent", security_context, ...container }], ...pod },
              },
            },
            timeouts,
          },
        },
        ...others,
      },
    });
  const scaler = (metric: object) => ({
    kubernetes_horizontal_pod_autoscaler_v2: {
      own: { metadata: { name: "own" }, spec: { scale_target_ref: { name: "own" }, metric: [metric] } },
    },
  });

  test.each([
    [3500, true],
    [3501, true],
    [50_001, true],
    [50_002, true],
    [9090, true],
    [3502, false],
    [8000, false],
  ])("that listens on %i is refused beside Dapr's sidecar: %s", (container_port, isRefused) => {
    const container = { port: [{ container_port }] };
    expect(saysOf({ container, annotations: { "dapr.io/enabled": "true" } })).toEqual(
      isRefused
        ? [
            `Deployment 'own': container 'agent' and the Dapr sidecar both listen on ${container_port}; give one of them another port`,
          ]
        : [],
    );
    expect(saysOf({ container, annotations: { "dapr.io/enabled": "false" } })).toEqual([]);
  });

  // Kubernetes gives a rollout 600 s, a pod 30 s to end, and a startup probe three times 10 s.
  const grace = (seconds: number) => ({ pod: { termination_grace_period_seconds: seconds } });
  const start = (startup_probe: object) => ({ container: { startup_probe } });
  test.each<[string, boolean, Record<string, object>]>([
    ["nothing said", false, {}],
    ["a grace of 599 s", false, grace(599)],
    ["a grace of 600 s", true, grace(600)],
    ["a grace of 569 s and a startup probe", false, { ...grace(569), ...start({}) }],
    ["a grace of 570 s and a startup probe", true, { ...grace(570), ...start({}) }],
    ["a start of 569 s", false, start({ period_seconds: 1, failure_threshold: 569 })],
    ["a start of 570 s", true, start({ period_seconds: 1, failure_threshold: 570 })],
    ["a start of 30 s after 539 s", false, start({ initial_delay_seconds: 539 })],
    ["a start of 30 s after 540 s", true, start({ initial_delay_seconds: 540 })],
  ])("with %s is refused for a rollout that ends before its pods are there: %s", (_, isRefused, change) => {
    const progress = /its rollout fails after 600 s .* start and grace together take up to 600 s/;
    expect(saysOf(change)).toEqual(isRefused ? [expect.stringMatching(progress)] : []);
  });

  test.each([
    [{}, 600],
    [{ create: "601s", update: "11m" }, null],
    [{ create: "1h30m", update: "10m0.5s" }, null],
    [{ create: "9m59s", update: "1h0m0s" }, 599],
    [{ create: "10m1s", update: "600001ms" }, null],
    [{ create: "600s", update: "1h" }, 600],
    [{ create: "1h", update: "10m" }, 600],
    [{ create: "1h" }, 600],
    [{ update: "1h" }, 600],
  ])("with the timeouts %o has Terraform give up after %s s", (timeouts, seconds) => {
    const says = expect.stringContaining(`Terraform gives up after ${seconds} s (timeouts)`);
    expect(saysOf({ timeouts })).toEqual(seconds === null ? [] : [says]);
  });

  test("and that is scaled by a share of what it doesn't request is refused", () => {
    const metric = { type: "Resource", resource: { name: "memory" } };
    const asks = (requests: object) => saysOf({ container: { resources: { requests } } }, scaler(metric));
    expect(asks({ cpu: "1", memory: "1Gi" })).toEqual([]);
    expect(asks({ cpu: "1" })).toEqual([
      expect.stringContaining("scales 'own' on memory, and container 'agent' in its pods requests none"),
    ]);
    expect(saysOf({}, scaler({ ...metric, type: "ContainerResource" }))).toEqual([]);
  });

  test.each(["scale_up", "scale_down"])("and whose scaler's %s says no select policy is refused", (side) => {
    const says = (select_policy?: string) =>
      findManifestProblems({
        resource: {
          kubernetes_horizontal_pod_autoscaler_v2: {
            own: {
              metadata: { name: "own" },
              spec: { scale_target_ref: { name: "own" }, behavior: { [side]: [{ select_policy }] } },
            },
          },
        },
      });
    expect(says("Max")).toEqual([]);
    for (const none of ["", undefined]) expect(says(none)).toHaveLength(1);
  });

  test("and that two scale is refused, by whichever release the second comes", () => {
    const release = (kind: string, chart: string) => ({
      helm_release: {
        one: {
          chart,
          values: [
            JSON.stringify({
              resources: [{ kind, metadata: { name: "own" }, spec: { scaleTargetRef: { name: "own" } } }],
            }),
          ],
        },
      },
    });
    const both = (kind: string, chart = "assets/resources-chart/0") =>
      saysOf({}, { ...scaler({ type: "ContainerResource" }), ...release(kind, chart) });
    expect(both("ScaledObject")).toEqual([
      "HorizontalPodAutoscaler 'own' and a ScaledObject both scale 'own'; keep one of them",
    ]);
    expect(both("HTTPRoute")).toEqual([]);
    expect(both("ScaledObject", "keda")).toEqual([]);
  });
});

describe("what somebody adds to a cluster's stack is looked at before it is deployed", () => {
  const claim = (waitUntilBound: boolean) => {
    const stack = clusterStack(aksEnvironment, definitions);
    new PersistentVolumeClaimV1(stack, "claim", {
      metadata: { name: "data", namespace: "agents" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "8Gi" } } },
      waitUntilBound,
    });
    return stack;
  };

  test("a volume claim that waits", () => {
    expect(() => Testing.synth(claim(true), true)).toThrow(/PersistentVolumeClaim 'data' is waited for/);
    expect(() => Testing.synth(claim(false), true)).not.toThrow();
  });

  const scaler = (selectPolicy: string | undefined) => {
    const stack = clusterStack(aksEnvironment, definitions);
    const metadata = { name: "beside", namespace: "agents" };
    const security = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] } };
    new DeploymentV1(stack, "beside", {
      metadata,
      spec: {
        selector: { matchLabels: { app: "beside" } },
        template: {
          metadata: { labels: { app: "beside" } },
          spec: {
            container: [
              {
                name: "beside",
                image: "registry.example/beside:1",
                securityContext: { ...security, seccompProfile: { type: "RuntimeDefault" } },
              },
            ],
          },
        },
      },
      timeouts: { create: "15m", update: "15m" },
    });
    const policy = [{ type: "Pods", value: 1, periodSeconds: 60 }];
    new HorizontalPodAutoscalerV2(stack, "beside-scaler", {
      metadata,
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: "Deployment", name: "beside" },
        behavior: { scaleUp: [{ policy, ...(selectPolicy === undefined ? {} : { selectPolicy }) }] },
      },
    });
    return stack;
  };

  test("an autoscaler's behaviour without a select policy", () => {
    expect(() => Testing.synth(scaler(undefined), true)).toThrow(
      /'beside' has a behaviour without selectPolicy/,
    );
    expect(() => Testing.synth(scaler("Max"), true)).not.toThrow();
  });
});
