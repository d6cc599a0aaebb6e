import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import type { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { CertManager } from "../../src/cluster/controllers/cert-manager";
import { EnvoyGateway } from "../../src/cluster/controllers/envoy-gateway";
import { Keda } from "../../src/cluster/controllers/keda";
import { MetricsAdapter } from "../../src/cluster/controllers/metrics-adapter";
import { findCrdProblems } from "../support/find-crd-problems";
import { readCustomResources, readResourceReleases } from "../support/kubernetes-resources";
import { synth } from "../support/synth";

function finish(build: (scope: Construct) => void) {
  return synth((scope) => {
    new KubernetesProvider(scope, "kubernetes", {});
    new HelmProvider(scope, "helm", {});
    build(scope);
  });
}

const CHARTS = join(__dirname, "../../src/cluster/charts");

describe("controllers", () => {
  it("are pinned to an exact version, in a namespace of their own, and leave nothing half-installed", () => {
    const stack = finish((scope) => {
      new EnvoyGateway(scope, "gateway", {});
      new CertManager(scope, "cert-manager", {});
      new Keda(scope, "keda", {});
      new MetricsAdapter(scope, "adapter", { prometheusUrl: "http://prometheus.monitoring:9090" });
    });
    const remote = stack.resources("helm_release").filter(({ arguments: { repository } }) => repository);
    expect(remote.map(({ arguments: { name } }) => name).sort()).toEqual([
      "cert-manager",
      "envoy-gateway",
      "keda",
      "prometheus-adapter",
    ]);
    for (const { arguments: release } of remote) {
      expect(release.version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(release.atomic).toBe(true);
      const namespace = stack
        .resources("kubernetes_namespace_v1")
        .find(({ arguments: { metadata } }) => metadata.name === release.namespace);
      expect(release.depends_on).toContain(namespace?.address);
    }
  });

  // Two of each wherever one's loss has to be survived, and never both at once.
  it.each([
    [undefined, 2],
    [true, 2],
    [false, 1],
  ])(
    "have, with high availability %s, %i of each part, and a budget where there are more",
    (highAvailability, count) => {
      const stack = finish((scope) => {
        new EnvoyGateway(scope, "gateway", { highAvailability });
        new CertManager(scope, "cert-manager", { highAvailability });
        new Keda(scope, "keda", { highAvailability });
        new MetricsAdapter(scope, "adapter", { prometheusUrl: "http://prometheus:9090", highAvailability });
      });
      const values = Object.fromEntries(
        stack
          .resources("helm_release")
          .filter(({ arguments: { repository } }) => repository)
          .map(({ arguments: { name, values } }) => [name, JSON.parse(values[0])]),
      );
      const several = count > 1;
      const one = { maxUnavailable: 1 };
      expect(values["cert-manager"]).toMatchObject({
        replicaCount: count,
        webhook: { replicaCount: count },
        cainjector: { replicaCount: count },
        podDisruptionBudget: { enabled: several },
      });
      expect(values.keda).toMatchObject({
        operator: { replicaCount: count },
        metricsServer: { replicaCount: count },
        webhooks: { replicaCount: count },
      });
      expect(values.keda.podDisruptionBudget).toEqual(several ? { operator: one, metricServer: one } : {});
      expect(values["prometheus-adapter"]).toMatchObject({
        replicas: count,
        podDisruptionBudget: { enabled: several, ...one },
      });
      expect(values["envoy-gateway"].deployment.replicas).toBe(count);
      const proxies = readCustomResources(stack.json).find(({ kind }) => kind === "EnvoyProxy");
      expect(proxies?.spec.provider.kubernetes).toMatchObject({
        envoyDeployment: { replicas: count },
        envoyPDB: one,
      });
    },
  );

  it("look past a private zone where cert-manager answers in Azure DNS, and nowhere else", () => {
    const stack = finish((scope) => {
      new CertManager(scope, "in-azure", { azureDns: true });
      new CertManager(scope, "elsewhere", { namespace: "elsewhere" });
    });
    const valuesOf = (path: string) => JSON.parse(stack.at(`${path}/resource`).arguments.values[0]);
    const { dns01RecursiveNameserversOnly, dns01RecursiveNameservers, podLabels, ...others } =
      valuesOf("in-azure");
    expect(others).toEqual(valuesOf("elsewhere"));
    expect({ dns01RecursiveNameserversOnly, dns01RecursiveNameservers, podLabels }).toEqual({
      dns01RecursiveNameserversOnly: true,
      dns01RecursiveNameservers: "1.1.1.1:53,8.8.8.8:53",
      podLabels: { "azure.workload.identity/use": "true" },
    });
  });

  it("come after their CRDs, and before resources of their kinds", () => {
    const stack = finish((scope) => new EnvoyGateway(scope, "gateway", { gatewayClass: "edge" }));
    const address = (path: string) => stack.at(path).address;
    const controller = stack.at("gateway/controller/resource");
    expect(controller.arguments).toMatchObject({
      skip_crds: true,
      depends_on: expect.arrayContaining([
        address("gateway/controller/gateway-api-crds/resource"),
        address("gateway/controller/envoy-gateway-crds/resource"),
      ]),
    });
    expect(JSON.parse(controller.arguments.values[0]).crds).toEqual({ enabled: false });
    const [release] = readResourceReleases(stack.json);
    expect(release?.dependsOn).toEqual([controller.address]);
    const resources = readCustomResources(stack.json);
    expect(resources.flatMap(findCrdProblems)).toEqual([]);
    expect(resources.find(({ kind }) => kind === "GatewayClass")).toMatchObject({
      metadata: { name: "edge" },
      spec: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
    });
  });

  it("refuse a Prometheus without a port", () => {
    const build = (prometheusUrl: string) => () =>
      finish((scope) => new MetricsAdapter(scope, "adapter", { prometheusUrl }));
    expect(build("http://prometheus.monitoring")).toThrow("is no URL with a port");
    expect(build("http://prometheus.monitoring:9090/prefix")).not.toThrow();
  });

  it.each(["dapr-crds", "gateway-api-crds", "envoy-gateway-crds"])(
    "%s makes a release that Helm can store",
    (chart) => {
      const folder = join(CHARTS, chart, "crd-files");
      const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
      for (const file of files) expect(JSON.parse(file).kind).toBe("CustomResourceDefinition");
      // Helm keeps the chart's files (base64) and what they print, zipped and base64 again, in one Secret of 1 MiB.
      const release = JSON.stringify({
        files: files.map((file) => Buffer.from(file).toString("base64")),
        manifest: files.join("\n"),
      });
      expect(gzipSync(release).toString("base64").length).toBeLessThan(1024 * 1024 * 0.8);
    },
  );
});
