import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { refuse } from "../../src/problem";

/** A small fleet without problems: tests say only what they change about it. */
export const billing: AgentDefinition = {
  name: "billing",
  description: "Says what is owed",
  version: "1.0.0",
  minReplicas: 1,
  maxReplicas: 5,
  secrets: { ERP_TOKEN: "billing-erp-token" },
  skills: [{ id: "balance", name: "Balance", description: "Says what a customer owes", tags: ["invoice"] }],
};

/** Calls the others for one customer. */
export const desk: AgentDefinition = {
  name: "desk",
  description: "Answers customers",
  version: "2.1.0",
  audience: "customer-facing",
  perCustomer: true,
  calls: ["billing"],
  skills: [{ id: "answer", name: "Answer", description: "Answers a question", tags: ["support"] }],
};

export const definitions: readonly AgentDefinition[] = [desk, billing];

/** An environment without a gateway, on Container Apps. */
export const environment: Environment = {
  name: "test",
  stage: "staging",
  prefix: "acme",
  domain: "test.acme.example",
  tenant: "11111111-1111-4111-8111-111111111111",
  azure: {
    subscriptionId: "22222222-2222-4222-8222-222222222222",
    location: "westeurope",
    deployerObjectIds: ["33333333-3333-4333-8333-333333333333"],
  },
  platform: "container-apps",
  customers: ["globex"],
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
  state: { kind: "local" },
  vault: { kind: "key-vault" },
  taskStore: { kind: "managed-redis" },
  alerts: { email: ["on-call@acme.example"] },
};

/**
 * The workload of one agent.
 *
 * @throws FleetError when the fleet has problems, Error when it has no such agent.
 */
export function workloadOf(
  name: string,
  change: {
    readonly definitions?: readonly AgentDefinition[];
    readonly environment?: Partial<Environment>;
  } = {},
): AgentWorkload {
  const fleet = resolveFleet(change.definitions ?? definitions, { ...environment, ...change.environment });
  refuse("the test's fleet", fleet.problems);
  const workload = fleet.workloads.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`no agent '${name}' in the test's fleet`);
  return workload;
}
