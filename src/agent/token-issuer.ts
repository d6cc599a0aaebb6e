/** Who signs the tokens of an environment: addresses that exist before anything is deployed. */
export interface TokenIssuer {
  /** What tokens name as `iss`, letter by letter: some end with a slash. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** Null where only the discovery document says it. */
  readonly tokenUrl: string | null;
  /** Keycloak's own names for the same, or null where it is not Keycloak. */
  readonly keycloak: { readonly url: string; readonly realm: string } | null;
}

/**
 * URL of an issuer's discovery document. A slash at the issuer's end is none in front of it.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest
 */
export function discoveryUrl({ issuer }: Pick<TokenIssuer, "issuer">): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}
