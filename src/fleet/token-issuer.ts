import type { TokenIssuer } from "../agent/token-issuer";
import { issuerTraits } from "../choices/issuers";
import { edgeHost } from "../cluster/facts/edge-host";
import { keycloakInCluster } from "../cluster/facts/runs-kubernetes";
import type { Environment } from "../environment/environment";
import { gatewayHost } from "../gateway/gateway-settings";

export type { TokenIssuer };

/**
 * Who signs the tokens of an environment, or null where agents are told of no issuer.
 *
 * @param containerAppsDomain default domain of the Container Apps environment: where Keycloak is without a gateway
 */
export function tokenIssuer(environment: Environment, containerAppsDomain: string): TokenIssuer | null {
  const { identityProvider } = environment;
  if (identityProvider === undefined) return null;
  return issuerTraits(identityProvider).tokenIssuer(identityProvider, environment, {
    edge: keycloakInCluster(environment) ? edgeHost(environment) : null,
    gateway: gatewayHost(environment),
    apps: containerAppsDomain,
  });
}
