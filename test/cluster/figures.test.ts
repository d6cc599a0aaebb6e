import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { fewestPods } from "../../src/cluster/agent/agent-scaler";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { findCrdProblems } from "../support/find-crd-problems";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests } from "../support/kubernetes-manifests";
import { readCustomResources } from "../support/kubernetes-resources";
import { billing, definitions, desk, environment } from "../support/sample-fleet";

/** Every number and switch that an agent's pods, scaler and way in are made with, as the API server gets it. */
function cluster(change: Partial<Environment> = {}, agents: readonly AgentDefinition[] = definitions) {
  const { json } = synthCluster({ ...aksEnvironment, ...change }, agents);
  const manifests = readManifests(json);
  const manifest = (kind: string, name: string): Manifest => {
    const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  };
  const custom = readCustomResources(json);
  const resource = (kind: string, name: string) => {
    const found = custom.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  };
  return { json, manifest, resource, custom };
}

const withAutoscaling = (autoscaling: "keda" | "metrics-adapter" | "resources") => ({
  kubernetes: { ...aksEnvironment.kubernetes, autoscaling },
});

/** Up fast, down slowly. */
const WINDOWS = {
  scaleUp: { window: 30, policies: [{ type: "Pods", value: 4, periodSeconds: 60 }], select: "Max" },
  scaleDown: { window: 300, policies: [{ type: "Pods", value: 2, periodSeconds: 120 }], select: "Max" },
};

interface Direction {
  readonly stabilizationWindowSeconds: number;
  readonly policies: readonly {
    readonly type: string;
    readonly value: number;
    readonly periodSeconds: number;
  }[];
  readonly selectPolicy: string;
}

function windowsOf(behavior: Readonly<Record<"scaleUp" | "scaleDown", Direction>>) {
  const of = ({ stabilizationWindowSeconds, policies, selectPolicy }: Direction) => ({
    window: stabilizationWindowSeconds,
    policies,
    select: selectPolicy,
  });
  return { scaleUp: of(behavior.scaleUp), scaleDown: of(behavior.scaleDown) };
}

describe("scaling", () => {
  test("on resources: CPU by what is reserved, memory by what an agent has at hand, of its own container", () => {
    const { manifest } = cluster(withAutoscaling("resources"), [desk, { ...billing, memoryMiB: 2048 }]);
    const { spec } = manifest("HorizontalPodAutoscaler", "billing");
    expect(spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 5,
      scaleTargetRef: { kind: "Deployment", name: "billing" },
    });
    expect(spec.metrics).toEqual([
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "agent",
          target: { type: "Utilization", averageUtilization: 60 },
        },
      },
      {
        type: "ContainerResource",
        containerResource: {
          name: "memory",
          container: "agent",
          target: { type: "AverageValue", averageValue: "1433Mi" },
        },
      },
    ]);
    expect(windowsOf(spec.behavior)).toEqual(WINDOWS);
    const [agent] = manifest("Deployment", "billing").spec.template.spec.containers;
    expect(agent.resources.limits.memory).toBe("2048Mi");
  });

  test("on tasks by the metrics adapter: as many for each pod as the agent says", () => {
    const busy: AgentDefinition = { ...billing, scaling: { kind: "active-tasks", tasksPerReplica: 7 } };
    const { manifest } = cluster(withAutoscaling("metrics-adapter"), [desk, busy]);
    const { spec } = manifest("HorizontalPodAutoscaler", "billing");
    expect(spec.metrics).toEqual([
      {
        type: "Pods",
        pods: { metric: { name: "a2a_active_tasks" }, target: { type: "AverageValue", averageValue: "7" } },
      },
    ]);
    expect(windowsOf(spec.behavior)).toEqual(WINDOWS);
  });

  test("on tasks by KEDA: the same number, windows and pods", () => {
    const busy: AgentDefinition = { ...billing, scaling: { kind: "active-tasks", tasksPerReplica: 7 } };
    const { spec } = cluster({}, [desk, busy]).resource("ScaledObject", "billing");
    expect(spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 5, pollingInterval: 15 });
    expect(spec.triggers).toEqual([
      expect.objectContaining({
        type: "prometheus",
        metricType: "AverageValue",
        metadata: expect.objectContaining({
          threshold: "7",
          query: 'sum(a2a_active_tasks{namespace="agents",pod=~"billing-[a-z0-9]+-[a-z0-9]+"})',
        }),
      }),
    ]);
    expect(windowsOf(spec.advanced.horizontalPodAutoscalerConfig.behavior)).toEqual(WINDOWS);
  });

  test("on resources by KEDA: the agent's own percentages", () => {
    const busy: AgentDefinition = {
      ...billing,
      memoryMiB: 1000,
      scaling: { kind: "resources", cpuPercent: 50, memoryPercent: 80 },
    };
    const { spec } = cluster({}, [desk, busy]).resource("ScaledObject", "billing");
    expect(spec.triggers).toEqual([
      { type: "cpu", metricType: "Utilization", metadata: { value: "50", containerName: "agent" } },
      { type: "memory", metricType: "AverageValue", metadata: { value: "800Mi", containerName: "agent" } },
    ]);
  });

  test.each([0, 1])("with a minimum of %i keeps one pod, which nothing else would wake", (minReplicas) => {
    const { spec } = cluster({}, [desk, { ...billing, minReplicas }]).resource("ScaledObject", "billing");
    expect(spec.minReplicaCount).toBe(1);
  });
});

describe("scaling on events by KEDA", () => {
  const scaling = (authentication?: Record<string, string>) =>
    ({
      kind: "event",
      scaler: "rabbitmq",
      metadata: { queueName: "orders", value: "9" },
      authentication,
    }) as const;
  const scaled = (change: Partial<AgentDefinition>) =>
    cluster({}, [
      { ...desk, calls: [] },
      { ...billing, ...change },
    ]);

  test("makes pods by what it looks at, from its fewest on", () => {
    const { resource, custom } = scaled({ minReplicas: 2, scaling: scaling() });
    const { spec } = resource("ScaledObject", "billing");
    expect(spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 5, pollingInterval: 15 });
    expect(spec.triggers).toEqual([{ type: "rabbitmq", metadata: { queueName: "orders", value: "9" } }]);
    expect(windowsOf(spec.advanced.horizontalPodAutoscalerConfig.behavior)).toEqual(WINDOWS);
    const authentications = custom.filter(
      ({ kind, metadata }) => kind === "TriggerAuthentication" && metadata.name === "billing",
    );
    expect(authentications).toEqual([]);
  });

  test("logs in by the Secret that its pods bring", () => {
    const { resource } = scaled({ minReplicas: 1, scaling: scaling({ password: "billing-erp-token" }) });
    expect(resource("ScaledObject", "billing").spec.triggers).toEqual([
      {
        type: "rabbitmq",
        metadata: { queueName: "orders", value: "9" },
        authenticationRef: { name: "billing", kind: "TriggerAuthentication" },
      },
    ]);
    expect(resource("TriggerAuthentication", "billing").spec).toEqual({
      secretTargetRef: [{ parameter: "password", name: "billing", key: "billing-erp-token" }],
    });
  });

  test("wakes from none only where the event alone has to find a pod, and no secret hangs on one", () => {
    const [billings] = resolveFleet([billing], aksEnvironment).workloads;
    const fewest = (minReplicas: number, rule: AgentDefinition["scaling"]) =>
      fewestPods({ ...(billings as AgentWorkload), minReplicas, scaling: rule ?? scaling() });
    expect([fewest(0, scaling()), fewest(2, scaling())]).toEqual([0, 2]);
    expect(fewest(0, scaling({ password: "billing-erp-token" }))).toBe(1);
    expect(fewest(0, { kind: "resources", cpuPercent: 50 })).toBe(1);
  });

  test("leaves an agent whose fewest are its most alone", () => {
    const { custom, manifest } = scaled({ minReplicas: 5, scaling: scaling() });
    expect(custom.filter(({ kind }) => kind === "ScaledObject").map(({ metadata }) => metadata.name)).toEqual(
      ["desk-globex"],
    );
    expect(manifest("Deployment", "billing").spec.replicas).toBe(5);
    expect(manifest("Deployment", "desk-globex").spec).not.toHaveProperty("replicas");
  });
});

describe("pods", () => {
  const { manifest } = cluster();
  const podOf = (name: string) => manifest("Deployment", name).spec.template.spec;

  test("get no variables of the namespace's Services, which would be called like the fleet's own", () => {
    for (const name of ["billing", "desk-globex"]) expect(podOf(name).enableServiceLinks).toBe(false);
  });

  test("hold a token for the Kubernetes API only where the agent looks for peers, and may list Services with it", () => {
    expect(podOf("billing").automountServiceAccountToken).toBe(false);
    expect(podOf("desk-globex").automountServiceAccountToken).toBe(true);
    for (const name of ["billing", "desk-globex"]) {
      expect(manifest("ServiceAccount", name).automountServiceAccountToken).toBe(false);
    }
    expect(manifest("Role", "desk-globex--discovery").rules).toEqual([
      { apiGroups: [""], resources: ["services"], verbs: ["list"] },
    ]);
    expect(() => manifest("Role", "billing--discovery")).toThrow("no Role");
  });

  test("come before the old ones go, and one at a time is all that a node's drain takes", () => {
    const { strategy, progressDeadlineSeconds } = manifest("Deployment", "billing").spec;
    expect(strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 },
    });
    const { spec } = manifest("PodDisruptionBudget", "billing");
    expect(spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: { app: "billing" } } });
    expect(spec.minAvailable).toBeUndefined();
    expect(progressDeadlineSeconds).toBeGreaterThan(podOf("billing").terminationGracePeriodSeconds);
  });

  test("wait 5 s before their end, which is within their grace", () => {
    const [agent] = podOf("billing").containers;
    expect(agent.lifecycle.preStop.exec.command).toEqual(["sleep", "5"]);
    const [workload] = resolveFleet([billing], aksEnvironment).workloads;
    expect(podOf("billing").terminationGracePeriodSeconds).toBe(workload?.terminationGraceSeconds);
  });

  test("know who they are in Azure, and who has peers where to look for them", () => {
    const settings = (name: string) =>
      (manifest("ConfigMap", name) as unknown as { data: Record<string, string> }).data;
    for (const name of ["billing", "desk-globex"]) {
      const { annotations } = manifest("ServiceAccount", name).metadata;
      expect(settings(name).AZURE_CLIENT_ID).toMatch(/^\$\{azurerm_user_assigned_identity\..*client_id\}$/);
      expect(annotations?.["azure.workload.identity/client-id"]).toBe(settings(name).AZURE_CLIENT_ID);
    }
    expect(settings("desk-globex")).toMatchObject({
      PEER_DISCOVERY_SELECTOR: "protocol=a2a",
      PEER_DISCOVERY_NAMESPACE: "agents",
      PEER_URL_TEMPLATE: "http://{name}.{namespace}.svc.cluster.local/",
    });
    expect(settings("billing")).not.toHaveProperty("PEER_DISCOVERY_SELECTOR");
  });

  test("are probed where and as often as the fleet says", () => {
    const [workload] = resolveFleet([billing], aksEnvironment).workloads;
    const [agent] = podOf("billing").containers;
    for (const [kind, probe] of Object.entries(workload?.probes ?? {})) {
      const { path, ...seconds } = probe;
      expect(agent[`${kind}Probe`]).toMatchObject({ httpGet: { path }, ...seconds, successThreshold: 1 });
    }
    expect(agent.startupProbe.httpGet.port).toBe("a2a");
  });
});

describe("network policies", () => {
  test("are about their own agent alone", () => {
    const { manifest } = cluster();
    for (const name of ["billing", "desk-globex"]) {
      const { spec } = manifest("NetworkPolicy", name);
      expect(spec.podSelector).toEqual({ matchLabels: { app: name } });
      expect(spec.policyTypes.toSorted()).toEqual(["Egress", "Ingress"]);
    }
    expect(manifest("NetworkPolicy", "default-deny").spec.podSelector).toEqual({});
  });

  test.each([
    ["https://partner.acme.example/agent", 443],
    ["https://partner.acme.example:8443/agent", 8443],
  ])("open the port of an agent outside, %s", (url, port) => {
    const calling = { ...billing, externalAgents: [{ name: "partner", url, scope: null }] };
    const { egress } = cluster({}, [desk, calling]).manifest("NetworkPolicy", "billing").spec;
    const open = egress.flatMap(
      ({ to, ports }: { to: { ipBlock?: { cidr: string } }[]; ports: { port: number }[] }) =>
        to?.[0]?.ipBlock?.cidr === "0.0.0.0/0" ? ports.map((each) => each.port) : [],
    );
    // Keys and tokens are asked for at 443 whoever else is called.
    expect(open.toSorted()).toEqual([...new Set([443, port])]);
  });

  test.each([
    ["https://10.1.2.3:8443/agent", [{ ipBlock: { cidr: "10.1.2.3/32" } }]],
    [
      "https://partner.crm.svc:8443/agent",
      [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "crm" } },
          podSelector: { matchLabels: {} },
        },
      ],
    ],
  ])("open the way to an agent of others that is near, %s, and no public one", (url, to) => {
    const calling = { ...billing, externalAgents: [{ name: "partner", url, scope: null }] };
    const { egress } = cluster({}, [desk, calling]).manifest("NetworkPolicy", "billing").spec;
    const open = egress.filter(({ ports }: { ports: { port: number }[] }) => ports[0]?.port === 8443);
    expect(open).toEqual([{ to, ports: [{ port: 8443, protocol: "TCP" }] }]);
  });
});

describe("the way in", () => {
  test("by nginx holds nothing back, outlasts the deadline and speaks HTTPS alone", () => {
    const kubernetes: Environment["kubernetes"] = {
      autoscaling: "resources",
      edge: {
        kind: "nginx",
        controller: "ingress-nginx",
        certificates: { kind: "issuer", name: "letsencrypt" },
      },
    };
    const agents = [
      { ...desk, taskDeadlineSeconds: 200, gracefulTimeoutSeconds: 205, terminationGraceSeconds: 220 },
      billing,
    ];
    const { manifest } = cluster({ kubernetes }, agents);
    const { annotations } = manifest("Ingress", "desk-globex").metadata;
    const nginx = (name: string) => annotations?.[`nginx.ingress.kubernetes.io/${name}`];
    expect(nginx("proxy-buffering")).toBe("off");
    expect(nginx("proxy-request-buffering")).toBe("off");
    expect(nginx("ssl-redirect")).toBe("true");
    expect(Number(nginx("proxy-read-timeout"))).toBeGreaterThan(200);
    expect(Number(nginx("proxy-send-timeout"))).toBeGreaterThan(200);
    expect(nginx("proxy-http-version")).toBe("1.1");
  });

  test.each([
    [60, "300"],
    [290, "300"],
    [291, "301"],
  ])(
    "by nginx waits for a task of %i s for %s s, which is never less than others ask of it",
    (seconds, wait) => {
      const kubernetes: Environment["kubernetes"] = {
        autoscaling: "resources",
        edge: {
          kind: "nginx",
          controller: "ingress-nginx",
          certificates: { kind: "issuer", name: "letsencrypt" },
        },
      };
      const patient = { ...desk, taskDeadlineSeconds: seconds, heartbeatSeconds: 30, resubscribe: true };
      const { annotations } = cluster({ kubernetes }, [patient, billing]).manifest(
        "Ingress",
        "desk-globex",
      ).metadata;
      for (const side of ["read", "send"]) {
        expect(annotations?.[`nginx.ingress.kubernetes.io/proxy-${side}-timeout`]).toBe(wait);
      }
    },
  );

  test("leads past a load balancer of AKS that keeps silent connections for half an hour", () => {
    const [workload] = resolveFleet(definitions, aksEnvironment).workloads.filter(
      ({ name }) => name === "desk-globex",
    );
    expect(workload?.route.hops.map(({ name, limitSeconds }) => [name, limitSeconds])).toEqual([
      ["azure-load-balancer", 1800],
      ["gateway-api", null],
    ]);
    expect(workload?.route.peerHops).toEqual([]);
    expect(JSON.stringify(cluster().custom)).toContain(
      '"service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout":"30"',
    );
  });

  test("by Gateway API outlasts the deadline, and its proxies go one by one and give every stream its end", () => {
    const { resource } = cluster();
    const [workload] = resolveFleet(definitions, aksEnvironment).workloads.filter(
      ({ name }) => name === "desk-globex",
    );
    const deadline = workload?.taskDeadlineSeconds ?? Number.NaN;
    const [rule] = resource("HTTPRoute", "desk-globex").spec.rules;
    expect(rule.timeouts).toEqual({ request: `${deadline + 10}s`, backendRequest: `${deadline + 10}s` });
    const proxies = resource("EnvoyProxy", "envoy");
    expect(Number.parseInt(proxies.spec.shutdown.drainTimeout, 10)).toBeGreaterThan(deadline);
    expect(proxies.spec.provider.kubernetes.envoyPDB).toEqual({ maxUnavailable: 1 });
    expect(findCrdProblems(proxies)).toEqual([]);
  });

  test("gives the streams of the agent with the longest deadline their end", () => {
    const patient = {
      ...billing,
      taskDeadlineSeconds: 500,
      gracefulTimeoutSeconds: 505,
      terminationGraceSeconds: 520,
    };
    const { resource } = cluster({}, [desk, patient]);
    expect(resource("EnvoyProxy", "envoy").spec.shutdown.drainTimeout).toBe("510s");
  });
});

describe("the controllers' charts", () => {
  test("leave nothing of Envoy Gateway's behind: what hooks make goes with its namespace", () => {
    const { json } = cluster();
    const releases = Object.values(json.resource.helm_release) as { name: string; values: string[] }[];
    const values = JSON.parse(releases.find(({ name }) => name === "envoy-gateway")?.values[0] ?? "{}");
    expect(values.topologyInjector).toEqual({ enabled: false });
  });
});

describe("Prometheus", () => {
  const plain: Environment = {
    ...environment,
    azure: undefined,
    alerts: undefined,
    gateway: undefined,
    platform: "kubernetes",
    kubernetes: {
      cluster: { kind: "existing", context: "plain" },
      autoscaling: "keda",
      prometheusUrl: "http://prometheus.monitoring:9090",
      edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "own" } },
    },
    registry: { kind: "other", server: "ghcr.io/acme", username: "fleet", passwordSecret: "registry-login" },
    vault: { kind: "kubernetes", secrets: ["registry-login", "billing-erp-token"] },
    taskStore: { kind: "cluster-redis" },
  };
  const saying = (prometheusOperator?: boolean): Environment => ({
    ...plain,
    kubernetes: { ...plain.kubernetes, prometheusOperator },
  });
  const monitorsOf = (of: Environment) =>
    readCustomResources(synthCluster(of, definitions).json).filter(({ kind }) => kind === "PodMonitor");

  test("is led to the agents by a PodMonitor only where somebody says that its kind is there", () => {
    expect(monitorsOf(saying(true))).toHaveLength(1);
    expect(monitorsOf(saying(false))).toEqual([]);
    const deployment = readManifests(synthCluster(saying(false), definitions).json).find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === "billing",
    );
    const annotations = deployment?.spec.template.metadata.annotations;
    expect(annotations).toMatchObject({ "prometheus.io/scrape": "true", "prometheus.io/port": "9090" });
  });

  test("has to be spoken of where scalers read it and the cluster is of unknown make", () => {
    const problems = (of: Environment) => resolveFleet(definitions, of).problems.map(({ rule }) => rule);
    expect(problems(saying())).toEqual(["scaler-without-scrape"]);
    expect(problems(saying(true))).toEqual([]);
    expect(problems(saying(false))).toEqual([]);
    const { autoscaling: _, ...byResources } = plain.kubernetes ?? {};
    expect(problems({ ...plain, kubernetes: byResources })).toEqual([]);
    expect(problems(aksEnvironment)).toEqual([]);
  });

  test.each(["10.3.0.1", "172.18.0.2", "192.168.1.10"])(
    "and the API server at %s is within reach of who looks for peers, and of nobody else",
    (address) => {
      const policies = readManifests(synthCluster(saying(false), definitions).json).filter(
        ({ kind }) => kind === "NetworkPolicy",
      );
      const lets = (name: string) =>
        policies
          .filter(({ metadata }) => metadata.name === name)
          .flatMap(({ spec }) => spec.egress)
          .some(
            ({
              to = [],
              ports = [],
            }: {
              to?: { ipBlock?: { cidr: string } }[];
              ports?: { port: number | string }[];
            }) =>
              ports.some(({ port }) => String(port) === "6443") &&
              to.some(({ ipBlock }) => ipBlock !== undefined && within(address, ipBlock.cidr)),
          );
      expect(lets("desk-globex")).toBe(true);
      expect(lets("billing")).toBe(false);
    },
  );
});

function within(address: string, cidr: string): boolean {
  const number = (text: string) => text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const [range = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(range) / size);
}
