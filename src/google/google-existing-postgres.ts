import { secretVariables } from "../agent/agent-variables";
import { type ExistingPostgres, passwordSecretOf } from "../environment/existing-postgres";
import type { IAgentDependency } from "../parts/agent-dependency";
import { bindExistingPostgres } from "../parts/existing-postgres";
import type { GoogleIdentity } from "./google-identity";
import {
  googleSecretReference,
  grantGoogleSecret,
  type ISecretManagerSecrets,
} from "./secret-manager-secrets";

/** A Postgres that exists; the password of each agent's role is a secret that people fill in. */
export function googleExistingPostgres(
  settings: ExistingPostgres,
  secrets: ISecretManagerSecrets,
): IAgentDependency<GoogleIdentity> {
  return {
    dependencyName: `task store ${settings.host}`,
    bind: (scope, workload, identity) => {
      if (workload.taskStore === "memory") return {};
      const password = secrets.secret(passwordSecretOf(settings, workload.name));
      return {
        ...bindExistingPostgres(workload, settings),
        secrets: [googleSecretReference(secrets.project, password, secretVariables.databasePassword)],
        grants: [grantGoogleSecret(scope, secrets.project, password, identity.member)],
        readyAfter: password.readyAfter,
      };
    },
  };
}
