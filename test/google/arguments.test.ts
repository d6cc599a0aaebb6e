import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { ArtifactRegistry } from "../../src/google/artifact-registry";
import { CloudSqlTaskStore } from "../../src/google/cloud-sql-task-store";
import { GoogleBootstrapStack } from "../../src/google/google-bootstrap-stack";
import { GoogleNetwork } from "../../src/google/google-network";
import { GoogleProject } from "../../src/google/google-project";
import { GoogleRegistryStack } from "../../src/google/google-registry-stack";
import { MemorystoreTaskStore } from "../../src/google/memorystore-task-store";
import { SecretManagerSecrets } from "../../src/google/secret-manager-secrets";
import { asYaml } from "../support/as-yaml";
import { helper, onGoogle } from "../support/fleet-on-google";
import { argumentsOf, writeArguments, writeChanges } from "../support/list-arguments";
import { FinishedStack, synth, synthEnvironment, testApp } from "../support/synth";

// Every argument that Google gets: whatever changes a number, a switch or a reference shows in a review as the lines that
// it is about. `npx vitest run test/google/arguments.test.ts -u` takes what changed.

const agents: readonly AgentDefinition[] = [
  { ...helper, secrets: { ERP_TOKEN: "helper-erp-token" }, model: "large" },
  { ...helper, name: "front", audience: "customer-facing", calls: ["helper"] },
];
const inKebab = (name: string) => name.toLowerCase().replaceAll(/[ ,]+/g, "-");
const names = ["helper", "front"];

const plain: Environment = {
  ...onGoogle,
  stage: "staging",
  alerts: { email: ["on-call@acme.example"] },
  modelGateway: { url: "https://litellm.acme.example" },
};
const registry = {
  kind: "google-fleet",
  projectId: "acme-images",
  projectNumber: "123456789012",
  region: "europe-west4",
  upstream: { server: "acmeimages.azurecr.io", username: "puller" },
  state: { kind: "google-storage", bucket: "acme-state" },
} as const;

const read = (given: Environment) => argumentsOf([synthEnvironment(given, agents)], names);
const open = read(plain);

test("services that callers reach at their own addresses", async () => {
  await expect(writeArguments(open)).toMatchFileSnapshot("__snapshots__/services.txt");
});

test("people look at these charts", async () => {
  const dashboard = synthEnvironment(plain, agents).at("google/alerts/resource").arguments;
  await expect(asYaml(JSON.parse(dashboard.dashboard_json))).toMatchFileSnapshot(
    "__snapshots__/dashboard.yaml",
  );
});

describe("what changes with", () => {
  test.each<[string, Environment]>([
    [
      "safeguards and named callers",
      {
        ...plain,
        deletionProtection: true,
        highAvailability: true,
        budget: { monthly: 500, billingAccount: "0A0A0A-0B0B0B-0C0C0C" },
        cloudRun: {
          front: { kind: "load-balancer" },
          invokers: {
            kind: "callers",
            members: ["group:operators@acme.test"],
            membersOf: { helper: ["serviceAccount:erp@acme-erp.iam.gserviceaccount.com"] },
          },
        },
      },
    ],
    [
      "a load balancer",
      { ...plain, cloudRun: { front: { kind: "load-balancer", admits: ["198.51.100.0/24"] } } },
    ],
    [
      "domains and Cloud SQL",
      { ...plain, cloudRun: { front: { kind: "domain-mapping" } }, taskStore: { kind: "cloud-sql" } },
    ],
    [
      "Cloud SQL with safeguards",
      { ...plain, deletionProtection: true, highAvailability: true, taskStore: { kind: "cloud-sql" } },
    ],
    [
      "what others have made",
      {
        ...plain,
        google: {
          projectId: "acme-agents",
          projectNumber: "123456789012",
          region: "europe-west4",
          network: { kind: "existing", network: "corporate", subnetwork: "agents" },
        },
        registry,
        telemetry: { existingEndpoint: "https://otel.acme.example" },
        alerts: { notificationChannels: ["projects/acme-agents/notificationChannels/7"] },
      },
    ],
  ])("%s", async (name, given) => {
    const file = `__snapshots__/${inKebab(name)}.txt`;
    await expect(writeChanges(open, read(given))).toMatchFileSnapshot(file);
  });
});

test("what somebody gets of each part that they build with, and say nothing of it that has a default", async () => {
  const stack = synth((scope) => {
    new GoogleProvider(scope, "google", { project: "acme-agents" });
    new RandomProvider(scope, "random");
    const own = { id: "acme-agents", number: "123456789012", region: "europe-west4" };
    const project = new GoogleProject(scope, "project", own);
    const network = new GoogleNetwork(scope, "network", { project, name: "agents" });
    const secretId = (name: string) => `dev-${name}`;
    new SecretManagerSecrets(scope, "secrets", { project, secretId, secrets: ["erp-token"] });
    new ArtifactRegistry(scope, "images", { project, repositoryId: "agents" });
    new CloudSqlTaskStore(scope, "database", { project, network, secretId, name: "tasks" });
    const ids = { urlSecretId: "url", passwordSecretId: "password" };
    new MemorystoreTaskStore(scope, "store", { project, network, ...ids, name: "tasks" });
  });
  await expect(writeArguments(argumentsOf([stack], names))).toMatchFileSnapshot(
    "__snapshots__/by-default.txt",
  );
});

test("what is there before the first environment", async () => {
  const stacks = [
    new GoogleRegistryStack(testApp(), registry),
    new GoogleBootstrapStack(testApp(), {
      environments: [{ ...plain, registry }],
      repository: "acme/fleet",
      deployers: ["group:platform@acme.example"],
    }),
  ];
  const all = argumentsOf(
    stacks.map((stack) => new FinishedStack(stack)),
    names,
  );
  await expect(writeArguments(all)).toMatchFileSnapshot("__snapshots__/before-all.txt");
});
