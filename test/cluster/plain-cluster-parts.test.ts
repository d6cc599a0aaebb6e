import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { synthCluster } from "../support/kubernetes-fleet";
import { readManifests, withNames } from "../support/kubernetes-manifests";
import { canReach, type PolicyPod, podsOf } from "../support/network-policy-evaluator";

const definitions = [{ ...agentDefinition("billing"), model: "gpt-4" }];
const parts = {
  taskStore: { kind: "existing", host: "10.9.8.7", port: 6380, urlSecret: "tasks-url" },
  modelGateway: { url: "http://litellm.models.svc.cluster.local:4000" },
  telemetry: { existingEndpoint: "http://collector.watch.svc:4318", sampleRatio: 0.5 },
} satisfies Partial<Environment>;

function built(change: Partial<Environment>) {
  const environment = { ...kubernetesEnvironment, ...change };
  const { vault } = environment;
  const secrets = vault.kind === "kubernetes" ? [...vault.secrets, "tasks-url", "litellm-api-key"] : [];
  const json = withNames(
    synthCluster({ ...environment, vault: { kind: "kubernetes", secrets } }, definitions).json,
  );
  const manifests = readManifests(json);
  const named = (kind: string) =>
    manifests.find((each) => each.kind === kind && each.metadata.name === "billing");
  return {
    variables: (named("ConfigMap") as unknown as { data: Record<string, string> }).data,
    env: named("Deployment")?.spec.template.spec.containers[0].env as {
      name: string;
      valueFrom: { secretKeyRef: { name: string; key: string } };
    }[],
    policies: manifests.filter(({ kind }) => kind === "NetworkPolicy"),
    pod: podsOf(manifests).find(({ name }) => name === "billing") as PolicyPod,
  };
}

const podIn = (namespace: string): PolicyPod => ({ name: "some", namespace, labels: {}, ports: {} });

test("a cluster without a cloud gives its agents every part that exists, by reference, and the way to it", () => {
  const { variables, env, policies, pod } = built(parts);
  expect(variables).toMatchObject({
    TASK_STORE: "redis",
    REDIS_HOST: "10.9.8.7",
    REDIS_KEY_PREFIX: expect.stringContaining("billing}:"),
    LITELLM_URL: "http://litellm.models.svc.cluster.local:4000",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.watch.svc:4318",
    OTEL_TRACES_SAMPLER_ARG: "0.5",
    OTEL_METRICS_EXPORTER: "otlp",
  });
  expect(
    Object.fromEntries(env.map(({ name, valueFrom }) => [name, valueFrom.secretKeyRef.name])),
  ).toMatchObject({ REDIS_URL: "tasks-url", LITELLM_API_KEY: "litellm-api-key" });
  expect(canReach(policies, pod, { address: "10.9.8.7" }, 6380)).toBe(true);
  expect(canReach(policies, pod, podIn("models"), 4000)).toBe(true);
  expect(canReach(policies, pod, podIn("watch"), 4318)).toBe(true);
  expect(canReach(policies, pod, podIn("elsewhere"), 4000)).toBe(false);
});

test("and none of it where the environment has none", () => {
  const { modelGateway: _, telemetry: __, ...others } = parts;
  const { policies, pod, variables } = built({ ...others, modelGateway: parts.modelGateway });
  expect(variables).not.toHaveProperty("TRACE_ENABLED");
  expect(canReach(policies, pod, podIn("watch"), 4318)).toBe(false);
});
