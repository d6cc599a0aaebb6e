import { expect, test } from "vitest";
import { callerJob as azureJob } from "../../src/azure/container-apps/caller-job";
import { callerJob as googleJob } from "../../src/google/cloud-run/caller-job";

const program = {
  image: "registry.example/desk:1.0.0",
  command: ["node", "--eval", "verify()"],
  variables: { VERIFY_INSIDE: "{}" },
};
const env = [{ name: "CRM_TOKEN", secretRef: "crm-token" }];
const asked = [...env, { name: "VERIFY_INSIDE", value: "{}" }];

test("a job in the place of an app has what the app has, runs once and is met by nobody", () => {
  const around = { location: "West Europe", tags: { environment: "test" } };
  const place = { environmentId: "/subscriptions/1/cae", workloadProfileName: "Consumption" };
  const configuration = { secrets: [{ name: "crm-token" }], registries: [{ server: "acme.azurecr.io" }] };
  const containers = [{ name: "sidecar" }, { name: "desk", env }];
  const app = {
    ...around,
    identity: {
      type: "UserAssigned",
      userAssignedIdentities: { "/subscriptions/1/id-desk": { principalId: "p" } },
    },
    properties: { ...place, configuration: { ...configuration, dapr: null }, template: { containers } },
  };
  const container = {
    name: "verify",
    image: "registry.example/desk:1.0.0",
    command: ["node"],
    args: ["--eval", "verify()"],
    env: asked,
    resources: { cpu: 0.5, memory: "1Gi" },
  };
  const runsOnce = {
    triggerType: "Manual",
    manualTriggerConfig: { parallelism: 1, replicaCompletionCount: 1 },
    replicaTimeout: 300,
    replicaRetryLimit: 0,
  };
  expect(azureJob("desk", app, program)).toEqual({
    ...around,
    identity: { type: "UserAssigned", userAssignedIdentities: { "/subscriptions/1/id-desk": {} } },
    properties: {
      ...place,
      configuration: { ...runsOnce, ...configuration },
      template: { containers: [container] },
    },
  });

  const bare = { location: "West Europe", properties: { environmentId: "/cae", template: { containers } } };
  expect(azureJob("somebody", bare, program)).toEqual({
    location: "West Europe",
    properties: {
      environmentId: "/cae",
      configuration: { ...runsOnce, secrets: [], registries: [] },
      template: { containers: [{ ...container, env: [{ name: "VERIFY_INSIDE", value: "{}" }] }] },
    },
  });
});

test("a job in the place of a service has what the service has, and of its files the agent's alone", () => {
  const identity = {
    serviceAccount: "desk@acme.iam.gserviceaccount.com",
    vpcAccess: { egress: "PRIVATE_RANGES_ONLY" },
    encryptionKey: "key",
    executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
  };
  const volumeMounts = [{ name: "ca", mountPath: "/etc/a2a" }];
  const agent = { name: "agent", ports: [{ containerPort: 8000 }], env, volumeMounts };
  const service = {
    labels: { environment: "test", "goog-terraform-provisioned": "true" },
    binaryAuthorization: { useDefault: true },
    template: {
      ...identity,
      volumes: [{ name: "ca" }, { name: "collector" }],
      containers: [{ name: "collector" }, agent],
    },
  };
  const container = {
    image: "registry.example/desk:1.0.0",
    command: ["node"],
    args: ["--eval", "verify()"],
    env: asked,
    volumeMounts,
    resources: { limits: { cpu: "1", memory: "512Mi" } },
  };
  const runsOnce = { maxRetries: 0, timeout: "300s" };
  expect(googleJob(service, program)).toEqual({
    labels: { environment: "test" },
    binaryAuthorization: { useDefault: true },
    template: {
      taskCount: 1,
      template: { ...identity, ...runsOnce, volumes: [{ name: "ca" }], containers: [container] },
    },
  });

  expect(googleJob({ template: { containers: [{}] } }, program)).toEqual({
    labels: {},
    template: {
      taskCount: 1,
      template: {
        ...runsOnce,
        volumes: [],
        containers: [{ ...container, env: [{ name: "VERIFY_INSIDE", value: "{}" }], volumeMounts: [] }],
      },
    },
  });
});
