import { secretVariables } from "../agent/agent-variables";
import { type ExistingPostgres, passwordSecretOf } from "../environment/existing-postgres";
import type { IAgentDependency } from "../parts/agent-dependency";
import { bindExistingPostgres } from "../parts/existing-postgres";
import { clusterSecret } from "./cluster-secrets";

/** A Postgres that exists; the password of each agent's role is a Secret that the cluster's owner made. */
export function clusterExistingPostgres(settings: ExistingPostgres): IAgentDependency<unknown> {
  return {
    dependencyName: `task store ${settings.host}`,
    bind: (_scope, workload) => {
      if (workload.taskStore !== "shared") return {};
      const name = passwordSecretOf(settings, workload.name);
      return {
        ...bindExistingPostgres(workload, settings),
        secrets: [clusterSecret(secretVariables.databasePassword, name)],
      };
    },
  };
}
