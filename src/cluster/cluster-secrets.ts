import type { IAgentDependency, SecretReference } from "../parts/agent-dependency";
import { listOf } from "../problem";
import { SECRET_KEY } from "./facts/owners-secrets";

/** A Secret of the cluster, as one variable of an agent. */
export function clusterSecret(variable: string, name: string): SecretReference {
  return { variable, name, vault: name, id: SECRET_KEY };
}

/**
 * Secrets that the cluster's owner made in the agents' namespace, one Secret each.
 *
 * @param secrets names of those that are there
 * @throws Error, when it is bound, for an agent that reads another
 */
export function clusterSecrets(secrets: readonly string[]): IAgentDependency<unknown> {
  return {
    dependencyName: "secrets of the cluster",
    bind: (_scope, workload) => {
      const missing = workload.secrets.filter(({ name }) => !secrets.includes(name)).map(({ name }) => name);
      if (missing.length > 0) {
        throw new Error(
          `agent '${workload.name}' reads ${listOf(missing)}, which the cluster does not have (${listOf(secrets)}); ` +
            "make the Secret and add its name, or correct it",
        );
      }
      return { secrets: workload.secrets.map(({ variable, name }) => clusterSecret(variable, name)) };
    },
  };
}
