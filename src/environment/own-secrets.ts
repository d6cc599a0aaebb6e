/** Names of the secrets that the fleet writes for itself: no agent's secret is called like one of them. */
export const ownSecrets = {
  /** The store's whole URL, with its key. */
  taskStoreUrl: "task-store-url",
  /** The key alone, for clients that take host, port and password. */
  taskStoreKey: "task-store-key",
  applicationInsights: "application-insights-connection-string",
  postgresPassword: "postgres-password",
  keycloakPassword: "keycloak-administrator-password",
  keycloakClient: "keycloak-administrator-client",
} as const;

/** Secret of a caller's client at Keycloak, by the caller's name. */
export function clientSecretName(client: string): string {
  return `${CLIENT_SECRETS}${client}`;
}

const CLIENT_SECRETS = "keycloak-client-";

/** Secret with the password of one agent's user, in a database that the fleet makes. */
export function databaseLoginSecret(agent: string): string {
  return `${DATABASE_LOGINS}${agent}`;
}

const DATABASE_LOGINS = "task-store-login-";

/** Certificate of the gateway's host, which a vault keeps as a secret of that name as well. */
export const GATEWAY_CERTIFICATE = "gateway";

/** Whether the fleet writes a secret for itself. */
export function isOwnSecret(name: string): boolean {
  const own: readonly string[] = Object.values(ownSecrets);
  return own.includes(name) || [CLIENT_SECRETS, DATABASE_LOGINS].some((start) => name.startsWith(start));
}
