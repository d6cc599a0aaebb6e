import { beforeAll, describe, expect, test } from "vitest";
import { RegistryStack } from "../../src/azure/registry-stack";
import { runsKubernetes } from "../../src/cluster/facts/runs-kubernetes";
import { environments } from "../../stacks/environments";
import { registry } from "../../stacks/environments/registry";
import { clusterStack, synthCluster } from "../support/kubernetes-fleet";
import { type Deployed, reducePlan, usePlanning } from "../support/plan-stack";
import { environmentStack, testApp } from "../support/synth";

/** What a reviewer of a pull request wants to see of each resource; everything else shows as its action. */
const REVIEWED = {
  kubernetes_deployment_v1: [
    "spec.0.replicas",
    "spec.0.template.0.spec.0.container.0.image",
    "spec.0.template.0.spec.0.termination_grace_period_seconds",
  ],
  kubernetes_namespace_v1: ["metadata.0.name", "metadata.0.labels.pod-security.kubernetes.io/enforce"],
};

const { planStack, deployStack } = usePlanning();
let images: Deployed;

beforeAll(async () => {
  images = await deployStack(new RegistryStack(testApp(), registry));
});

describe.each(
  environments
    .filter(runsKubernetes)
    .map((environment) => [`${environment.name}-cluster`, environment] as const),
)("%s", (_name, environment) => {
  test("is made of these parts", () => {
    expect(synthCluster(environment).tree()).toMatchSnapshot();
  });

  test("plans on its environment as reviewed", async () => {
    const cloud = await deployStack(environmentStack(environment), { cloud: images });
    expect(reducePlan(await planStack(clusterStack(environment), { cloud }), REVIEWED)).toMatchSnapshot();
  });

  test("synthesizes the same JSON twice, and keeps no credential", () => {
    const { json } = synthCluster(environment);
    expect(synthCluster(environment).json).toEqual(json);
    const [kubernetes] = json.provider.kubernetes;
    const connections = [kubernetes, json.provider.helm[0].kubernetes];
    for (const connection of connections) {
      expect(Object.keys(connection).toSorted()).toEqual(["cluster_ca_certificate", "exec", "host"]);
    }
    expect(kubernetes.exec).toMatchObject([
      { command: "kubelogin", args: ["get-token", "--login", "azurecli", "--server-id", expect.any(String)] },
    ]);
  });
});
