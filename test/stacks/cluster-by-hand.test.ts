import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import type { Construct } from "constructs";
import { expect, test } from "vitest";
import { AgentService, agentHost, clusterLayout, DaprMesh, refuse, resolveFleet } from "../../src";
import {
  AgentNamespace,
  CertManager,
  ClusterBackups,
  ClusterRedisTaskStore,
  kubernetesPlatform,
  serviceAccountIdentities,
} from "../../src/cluster";
import { agentDefinition, kubernetesEnvironment as environment } from "../support/kubernetes-environment";
import { usePlanning } from "../support/plan-stack";
import { synth } from "../support/synth";

/** A cluster stack of somebody else's, made of the public constructs alone. */
function ownCluster(stack: Construct): void {
  new KubernetesProvider(stack, "kubernetes", { configPath: "~/.kube/config" });
  new HelmProvider(stack, "helm", { kubernetes: { configPath: "~/.kube/config" } });
  new RandomProvider(stack, "random");
  const definitions = [agentDefinition("front", ["billing"]), agentDefinition("billing")];
  const { workloads, problems } = resolveFleet(definitions, environment);
  refuse("own cluster", problems);

  const namespace = new AgentNamespace(stack, "namespace", { name: "agents" });
  const mesh = new DaprMesh(stack, "mesh", {
    workloads,
    namespace: namespace.name,
    trustDomain: "example.com",
    highAvailability: false,
    dependsOn: namespace.readyAfter,
  });
  const certManager = new CertManager(stack, "cert-manager", { gatewayApi: false });
  const taskStore = new ClusterRedisTaskStore(stack, "task-store", {
    namespace: namespace.name,
    agents: workloads,
    deletionProtection: false,
    dependsOn: [...namespace.readyAfter, certManager],
  });
  new ClusterBackups(stack, "backups", {
    namespace: namespace.name,
    name: "task-store",
    source: { kind: "redis", store: taskStore },
    settings: { storage: { kind: "google-storage", bucket: "backups" }, credentialsSecret: "backup-storage" },
    dependsOn: namespace.readyAfter,
  });
  const platform = kubernetesPlatform({
    layout: clusterLayout(environment),
    namespace,
    mesh,
    identities: serviceAccountIdentities(namespace.name),
    pullSecrets: ["registry-password"],
  });
  const host = agentHost({ platform, dependencies: [taskStore] });
  for (const workload of workloads) new AgentService(stack, workload.name, { workload, host });
}

const { deployStack, planStack, destroyStack } = usePlanning();

test("the public constructs make a whole cluster that deploys, settles and goes away", async () => {
  const { json } = synth(ownCluster);
  const deployed = await deployStack(json);
  expect(Object.keys(deployed.ledger.entries).length).toBeGreaterThan(20);
  expect((await planStack(json, { prior: deployed })).isEmpty).toBe(true);
  const left = await destroyStack(json, { prior: deployed });
  expect(Object.keys(left.ledger.entries)).toEqual([]);
});
