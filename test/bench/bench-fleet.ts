import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";

/** An agent of average appetite: a skill, a secret, two peers. */
function agent(index: number, count: number): AgentDefinition {
  const peers = [1, 2].map((step) => nameOf((index + step) % count)).filter((name) => name !== nameOf(index));
  return {
    name: nameOf(index),
    description: `Agent number ${index}`,
    version: "1.0.0",
    minReplicas: 1,
    maxReplicas: 5,
    taskDeadlineSeconds: 300,
    heartbeatSeconds: 15,
    resubscribe: true,
    calls: [...new Set(peers)],
    secrets: { API_TOKEN: `${nameOf(index)}-token` },
    skills: [{ id: "work", name: "Work", description: "Does what it is asked", tags: ["work"] }],
  };
}

/** Name of one agent, the same in the fleet and in the raw stack. */
export function nameOf(index: number): string {
  return `agent-${String(index).padStart(4, "0")}`;
}

/** A fleet of so many agents. */
export function benchAgents(count: number): AgentDefinition[] {
  return Array.from({ length: count }, (_, index) => agent(index, count));
}

export const benchEnvironment: Environment = {
  name: "bench",
  stage: "staging",
  prefix: "acme",
  domain: "bench.acme.example",
  tenant: "11111111-1111-4111-8111-111111111111",
  azure: {
    subscriptionId: "22222222-2222-4222-8222-222222222222",
    location: "westeurope",
    deployerObjectIds: ["33333333-3333-4333-8333-333333333333"],
  },
  platform: "container-apps",
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
  state: { kind: "local" },
  vault: { kind: "key-vault" },
  taskStore: { kind: "managed-redis" },
};
