import type { ExistingPostgres } from "../environment/existing-postgres";
import type { IAgentDependency } from "../parts/agent-dependency";
import { existingPostgres } from "../parts/existing-postgres";
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
  return existingPostgres(settings, (scope, { name, variable }, identity) => {
    const password = secrets.secret(name);
    return {
      secrets: [googleSecretReference(secrets.project, password, variable)],
      grants: [grantGoogleSecret(scope, secrets.project, password, identity.member)],
      readyAfter: password.readyAfter,
    };
  });
}
