import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { ClusterStack } from "../../src/stacks/cluster-stack";
import { agents as fleet } from "./fleet/agents";
import { environment } from "./sample-fleet";
import { FinishedStack, testApp } from "./synth";

/** The sample fleet's environment on AKS, without a mesh; agents that people use are reached through an edge. */
export const aksEnvironment: Environment = {
  ...environment,
  platform: "kubernetes",
  kubernetes: {
    edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "letsencrypt" } },
  },
};

/** The stack of what runs inside the cluster of an environment, built and not yet synthesized. */
export function clusterStack(
  environment: Environment,
  agents: readonly AgentDefinition[] = fleet,
): ClusterStack {
  return new ClusterStack(testApp(), { environment, agents });
}

/** Its finished JSON. Validations always run. */
export function synthCluster(
  environment: Environment,
  agents: readonly AgentDefinition[] = fleet,
): FinishedStack {
  return new FinishedStack(clusterStack(environment, agents));
}
