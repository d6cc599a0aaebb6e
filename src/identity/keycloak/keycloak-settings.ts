import { z } from "zod";
import type { Environment } from "../../environment/environment";
import type { IssuerTraits } from "../../environment/issuer-traits";
import { runsOn } from "../../environment/platforms-of";
import { imageName, kubernetesName, port, whole } from "../../shapes";
import { type CallerGrants, callerGrants } from "../caller-grants";
import { keycloakBelow } from "./keycloak-issuer";

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
  /** Where it is, for network policies. @default - the URL's host and port, at a Service's pods or at public addresses */
  readonly address?: { readonly cidr: string; readonly port: number };
}

export const keycloak: IssuerTraits<KeycloakSettings> = {
  kind: "keycloak",
  hasClients: true,
  longTokens: null,
  knowsGateways: false,
  isTenant: false,
  withoutHome: (environment) => {
    const homes = [
      environment.azure !== undefined,
      ...(["kubernetes", "local"] as const).map((kind) => runsOn(environment, kind)),
    ];
    return homes.includes(true)
      ? undefined
      : "is an app on Azure or pods of a cluster, and the environment has neither; set 'azure', or use 'existing' with an " +
          "issuer that is there";
  },
  schema: z.strictObject({
    kind: z.literal("keycloak"),
    ...callerGrants,
    realm: z
      .string()
      .max(63)
      .regex(/^[a-z][a-z0-9-]*$/, "is part of URLs: lower case letters, digits and hyphens")
      // A realm that exists is never imported: the fleet's clients would be nowhere.
      .refine((realm) => realm !== "master", {
        message:
          "is Keycloak's own realm, into which nothing is imported; choose another, or leave it out (a2a)",
      })
      .optional(),
    mode: z.enum(["production", "development"]).optional(),
    accessTokenSeconds: whole
      .min(60)
      .max(900, "is longer than 900 seconds, the longest that an access token may live")
      .optional(),
    keyLifetimeDays: whole.min(1).max(365).optional(),
    optimizedImage: imageName.optional(),
    backupRetentionDays: whole.min(7).max(35).optional(),
    database: z
      .strictObject({
        url: z
          .string()
          .regex(
            /^jdbc:postgresql:\/\/[^:/?@\s]+(?::\d+)?\/[^/?@\s]+(?:\?\S+)?$/,
            "is not a JDBC URL (jdbc:postgresql://db.example.com:5432/keycloak?sslmode=verify-full)",
          )
          .refine((url) => !/[?&](?:user|password)=/i.test(url), {
            message: "carries credentials; leave them to 'credentialsSecret'",
          })
          .refine((url) => !/[?&]sslmode=(?:disable|allow|prefer)\b/i.test(url), {
            message: "lets the connection go without TLS; write sslmode=verify-full",
          }),
        credentialsSecret: kubernetesName,
        address: z.strictObject({ cidr: z.cidrv4(), port }).optional(),
      })
      .optional(),
  }),
  tokenIssuer: ({ realm = "a2a" }, _environment, { edge, gateway, apps }) => {
    const host = edge ?? gateway;
    const url = host === null ? `https://keycloak.${apps}` : keycloakBelow(host);
    const issuer = `${url}/realms/${realm}`;
    return {
      issuer,
      jwksUrl: `${issuer}/protocol/openid-connect/certs`,
      tokenUrl: `${issuer}/protocol/openid-connect/token`,
      keycloak: { url, realm },
    };
  },
};

/** An environment's Keycloak, or undefined where its issuer is another. */
export function keycloakOf({
  identityProvider,
}: Pick<Environment, "identityProvider">): KeycloakSettings | undefined {
  return identityProvider?.kind === "keycloak" ? identityProvider : undefined;
}

/** Whether Keycloak keeps its data in a database. */
export function hasKeycloakDatabase(environment: Pick<Environment, "identityProvider">): boolean {
  const settings = keycloakOf(environment);
  return settings !== undefined && settings.mode !== "development";
}
