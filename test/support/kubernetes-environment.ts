import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";

/** An environment on any Kubernetes with Dapr, without a cloud: what tests of the mesh start from. */
export const kubernetesEnvironment: Environment = {
  name: "mesh",
  stage: "staging",
  prefix: "test",
  domain: "mesh.test.dev",
  tenant: "test-organisation",
  platform: "kubernetes",
  mesh: { kind: "dapr" },
  registry: {
    kind: "other",
    server: "registry.test.dev",
    username: "puller",
    passwordSecret: "registry-password",
  },
  state: { kind: "local" },
  vault: { kind: "kubernetes", secrets: ["registry-password"] },
  taskStore: { kind: "cluster-redis" },
};

/** A definition with nothing but what has to be there. */
export function agentDefinition(name: string, calls: readonly string[] = []): AgentDefinition {
  return {
    name,
    description: `The agent ${name}.`,
    version: "1.0.0",
    calls,
    skills: [{ id: name, name, description: `What ${name} does.`, tags: ["test"] }],
  };
}
