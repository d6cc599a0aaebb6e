import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { Namespace } from "@cdktf/provider-kubernetes/lib/namespace";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { DaprConfiguration } from "../../src/cluster/custom-resources";
import { KubernetesResources } from "../../src/cluster/kubernetes-resources";
import { findCrdProblems } from "../support/find-crd-problems";
import { readCustomResources, readResourceReleases } from "../support/kubernetes-resources";

function configuration(name: string, appId = "caller"): DaprConfiguration {
  return {
    apiVersion: "dapr.io/v1alpha1",
    kind: "Configuration",
    metadata: { name },
    spec: {
      accessControl: {
        defaultAction: "deny",
        trustDomain: "fleet",
        policies: [
          {
            appId,
            defaultAction: "deny",
            trustDomain: "fleet",
            namespace: "agents",
            operations: [{ name: "/**", httpVerb: ["*"], action: "allow" }],
          },
        ],
      },
    },
  };
}

const root = mkdtempSync(join(tmpdir(), "resources-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function finish(build: (scope: Construct) => void) {
  const app = new App({ outdir: mkdtempSync(join(root, "out-")) });
  const stack = new TerraformStack(app, "cluster");
  new KubernetesProvider(stack, "kubernetes", {});
  new HelmProvider(stack, "helm", {});
  build(stack);
  app.synth();
  const folder = join(app.outdir, "stacks", "cluster");
  return { folder, json: JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) };
}

describe("KubernetesResources", () => {
  it("hands the resources to one copied chart, whose path starts at the stack's folder", () => {
    const { folder, json } = finish((scope) => {
      for (const name of ["inventory", "billing"]) {
        new KubernetesResources(scope, name, {
          name: `${name}-dapr`,
          namespace: "agents",
          resources: [configuration(name)],
        });
      }
    });
    const charts = Object.values<{ chart: string }>(json.resource.helm_release).map(({ chart }) => chart);
    expect(new Set(charts).size).toBe(1);
    expect(charts[0]).toMatch(/^assets\/resources-chart\/[0-9A-F]{32}$/);
    expect(existsSync(join(folder, charts[0] as string, "Chart.yaml"))).toBe(true);
    expect(readdirSync(join(folder, charts[0] as string, "templates"))).toEqual(["resources.yaml"]);
    expect(readCustomResources(json).map(({ metadata }) => metadata)).toEqual([
      { name: "billing", namespace: "agents" },
      { name: "inventory", namespace: "agents" },
    ]);
  });

  it("takes template signs literally, and references as references", () => {
    const hostile = '${path.module} %{if true} $${kept} {{ .Values.secret }} "quoted" : # yes';
    const { json } = finish((scope) => {
      const namespace = new Namespace(scope, "namespace", { metadata: { name: "agents" } });
      new KubernetesResources(scope, "resources", {
        name: "hostile",
        namespace: "agents",
        resources: [
          configuration("literal", hostile),
          configuration("reference", `\${x}-${namespace.id}-%{y}`),
        ],
      });
    });
    const [text] = Object.values<{ values: string[] }>(json.resource.helm_release).flatMap(
      ({ values }) => values,
    );
    expect(text).toContain("$${path.module} %%{if true} $$${kept}");
    expect(text).toContain("$${x}-${kubernetes_namespace.namespace.id}-%%{y}");
    const [literal] = readCustomResources(json);
    expect(literal?.spec.accessControl.policies[0].appId).toBe(hostile);
  });

  it("quotes what YAML would take for something else", () => {
    const { json } = finish((scope) => {
      new KubernetesResources(scope, "resources", {
        name: "typed",
        namespace: "agents",
        resources: ["true", "1.10", "null", "0x10", "2026-11-21"].map((appId, index) =>
          configuration(`c${index}`, appId),
        ),
      });
    });
    expect(readCustomResources(json).map(({ spec }) => spec.accessControl.policies[0].appId)).toEqual([
      "true",
      "1.10",
      "null",
      "0x10",
      "2026-11-21",
    ]);
  });

  it("writes out what it is given twice, so that a plan shows each change where it is", () => {
    const labels = { app: "inventory" };
    const { json } = finish((scope) => {
      const resources = ["a", "b"].map((name) => ({ ...configuration(name), metadata: { name, labels } }));
      new KubernetesResources(scope, "resources", { name: "same", namespace: "agents", resources });
    });
    const [release] = Object.values<{ values: string[] }>(json.resource.helm_release);
    expect(release?.values[0]?.match(/app: "inventory"/g)).toHaveLength(2);
  });

  it("quotes keys that Helm's YAML 1.1 would read as booleans", () => {
    const labels = { on: "a", n: "b", app: "c" };
    const { json } = finish((scope) => {
      const resource = { ...configuration("inventory"), metadata: { name: "inventory", labels } };
      new KubernetesResources(scope, "resources", {
        name: "keys",
        namespace: "agents",
        resources: [resource],
      });
    });
    const [release] = Object.values<{ values: string[] }>(json.resource.helm_release);
    expect(parse(release?.values[0] as string, { version: "1.1" }).resources[0].metadata.labels).toEqual(
      labels,
    );
  });

  it("can be waited for, and waits", () => {
    const { json } = finish((scope) => {
      const namespace = new Namespace(scope, "namespace", { metadata: { name: "agents" } });
      const first = new KubernetesResources(scope, "first", {
        name: "first",
        namespace: "agents",
        resources: [configuration("a")],
        dependsOn: [namespace],
      });
      new KubernetesResources(scope, "second", {
        name: "second",
        namespace: "agents",
        resources: [configuration("b")],
        dependsOn: [first],
      });
    });
    const [first, second] = readResourceReleases(json);
    expect(first?.dependsOn).toEqual(["kubernetes_namespace.namespace"]);
    expect(second?.dependsOn).toEqual([first?.address]);
  });

  it.each(["a".repeat(54), "Inventory", "in.ventory", "-inventory", ""])(
    "refuses the release name '%s'",
    (name) => {
      const build = () =>
        new KubernetesResources(new TerraformStack(Testing.app(), "cluster"), "resources", {
          name,
          namespace: "agents",
          resources: [],
        });
      expect(build).toThrow(/needs a name of at most 53 lower case letters/);
    },
  );

  it("refuses a resource that is there twice, and takes its twin of another namespace", () => {
    const build = (other: DaprConfiguration) => () =>
      new KubernetesResources(new TerraformStack(Testing.app(), "cluster"), "resources", {
        name: "twice",
        namespace: "agents",
        resources: [configuration("inventory"), other],
      });
    expect(build(configuration("inventory"))).toThrow(
      "has Configuration 'inventory' in namespace 'agents' twice",
    );
    const elsewhere = { ...configuration("inventory"), metadata: { name: "inventory", namespace: "other" } };
    expect(build(elsewhere)).not.toThrow();
  });
});

describe("a policy of Dapr's access control", () => {
  const build = (change: object) => () => {
    const good = configuration("inventory");
    const [policy] = good.spec.accessControl.policies;
    const accessControl = { ...good.spec.accessControl, policies: [{ ...policy, ...change }] };
    return new KubernetesResources(new TerraformStack(Testing.app(), "cluster"), "resources", {
      name: "policy",
      namespace: "agents",
      resources: [{ ...good, spec: { accessControl } } as DaprConfiguration],
    });
  };

  it.each(["namespace", "trustDomain"])("is refused without %s, which its CRD would take", (missing) => {
    expect(build({})).not.toThrow();
    expect(build({ [missing]: undefined })).toThrow(`without ${missing}, and daprd does not start`);
    expect(build({ [missing]: "" })).toThrow(`set '${missing}'`);
  });
});

describe("findCrdProblems", () => {
  it("accepts a Configuration and refuses what the CRD refuses", () => {
    const good = configuration("inventory");
    expect(findCrdProblems(good)).toEqual([]);
    const mtls = { ...good, spec: { ...good.spec, mtls: { enabled: true, workloadCertTTL: "24h" } } };
    expect(findCrdProblems(mtls)).toContainEqual(expect.stringContaining("controlPlaneTrustDomain"));
    const misspelt = { ...good, spec: { accessControll: {} } };
    expect(findCrdProblems(misspelt)).toEqual([expect.stringContaining("additional properties")]);
    const typed = { ...good, spec: { accessControl: { defaultAction: true } } };
    expect(findCrdProblems(typed)).toEqual([expect.stringContaining("must be string")]);
    const unnamed = { ...good, metadata: { name: "In_ventory" } };
    expect(findCrdProblems(unnamed)).toEqual([expect.stringContaining("must match pattern")]);
    expect(findCrdProblems({ ...good, apiVersion: "dapr.io/v9" })).toEqual([
      expect.stringContaining("no schema of dapr.io/v9"),
    ]);
  });

  it("refuses a number where KEDA takes strings, and a route whose timeout is no duration", () => {
    const scaled = (threshold: unknown) => ({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "inventory" },
      spec: {
        scaleTargetRef: { name: "inventory" },
        triggers: [
          { type: "prometheus", metadata: { serverAddress: "http://prometheus", query: "x", threshold } },
        ],
      },
    });
    expect(findCrdProblems(scaled("5"))).toEqual([]);
    expect(findCrdProblems(scaled(5))).toEqual([
      expect.stringContaining("/metadata/threshold must be string"),
    ]);
    const route = (request: string) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "inventory" },
      spec: { parentRefs: [{ name: "edge" }], rules: [{ timeouts: { request } }] },
    });
    expect(findCrdProblems(route("310s"))).toEqual([]);
    expect(findCrdProblems(route("310"))).toEqual([
      expect.stringContaining("/timeouts/request must match pattern"),
    ]);
  });
});
