import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";

/** An agent that runs on every platform as it stands. */
export const helper: AgentDefinition = {
  name: "helper",
  description: "Helps",
  version: "1.2.0",
  cpu: 1,
  memoryMiB: 2048,
  skills: [{ id: "help", name: "Help", description: "Helps", tags: ["help"] }],
};

/** A small environment on Google: no front, everything at run.app addresses. */
export const onGoogle: Environment = {
  name: "trial",
  stage: "development",
  prefix: "acme",
  domain: "acme.test",
  tenant: "6f1b2c3d-0000-4000-8000-000000000001",
  google: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
  platform: "cloud-run",
  registry: { kind: "google" },
  state: { kind: "google-storage", bucket: "acme-state" },
  vault: { kind: "secret-manager" },
  taskStore: { kind: "memorystore" },
};

/** The same with a side on Azure: the vault and images are there, and a gateway in front of Google's load balancer. */
export const onBothClouds: Environment = {
  ...onGoogle,
  azure: {
    subscriptionId: "0b1c2d3e-0000-4000-8000-000000000001",
    location: "westeurope",
    deployerObjectIds: ["0b1c2d3e-0000-4000-8000-000000000002"],
  },
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
  google: {
    projectId: "acme-agents",
    projectNumber: "123456789012",
    region: "europe-west4",
    images: { kind: "google", repository: "from-azure" },
  },
  vault: { kind: "key-vault" },
  taskStore: { kind: "managed-redis" },
  gateway: {},
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.test",
    jwksUrl: "https://login.acme.test/keys",
  },
  cloudRun: { front: { kind: "load-balancer" }, taskStore: { kind: "memorystore" } },
};

/** The one agent of that name. @throws when the fleet has problems, or no such agent */
export function workloadOf(
  name: string,
  definitions: readonly AgentDefinition[],
  environment: Environment,
): AgentWorkload {
  const { workloads, problems } = resolveFleet(definitions, environment);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  const found = workloads.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no agent '${name}'`);
  return found;
}

/** Rules that a fleet breaks, by id. */
export function brokenRules(definitions: readonly AgentDefinition[], environment: Environment): string[] {
  return resolveFleet(definitions, environment).problems.map(({ rule }) => rule);
}
