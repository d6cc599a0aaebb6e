import type { ExistingPostgres } from "../environment/existing-postgres";
import type { IAgentDependency } from "../parts/agent-dependency";
import { existingPostgres } from "../parts/existing-postgres";
import { clusterSecret } from "./cluster-secrets";

/** A Postgres that exists; the password of each agent's role is a Secret that the cluster's owner made. */
export function clusterExistingPostgres(settings: ExistingPostgres): IAgentDependency<unknown> {
  return existingPostgres(settings, (_scope, { name, variable }) => ({
    secrets: [clusterSecret(variable, name)],
  }));
}
