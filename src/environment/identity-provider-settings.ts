/** Who signs the tokens of callers. */
export type IdentityProviderSettings = EntraSettings | KeycloakSettings | ExistingIssuer;

/** Who may call besides the agents themselves and the environment's customers. */
interface CallerGrants {
  /**
   * Applications outside the fleet, by name, and the agents that each may call.
   *
   * @default {}
   */
  readonly applications?: Readonly<Record<string, readonly string[]>>;

  /**
   * Roles of skills (`AgentSkill.requiredRole`) that callers hold besides those of the agents they call, by the name
   * of the caller: an agent's, an application's, or `customer-<customer>`.
   *
   * @default {}
   */
  readonly skillRoles?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Entra ID in the environment's tenant: an app registration with roles for every agent. Agents ask for tokens as their
 * managed identities; customers and applications get registrations without a credential, which the operator adds.
 */
export interface EntraSettings extends CallerGrants {
  readonly kind: "entra";
}

/** Keycloak in the environment, with a realm generated from the fleet. */
export interface KeycloakSettings extends CallerGrants {
  readonly kind: "keycloak";

  /** @default "a2a" */
  readonly realm?: string;

  /**
   * `development` keeps everything in the container, and loses it with the container: for `stage` `development` only.
   *
   * @default "production"
   */
  readonly mode?: "production" | "development";

  /**
   * Seconds that an access token lives, at most 900.
   *
   * @default 900
   */
  readonly accessTokenSeconds?: number;

  /**
   * Days after which the realm signs with a new key. The old one stays on the JWKS until no token needs it.
   *
   * @default 90
   */
  readonly keyLifetimeDays?: number;

  /**
   * An image of Keycloak on which `kc.sh build --db=postgres --health-enabled=true --metrics-enabled=true` was run; for a
   * cluster also `--http-relative-path=/identity --http-management-relative-path=/`. It starts in a third of the time.
   *
   * @default - the official image, which builds itself at every start
   */
  readonly optimizedImage?: string;

  /**
   * Its database, where the fleet makes none: needed in a cluster without a cloud, and refused elsewhere.
   *
   * @default - a Postgres of the environment's own, on Azure
   */
  readonly database?: KeycloakDatabase;

  /**
   * Days that backups of its database are kept, 7 to 35.
   *
   * @default 14
   */
  readonly backupRetentionDays?: number;
}

/** A Postgres that exists, with an empty database for Keycloak in it. */
export interface KeycloakDatabase {
  /**
   * JDBC URL without credentials: `jdbc:postgresql://<host>[:<port>]/<database>?sslmode=verify-full`. Keycloak hands it
   * to the driver as it is, which checks no certificate unless `sslmode` says so.
   */
  readonly url: string;
  /** Name of a Secret in the agents' namespace, with the keys `username` and `password`. */
  readonly credentialsSecret: string;
  /** Where it is, for network policies. @default - the URL's host and port, at public addresses */
  readonly address?: { readonly cidr: string; readonly port: number };
}

/**
 * An issuer that exists. Its tokens carry the agent's audience (`api://<tenant>/<environment>-<agent>`) in `aud`, and
 * the names of the agents that the caller may call in a flat `roles` claim.
 */
export interface ExistingIssuer {
  readonly kind: "existing";
  /** Issuer URL; its discovery document is at `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly jwksUrl: string;
}
