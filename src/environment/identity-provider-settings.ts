/** Who signs the tokens of callers. */
export type IdentityProviderSettings = EntraSettings | KeycloakSettings | ExistingIssuer;

/** Entra ID: an app registration with a role for every agent. */
export interface EntraSettings {
  readonly kind: "entra";
}

/** Keycloak in the environment, with a realm generated from the fleet. */
export interface KeycloakSettings {
  readonly kind: "keycloak";
  /** @default "a2a" */
  readonly realm?: string;
}

/** An issuer that exists. */
export interface ExistingIssuer {
  readonly kind: "existing";
  /** Issuer URL; its discovery document is at `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly jwksUrl: string;
}
