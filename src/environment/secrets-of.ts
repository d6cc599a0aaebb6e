import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "./environment";

/** Name of the model gateway's key where an environment names none. */
export const DEFAULT_MODEL_KEY_SECRET = "litellm-api-key";

/** Names of the secrets that people have to fill in for a fleet in an environment, each once. */
export function secretsOf(workloads: readonly AgentWorkload[], environment: Environment): string[] {
  const { modelGateway, registry } = environment;
  return [
    ...new Set([
      ...workloads.flatMap(({ secrets }) => secrets.map(({ name }) => name)),
      ...(modelGateway === undefined ? [] : [modelGateway.keySecret ?? DEFAULT_MODEL_KEY_SECRET]),
      ...(registry.kind === "other" ? [registry.passwordSecret] : []),
    ]),
  ];
}
