import { keycloakInCluster } from "../cluster/facts/runs-kubernetes";
import type { Environment } from "../environment/environment";

/** Who signs the tokens of an environment: addresses that exist before anything is deployed. */
export interface TokenIssuer {
  /** What tokens name as `iss`; its discovery document is at `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** Null where only the discovery document says it. */
  readonly tokenUrl: string | null;
  /** Keycloak's own names for the same, or null where it is not Keycloak. */
  readonly keycloak: { readonly url: string; readonly realm: string } | null;
}

/** Host name of the gateway, or null without one. */
export function gatewayHost({ gateway, domain }: Environment): string | null {
  return gateway === undefined ? null : (gateway.host ?? `api.${domain}`);
}

/** Host name of a cluster's edge: each agent that is reached from outside is a path below it, and so is Keycloak. */
export function edgeHost({ domain }: Pick<Environment, "domain">): string {
  return `agents.${domain}`;
}

/** Base URL of Keycloak below a host that other things are below as well. */
export function keycloakBelow(host: string): string {
  return `https://${host}/identity`;
}

/**
 * Who signs the tokens of an environment, or null where agents are told of no issuer.
 *
 * @param containerAppsDomain default domain of the Container Apps environment: where Keycloak is without a gateway
 */
export function tokenIssuer(environment: Environment, containerAppsDomain: string): TokenIssuer | null {
  const { identityProvider, tenant } = environment;
  switch (identityProvider?.kind) {
    case undefined:
      return null;
    case "entra": {
      const authority = `https://login.microsoftonline.com/${tenant}`;
      return {
        issuer: `${authority}/v2.0`,
        jwksUrl: `${authority}/discovery/v2.0/keys`,
        tokenUrl: `${authority}/oauth2/v2.0/token`,
        keycloak: null,
      };
    }
    case "keycloak": {
      const host = keycloakInCluster(environment) ? edgeHost(environment) : gatewayHost(environment);
      const url = host === null ? `https://keycloak.${containerAppsDomain}` : keycloakBelow(host);
      const realm = identityProvider.realm ?? "a2a";
      const issuer = `${url}/realms/${realm}`;
      return {
        issuer,
        jwksUrl: `${issuer}/protocol/openid-connect/certs`,
        tokenUrl: `${issuer}/protocol/openid-connect/token`,
        keycloak: { url, realm },
      };
    }
    case "existing":
      return {
        issuer: identityProvider.issuer,
        jwksUrl: identityProvider.jwksUrl,
        tokenUrl: null,
        keycloak: null,
      };
  }
}
