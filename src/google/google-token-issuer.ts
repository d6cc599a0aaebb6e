import { issuerVariables, secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { clientSecretName } from "../environment/own-secrets";
import { tokenChecks, tokenIssuerOf } from "../identity/identity-provider";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { IOutsideIssuer } from "../parts/federation";
import type { GoogleIdentity } from "./google-identity";
import {
  googleSecretReference,
  grantGoogleSecret,
  type ISecretManagerSecrets,
} from "./secret-manager-secrets";

/** Who signs the identity tokens of service accounts. @see https://cloud.google.com/docs/authentication/token-types#id */
const GOOGLE_ISSUER = "https://accounts.google.com";

/** Whether an agent asks the issuer for tokens with a client secret: it calls others, and the issuer is Keycloak. */
export function hasClientSecret({ tokenIssuer, peers }: AgentWorkload): boolean {
  return tokenIssuer !== null && tokenIssuer.keycloak !== null && peers.length > 0;
}

export interface GoogleTokenIssuerProps {
  readonly secrets: ISecretManagerSecrets;
  /** What the gateway checks tokens with: an agent's audience and role are the same there and here. */
  readonly provider: IOutsideIssuer;
}

/**
 * The issuer of an environment's tokens, for agents on Google: the same as everywhere else, at its public address,
 * because the inside of the other cloud can't be reached from here. Keycloak gives an agent that calls others a client
 * with a secret; Entra takes its service account as a client.
 */
export function googleTokenIssuer({
  secrets,
  provider,
}: GoogleTokenIssuerProps): IAgentDependency<GoogleIdentity> {
  const { project } = secrets;
  const checks = tokenChecks(provider);
  return {
    dependencyName: checks.dependencyName,
    bind: (scope, workload, identity) => {
      const checked = checks.bind(scope, workload, identity);
      const { audience, role } = provider.tokenCheck(workload);
      if (workload.peers.length > 0 && provider.federate !== undefined) {
        const federated = provider.federate(scope, workload, {
          issuer: GOOGLE_ISSUER,
          subject: identity.uniqueId,
        });
        return {
          ...checked,
          variables: issuerVariables(tokenIssuerOf(workload), { audience, requiredRole: role, federated }),
          readyAfter: federated.readyAfter,
        };
      }
      if (!hasClientSecret(workload)) return checked;
      const secret = secrets.secret(clientSecretName(workload.name));
      return {
        ...checked,
        variables: issuerVariables(tokenIssuerOf(workload), {
          audience,
          requiredRole: role,
          clientId: workload.name,
        }),
        secrets: [googleSecretReference(project, secret, secretVariables.clientSecret)],
        grants: [grantGoogleSecret(scope, project, secret, identity.member)],
        readyAfter: secret.readyAfter,
      };
    },
  };
}
