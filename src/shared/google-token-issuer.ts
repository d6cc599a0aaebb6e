import { issuerVariables, secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { IAgentDependency } from "./agent-dependency";
import type { GoogleIdentity } from "./google-identity";
import {
  googleSecretReference,
  grantGoogleSecret,
  type ISecretManagerSecrets,
} from "./secret-manager-secrets";

/** Name of the secret with an agent's client secret at the issuer. */
export function clientSecretName(agent: string): string {
  return `keycloak-client-${agent}`;
}

/** Whether an agent asks the issuer for tokens with a client secret: it calls others, and the issuer is Keycloak. */
export function hasClientSecret({ tokenIssuer, peers }: AgentWorkload): boolean {
  return tokenIssuer?.keycloak != null && peers.length > 0;
}

export interface GoogleTokenIssuerProps {
  readonly secrets: ISecretManagerSecrets;
  /**
   * What tokens for an agent name as their audience.
   *
   * @default - the audience of its route
   */
  readonly audience?: (workload: AgentWorkload) => string;
}

/**
 * The issuer of an environment's tokens, for agents on Google: the same as everywhere else, at its public address,
 * because the inside of the other cloud is not to be reached from here.
 */
export function googleTokenIssuer(props: GoogleTokenIssuerProps): IAgentDependency<GoogleIdentity> {
  const { secrets, audience = ({ route }) => route.audience } = props;
  const { project } = secrets;
  return {
    dependencyName: "issuer of tokens",
    bind: (scope, workload, identity) => {
      if (workload.tokenIssuer === null) return {};
      const secret = hasClientSecret(workload) ? secrets.secret(clientSecretName(workload.name)) : undefined;
      return {
        variables: issuerVariables(workload.tokenIssuer, {
          audience: audience(workload),
          requiredRole: workload.name,
          clientId: secret === undefined ? undefined : workload.name,
        }),
        ...(secret === undefined
          ? {}
          : {
              secrets: [googleSecretReference(project, secret, secretVariables.clientSecret)],
              grants: [grantGoogleSecret(scope, project, secret, identity.member)],
              readyAfter: secret.readyAfter,
            }),
      };
    },
  };
}
