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
