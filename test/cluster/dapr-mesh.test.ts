import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack, Testing } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { DaprMesh, type DaprMeshProps } from "../../src/cluster/dapr-mesh";
import { daprAnnotations, daprSidecar } from "../../src/cluster/facts/dapr-sidecar";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { type AccessControl, DaprAccess, type DaprCertificate, decide } from "../support/dapr-access";
import { findCrdProblems } from "../support/find-crd-problems";
import { dev } from "../support/fleet/stacks/environments/dev";
import { type InjectedContainer, injectDaprSidecar } from "../support/inject-dapr-sidecar";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { readCustomResources, readResourceReleases } from "../support/kubernetes-resources";
import { synthEnvironment } from "../support/synth";

function workloadsOf(calls: Record<string, readonly string[]>): readonly AgentWorkload[] {
  const definitions = Object.entries(calls).map(([name, peers]) => agentDefinition(name, peers));
  const { workloads, problems } = resolveFleet(definitions, kubernetesEnvironment);
  expect(problems).toEqual([]);
  return workloads;
}

function meshOf(workloads: readonly AgentWorkload[], props: Partial<DaprMeshProps> = {}) {
  const stack = new TerraformStack(Testing.app(), "cluster");
  new KubernetesProvider(stack, "kubernetes", {});
  new HelmProvider(stack, "helm", {});
  const mesh = new DaprMesh(stack, "mesh", {
    workloads,
    namespace: "agents",
    trustDomain: "mesh.test.dev",
    ...props,
  });
  return { mesh, json: JSON.parse(Testing.synth(stack, true)) };
}

/** The finished Configurations of a stack. */
function configurationsIn(json: Parameters<typeof readCustomResources>[0]) {
  return readCustomResources(json).filter(({ kind }) => kind === "Configuration");
}

interface Release {
  readonly name: string;
  readonly version?: string;
  readonly values?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly skip_crds?: boolean;
  readonly chart: string;
}

function releaseOf(json: { resource: { helm_release: Record<string, Release> } }, name: string) {
  const [id, release] =
    Object.entries(json.resource.helm_release).find(([, { name: n }]) => n === name) ?? [];
  if (release === undefined) throw new Error(`no release ${name}`);
  return { ...release, address: `helm_release.${id}` };
}

const fleet = { front: ["billing", "stock"], billing: [], stock: ["billing"], lonely: [] } as const;

describe("an agent that runs elsewhere", () => {
  const without = (away: string) => meshOf(workloadsOf(fleet).filter(({ name }) => name !== away)).json;

  it("has no sidecar here, and is in nobody's list of callers", () => {
    const callersOf = (json: Parameters<typeof readCustomResources>[0], callee: string) =>
      configurationsIn(json)
        .find(({ metadata }) => metadata.name === callee)
        ?.spec.accessControl.policies.map(({ appId }: { appId: string }) => appId);
    expect(callersOf(meshOf(workloadsOf(fleet)).json, "billing")).toEqual(["front", "stock"]);
    expect(callersOf(without("front"), "billing")).toEqual(["stock"]);
    expect(callersOf(without("front"), "stock")).toEqual([]);
  });

  it("is no peer whose calls a sidecar here could repeat", () => {
    const peersOf = (json: Parameters<typeof readCustomResources>[0]) =>
      readCustomResources(json)
        .filter(({ kind }) => kind === "Resiliency")
        .map(({ metadata, spec }) => [metadata.name, Object.keys(spec.targets.apps)]);
    expect(peersOf(meshOf(workloadsOf(fleet)).json)).toEqual([
      ["front", ["billing", "stock"]],
      ["stock", ["billing"]],
    ]);
    expect(peersOf(without("billing"))).toEqual([["front", ["stock"]]]);
  });
});

describe("DaprMesh", () => {
  it("gives every agent a Configuration that its CRD accepts, callers that nobody calls included", () => {
    const { json } = meshOf(workloadsOf(fleet));
    const configurations = configurationsIn(json);
    expect(configurations.map(({ metadata }) => metadata.name).sort()).toEqual([
      "billing",
      "front",
      "lonely",
      "stock",
    ]);
    expect(configurations.flatMap(findCrdProblems)).toEqual([]);
    for (const { spec } of configurations) {
      expect(spec.accessControl).toMatchObject({ defaultAction: "deny", trustDomain: "mesh.test.dev" });
      for (const policy of spec.accessControl.policies) {
        expect(policy).toMatchObject({
          defaultAction: "deny",
          namespace: "agents",
          trustDomain: "mesh.test.dev",
        });
      }
    }
  });

  it("installs CRDs first, then the pinned control plane, then the Configurations", () => {
    const { json } = meshOf(workloadsOf({ billing: [] }));
    const crds = releaseOf(json, "dapr-crds");
    const dapr = releaseOf(json, "dapr");
    expect(crds.chart).toMatch(/^assets\/.*crds/);
    expect(dapr).toMatchObject({ version: "1.18.1", skip_crds: true });
    expect(dapr.depends_on).toContain(crds.address);
    expect(readResourceReleases(json).map(({ name, dependsOn }) => ({ name, dependsOn }))).toEqual([
      { name: "billing--dapr", dependsOn: [dapr.address] },
    ]);
  });

  it("sets lifetime and skew of certificates, the injector's failure policy and capabilities on the control plane", () => {
    const values = (highAvailability: boolean) =>
      JSON.parse(
        releaseOf(meshOf(workloadsOf({ billing: [] }), { highAvailability }).json, "dapr").values?.[0] ?? "",
      );
    expect(values(true)).toMatchObject({
      global: {
        ha: { enabled: true },
        mtls: { enabled: true, workloadCertTTL: "24h", allowedClockSkew: "15m" },
      },
      dapr_sidecar_injector: {
        webhookFailurePolicy: "Fail",
        sidecarDropALLCapabilities: true,
        nativeSidecar: true,
      },
    });
    expect(values(false).global.ha.enabled).toBe(false);
  });

  it("has the injector judge the agents' namespace alone, so that nothing else waits for it, itself included", () => {
    const { json } = meshOf(workloadsOf({ billing: [] }), { namespace: "fleet" });
    const values = JSON.parse(releaseOf(json, "dapr").values?.[0] ?? "");
    expect(values.dapr_sidecar_injector.namespaceSelector).toEqual({
      matchLabels: { "kubernetes.io/metadata.name": "fleet" },
    });
  });

  it("switches off what restarts every sidecar of a namespace when any Configuration in it changes", () => {
    for (const { spec } of configurationsIn(meshOf(workloadsOf(fleet)).json)) {
      expect(spec.features).toEqual([{ name: "HotReload", enabled: false }]);
    }
  });

  it("has no sidecar repeat a call to a peer, which without a target of its own it does up to three times", () => {
    const resiliencies = readCustomResources(meshOf(workloadsOf(fleet)).json).filter(
      ({ kind }) => kind === "Resiliency",
    ) as unknown as {
      metadata: { name: string; namespace: string };
      scopes: string[];
      spec: {
        policies: { retries: Record<string, { policy: string; maxRetries: number }> };
        targets: { apps: Record<string, { retry: string }> };
      };
    }[];
    const attempts = Object.fromEntries(
      resiliencies.map(({ scopes, spec }) => [
        scopes.join(),
        Object.fromEntries(
          Object.entries(spec.targets.apps).map(([app, { retry }]) => [
            app,
            1 + (spec.policies.retries[retry]?.maxRetries ?? Number.NaN),
          ]),
        ),
      ]),
    );
    expect(attempts).toEqual({ front: { billing: 1, stock: 1 }, stock: { billing: 1 } });
    expect(resiliencies.flatMap((each) => findCrdProblems(each as never))).toEqual([]);
    expect(new Set(resiliencies.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["agents"]));
  });

  it("leaves a control plane that the cluster has alone, and names its namespace", () => {
    const { mesh, json } = meshOf(workloadsOf({ billing: [] }), {
      controlPlane: { kind: "existing", version: "1.17.6", namespace: "dapr" },
    });
    expect(Object.values<Release>(json.resource.helm_release).map(({ name }) => name)).toEqual([
      "billing--dapr",
    ]);
    expect(json.resource.kubernetes_namespace_v1).toBeUndefined();
    expect(mesh.controlPlane).toEqual({ namespace: "dapr", ports: [50001, 6500] });
  });

  it("lets everybody in where access control is off, with the same trust domain", () => {
    const { json } = meshOf(workloadsOf(fleet), { accessControl: false });
    const access = new DaprAccess(readCustomResources(json));
    expect(
      access.allows({ appId: "lonely", namespace: "agents" }, { appId: "billing", namespace: "agents" }),
    ).toBe(true);
    for (const { spec } of configurationsIn(json)) {
      expect(spec.accessControl).toEqual({
        defaultAction: "allow",
        trustDomain: "mesh.test.dev",
        policies: [],
      });
    }
  });

  it("refuses an unsafe version, an empty namespace or trust domain, and an agent that it does not know", () => {
    const workloads = workloadsOf({ billing: [], other: [] });
    const build = (props: Partial<DaprMeshProps>) => () => meshOf(workloads, props);
    expect(build({ controlPlane: { kind: "release", version: "1.17.4" } })).toThrow("use 1.17.5 or newer");
    expect(build({ controlPlane: { kind: "release", version: "1.17.5" } })).not.toThrow();
    expect(build({ namespace: "" })).toThrow("set 'namespace'");
    expect(build({ trustDomain: "" })).toThrow("set 'trustDomain'");
    const [billing, other] = workloads as [AgentWorkload, AgentWorkload];
    const { mesh } = meshOf([billing]);
    expect(mesh.annotations(billing)["dapr.io/app-id"]).toBe("billing");
    expect(() => mesh.annotations(other)).toThrow("agent 'other' is not in the mesh (billing)");
    expect(() => mesh.readyAfter(other)).toThrow("agent 'other' is not in the mesh (billing)");
  });

  it("adds a line to the Configurations of those whom a new agent calls, and changes no other", () => {
    const before = readResourceReleases(meshOf(workloadsOf(fleet)).json);
    const after = readResourceReleases(meshOf(workloadsOf({ ...fleet, audit: ["stock"] })).json);
    const changed = after.filter(
      (release) =>
        JSON.stringify(release) !== JSON.stringify(before.find(({ name }) => name === release.name)),
    );
    expect(changed.map(({ name }) => name).sort()).toEqual(["audit--dapr", "stock--dapr"]);
  });
});

describe("Dapr on Container Apps", () => {
  it("is an id, a port and a protocol, and peers are called through the sidecar", () => {
    const environment = { ...dev, mesh: { kind: "dapr" as const }, agents: {} };
    const definitions = [agentDefinition("front", ["billing"]), agentDefinition("billing")];
    const stack = synthEnvironment(environment, definitions);
    expect(stack.at("front/resource").arguments.dapr).toEqual({
      app_id: "front",
      app_port: 8000,
      app_protocol: "http",
    });
    const [front] = resolveFleet(definitions, environment).workloads;
    expect(front?.peers[0]?.url).toBe("http://127.0.0.1:3500/v1.0/invoke/billing/method/");
    const without = synthEnvironment({ ...environment, mesh: undefined }, definitions);
    expect(without.at("front/resource").arguments.dapr).toBeUndefined();
  });
});

describe("who gets through", () => {
  /** Fleets of up to six agents in which anyone may call anyone else, mutual calls included. */
  const fleets = fc
    .integer({ min: 2, max: 6 })
    .chain((size) =>
      fc
        .array(fc.array(fc.nat({ max: size - 1 }), { maxLength: size }), { minLength: size, maxLength: size })
        .map((calls) =>
          Object.fromEntries(
            calls.map((peers, index) => [
              `agent-${index}`,
              [...new Set(peers)].filter((peer) => peer !== index).map((peer) => `agent-${peer}`),
            ]),
          ),
        ),
    );

  it("is exactly who the definitions say, for all pairs of generated fleets, and nobody from outside", () => {
    fc.assert(
      fc.property(fleets, (calls) => {
        const access = new DaprAccess(readCustomResources(meshOf(workloadsOf(calls)).json));
        const app = (appId: string, namespace = "agents") => ({ appId, namespace });
        for (const caller of Object.keys(calls)) {
          for (const callee of Object.keys(calls)) {
            const says = calls[caller]?.includes(callee) ?? false;
            expect([caller, callee, access.allows(app(caller), app(callee))]).toEqual([caller, callee, says]);
            // The same name in another namespace, where no Configuration gives it the fleet's trust domain.
            expect(access.allows(app(caller, "elsewhere"), app(callee))).toBe(false);
          }
          expect(access.allows(app("stranger"), app(caller))).toBe(false);
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it("is seen by the evaluator: a caller without a Configuration, or with another trust domain, is kept out", () => {
    const resources = readCustomResources(meshOf(workloadsOf(fleet)).json);
    const front = { appId: "front", namespace: "agents" };
    const billing = { appId: "billing", namespace: "agents" };
    expect(new DaprAccess(resources).allows(front, billing)).toBe(true);
    const without = resources.filter(({ metadata }) => metadata.name !== "front");
    expect(new DaprAccess(without).allows(front, billing)).toBe(false);
    const elsewhere = resources.map((resource) =>
      resource.metadata.name === "front"
        ? { ...resource, spec: { accessControl: { ...resource.spec.accessControl, trustDomain: "other" } } }
        : resource,
    );
    expect(new DaprAccess(elsewhere).allows(front, billing)).toBe(false);
    expect(new DaprAccess(without).allows(billing, front)).toBe(false);
  });

  /** Whether front may ask billing for something. */
  const asked = (workloads: readonly AgentWorkload[]) => {
    const access = new DaprAccess(readCustomResources(meshOf(workloads).json));
    const front = { appId: "front", namespace: "agents" };
    const billing = { appId: "billing", namespace: "agents" };
    return (operation: string, verb: string) => access.allows(front, billing, operation, verb);
  };

  it("is limited to what A2A clients do", () => {
    const ask = asked(workloadsOf(fleet));
    expect(ask("/.well-known/agent-card.json", "GET")).toBe(true);
    expect(ask("/", "POST")).toBe(true);
    expect(ask("/", "GET")).toBe(false);
    expect(ask("/admin", "POST")).toBe(false);
    expect(ask("/message:send", "POST")).toBe(false);
  });

  it("covers the operations of the REST binding for an agent that speaks it, cancelling included", () => {
    const { workloads } = resolveFleet(
      [
        agentDefinition("front", ["billing"]),
        { ...agentDefinition("billing"), protocolBindings: ["HTTP+JSON"] },
      ],
      kubernetesEnvironment,
    );
    const ask = asked(workloads);
    expect(ask("/message:stream", "POST")).toBe(true);
    expect(ask("/tasks", "GET")).toBe(true);
    expect(ask("/tasks/1", "GET")).toBe(true);
    expect(ask("/tasks/1:cancel", "POST")).toBe(true);
    expect(ask("/tasks/1/pushNotificationConfigs/2", "DELETE")).toBe(true);
    expect(ask("/", "POST")).toBe(false);
    expect(ask("/metrics", "GET")).toBe(false);
  });

  it("is what Dapr's own code answers: the evaluator agrees with it on every recorded question", () => {
    const { source, controls, verdicts } = recorded<{
      source: string;
      controls: readonly AccessControl[];
      verdicts: readonly (readonly [number, string, string, string, boolean])[];
    }>("dapr-verdicts");
    expect(source).toBe("github.com/dapr/dapr@v1.18.1");
    expect(verdicts.filter(([, , , , allowed]) => allowed).length).toBeGreaterThan(100);
    expect(verdicts.filter(([, , , , allowed]) => !allowed).length).toBeGreaterThan(100);
    for (const [control, caller, operation, verb, allowed] of verdicts) {
      const [trustDomain = "", namespace = "", appId = ""] = caller.split("/");
      const certificate: DaprCertificate = caller === "" ? null : { trustDomain, namespace, appId };
      const answer = decide(controls[control] as AccessControl, certificate, operation, verb);
      expect([control, caller, operation, verb, answer]).toEqual([control, caller, operation, verb, allowed]);
    }
  });
});

describe("daprAnnotations", () => {
  const [workload] = workloadsOf({ billing: [] }) as [AgentWorkload];

  it("keeps the sidecar's metrics away from the agent's, and gives it requests and limits", () => {
    const annotations = daprAnnotations(workload, daprSidecar({}));
    expect(workload.metricsPort).toBe(9090);
    expect(annotations["dapr.io/metrics-port"]).toBe("9095");
    expect(annotations).toMatchObject({
      "dapr.io/sidecar-cpu-request": "100m",
      "dapr.io/sidecar-cpu-limit": "500m",
      "dapr.io/sidecar-memory-request": "128Mi",
      "dapr.io/sidecar-memory-limit": "256Mi",
    });
  });

  it("lets a sidecar that stops together with the agent wait for it, within the pod's grace", () => {
    const old = daprAnnotations(
      workload,
      daprSidecar({ controlPlane: { kind: "release", version: "1.17.5" } }),
    );
    expect(old["dapr.io/enable-native-sidecar"]).toBeUndefined();
    const waits = Number.parseInt(old["dapr.io/block-shutdown-duration"] ?? "", 10);
    const closes = Number(old["dapr.io/graceful-shutdown-seconds"]);
    expect(waits).toBeGreaterThanOrEqual(workload.taskDeadlineSeconds);
    expect(waits + closes).toBeLessThan(workload.terminationGraceSeconds);
    const native = daprAnnotations(workload, daprSidecar({}));
    expect(native["dapr.io/enable-native-sidecar"]).toBe("true");
    expect(native["dapr.io/block-shutdown-duration"]).toBeUndefined();
    // It ends once the calls through it have: the longest of them may take the task's deadline.
    const ends = Number(native["dapr.io/graceful-shutdown-seconds"]);
    expect(ends).toBeGreaterThanOrEqual(workload.taskDeadlineSeconds);
    expect(ends).toBeLessThan(workload.terminationGraceSeconds);
  });

  it("makes Dapr's own injector add a sidecar that restricted pod security accepts, without a port of the agent's", () => {
    const { pods } = recorded<{ pods: readonly RecordedPod[] }>("dapr-injected-pods");
    expect(pods.map(({ kind }) => kind)).toEqual(["native", "beside"]);
    for (const { kind, pod, injected } of pods) {
      const sidecar = daprSidecar(
        kind === "native" ? {} : { controlPlane: { kind: "release", version: "1.17.5" } },
      );
      const [front] = workloadsOf({ front: [] }) as [AgentWorkload];
      expect(pod.metadata.annotations, "record again: see test/support/dapr-recorder").toEqual(
        daprAnnotations(front, sidecar),
      );
      const place = kind === "native" ? injected.spec.initContainers : injected.spec.containers;
      const daprd = place?.find(({ name }) => name === "daprd");
      expect(daprd?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        runAsNonRoot: true,
      });
      expect(injected.spec.securityContext.seccompProfile).toEqual({ type: "RuntimeDefault" });
      const ports = daprd?.ports.map(({ containerPort }) => containerPort) ?? [];
      expect(ports).toEqual(expect.arrayContaining([3500, 50002, 9095]));
      expect(ports).not.toContain(workload.port);
      expect(ports).not.toContain(workload.metricsPort);
      // What other tests put into pods is what the injector puts there.
      const settings = { sidecarDropALLCapabilities: true, nativeSidecar: kind === "native" };
      const simulated = injectDaprSidecar(pod.metadata.annotations, settings);
      expect(simulated?.asInitContainer).toBe(kind === "native");
      expect(daprd).toMatchObject(simulated?.container ?? {});
      expect(Object.keys(daprd?.securityContext ?? {}).sort()).toEqual(
        Object.keys(simulated?.container.securityContext ?? {}).sort(),
      );
    }
  });
});

interface RecordedPod {
  readonly kind: "native" | "beside";
  readonly pod: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  readonly injected: {
    readonly spec: {
      readonly securityContext: { readonly seccompProfile: object };
      readonly containers: readonly InjectedContainer[];
      readonly initContainers?: readonly InjectedContainer[];
    };
  };
}

/** Answers of Dapr's own code: see test/support/dapr-recorder. */
function recorded<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, `../support/fixtures/${name}.generated.json`), "utf8")) as T;
}
