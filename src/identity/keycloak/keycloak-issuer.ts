/** Where one realm of Keycloak is, for everybody. */
export interface KeycloakIssuer {
  readonly realm: string;
  /** Base URL that callers know: what the issuer in tokens starts with. */
  readonly publicUrl: string;
  /** Base URL within the network. May be a reference. */
  readonly internalUrl: string;
}

/** The issuer that tokens name: one for all who look, inside and outside. */
export function issuerOf({ publicUrl, realm }: KeycloakIssuer): string {
  return `${publicUrl}/realms/${realm}`;
}

/** Paths below the base URL that callers and verifiers need; everything else of Keycloak stays private. */
export function publicPathsOf({ realm }: Pick<KeycloakIssuer, "realm">) {
  return {
    discovery: `/realms/${realm}/.well-known/openid-configuration`,
    keys: `/realms/${realm}/protocol/openid-connect/certs`,
    token: `/realms/${realm}/protocol/openid-connect/token`,
  };
}

/** Base URL of Keycloak below a host that other things are below as well. */
export function keycloakBelow(host: string): string {
  return `https://${host}/identity`;
}
