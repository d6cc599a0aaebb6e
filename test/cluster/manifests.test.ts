import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { findCrdProblems } from "../support/find-crd-problems";
import { agents } from "../support/fleet/agents";
import { production } from "../support/fleet/stacks/environments/production";
import { type InjectorSettings, injectDaprSidecar } from "../support/inject-dapr-sidecar";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import {
  findManifestSchemaProblems,
  type Manifest,
  readManifests,
  withNames,
} from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { readCustomResources } from "../support/kubernetes-resources";
import { definitions } from "../support/sample-fleet";
import type { FinishedStack } from "../support/synth";

const legacyEdge: Environment = {
  ...aksEnvironment,
  kubernetes: {
    autoscaling: "metrics-adapter",
    edge: {
      kind: "nginx",
      controller: "ingress-nginx",
      certificates: { kind: "issuer", name: "letsencrypt" },
    },
  },
};

const resourceMetrics: Environment = {
  ...aksEnvironment,
  mesh: { kind: "dapr" },
  kubernetes: { ...aksEnvironment.kubernetes, autoscaling: "resources" },
};

const clusters: readonly [string, FinishedStack][] = [
  ["production", synthCluster(production)],
  ["a cluster without a mesh", synthCluster(aksEnvironment, definitions)],
  ["a cluster with a legacy edge and the metrics adapter", synthCluster(legacyEdge, definitions)],
  ["a cluster with resource metrics and Dapr", synthCluster(resourceMetrics, definitions)],
];

/** What the injector of the stack's own Dapr was told. */
function injectorSettings({ json }: FinishedStack): InjectorSettings {
  const releases = Object.values(json.resource.helm_release ?? {}) as { chart: string; values: string[] }[];
  const dapr = releases.find(({ chart }) => chart === "dapr");
  return dapr === undefined ? {} : JSON.parse(dapr.values[0] as string).dapr_sidecar_injector;
}

function workloadsOf(stack: FinishedStack): Manifest[] {
  return readManifests(stack.json).filter(({ kind }) =>
    ["Deployment", "StatefulSet", "Job", "CronJob"].includes(kind),
  );
}

describe.each(clusters)("%s", (_name, stack) => {
  test("is valid against the Kubernetes API's own schemas", () => {
    const manifests = readManifests(stack.json);
    expect(manifests.length).toBeGreaterThan(10);
    expect(manifests.flatMap(findManifestSchemaProblems)).toEqual([]);
  });

  test("has custom resources that are valid against their CRDs", () => {
    expect(readCustomResources(withNames(stack.json)).flatMap(findCrdProblems)).toEqual([]);
  });

  test("has pods that restricted pod security admits, with the sidecar that will be injected", () => {
    const settings = injectorSettings(stack);
    const violations = workloadsOf(stack).flatMap((workload) => {
      const sidecar = injectDaprSidecar(workload.spec.template.metadata?.annotations ?? {}, settings);
      return findViolations(workload, sidecar === undefined ? [] : [sidecar.container]);
    });
    expect(violations).toEqual([]);
  });
});

test("production's agents get a sidecar, so that the check above looks at one", () => {
  const [, stack] = clusters[0] as [string, FinishedStack];
  const pods = workloadsOf(stack).filter(({ metadata }) => metadata.labels?.protocol === "a2a");
  const injected = pods.map(({ spec }) =>
    injectDaprSidecar(spec.template.metadata.annotations, injectorSettings(stack)),
  );
  const inCluster = resolveFleet(agents, production).workloads.filter(
    ({ platform }) => platform === "kubernetes",
  );
  expect(injected.length).toBe(inCluster.length);
  expect(injected.length).toBeGreaterThan(5);
  expect(injected.every((sidecar) => sidecar !== undefined)).toBe(true);
});

describe("the readers find what is wrong", () => {
  const [deployment] = workloadsOf((clusters[1] as [string, FinishedStack])[1]) as [Manifest];

  test("a field that the API does not have", () => {
    const wrong = { ...deployment, spec: { ...deployment.spec, replica: 2 } };
    expect(findManifestSchemaProblems(wrong)).toHaveLength(1);
  });

  test("a required field that is missing", () => {
    const { selector: _, ...spec } = deployment.spec;
    expect(findManifestSchemaProblems({ ...deployment, spec }).join()).toContain("selector");
  });

  test("a sidecar that keeps its capabilities", () => {
    const sidecar = injectDaprSidecar({ "dapr.io/enabled": "true" }, {})?.container;
    expect(findViolations(deployment, sidecar === undefined ? [] : [sidecar])).toEqual([
      "daprd: capabilities.drop",
    ]);
  });
});
