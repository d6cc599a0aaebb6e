import { describe, expect, test } from "vitest";
import { runsKubernetes } from "../../src/cluster/facts/runs-kubernetes";
import { environments } from "../support/fleet/stacks/environments";
import { synthCluster } from "../support/kubernetes-fleet";

describe.each(
  environments
    .filter(runsKubernetes)
    .map((environment) => [`${environment.name}-cluster`, environment] as const),
)("%s", (_name, environment) => {
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
