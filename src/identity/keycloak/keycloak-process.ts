/** Release of Keycloak that an environment runs unless it names an image. */
export const KEYCLOAK_IMAGE = "quay.io/keycloak/keycloak:26.4.5";

/** Name of its app, or of its Deployment and Service. */
export const KEYCLOAK_APP = "keycloak";

/** Client of the master realm that administers the others; it exists from the first start. */
export const ADMINISTRATOR_CLIENT = "a2a-fleet";

const ADMINISTRATOR = "fleet-admin";

export const KEYCLOAK_PORT = 8080;

/** Port of health and metrics. */
export const MANAGEMENT_PORT = 9000;

/** Secret that Keycloak reads besides its database's password: the variables that carry them. */
export const administratorVariables = {
  password: "KC_BOOTSTRAP_ADMIN_PASSWORD",
  clientSecret: "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET",
} as const;

/** Variables that say how one replica of Keycloak runs behind a proxy, wherever it runs. */
export function keycloakVariables(url: {
  /** Base URL that callers know. */
  readonly publicUrl: string;
  /** Base URL on the inside, where the console is. */
  readonly internalUrl: string;
}): Record<string, string> {
  return {
    KC_HOSTNAME: url.publicUrl,
    KC_HOSTNAME_ADMIN: url.internalUrl,
    // Who asks from the inside gets addresses on the inside; the issuer stays the public one.
    KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
    KC_HTTP_ENABLED: "true",
    KC_PROXY_HEADERS: "xforwarded",
    KC_HEALTH_ENABLED: "true",
    KC_METRICS_ENABLED: "true",
    KC_CACHE: "local",
    KC_LOG_CONSOLE_OUTPUT: "json",
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMINISTRATOR,
    KC_BOOTSTRAP_ADMIN_CLIENT_ID: ADMINISTRATOR_CLIENT,
  };
}

/** One replica: few connections do, and the smallest server has 50. */
export const DATABASE_CONNECTIONS = "20";

/** @param setting `development`: everything in the container, lost with it */
export function startArguments(setting: {
  readonly mode: "production" | "development";
  /** An image on which `kc.sh build` was run. */
  readonly optimizedImage?: string;
}): string[] {
  if (setting.mode === "development") return ["start-dev"];
  return setting.optimizedImage === undefined ? ["start"] : ["start", "--optimized"];
}
