import type { Environment } from "../../environment/environment";

/**
 * Resource providers that an environment's subscription must have registered, beyond those that azurerm's `core` set
 * registers. Azure tells upper and lower case apart here.
 */
export function resourceProvidersOf(environment: Environment): string[] {
  const { gateway, platform, agents = {}, identityProvider, taskStore } = environment;
  const platforms = new Set([platform, ...Object.values(agents).map((agent) => agent.platform)]);
  return [
    "Microsoft.AlertsManagement",
    "Microsoft.KeyVault",
    "Microsoft.OperationalInsights",
    "microsoft.insights",
    ...(platforms.has("container-apps") || identityProvider?.kind === "keycloak" ? ["Microsoft.App"] : []),
    ...(platforms.has("kubernetes") ? ["Microsoft.ContainerService", "Microsoft.Monitor"] : []),
    ...(gateway === undefined ? [] : ["Microsoft.ApiManagement", "Microsoft.Web"]),
    ...(taskStore.kind === "managed-redis" || taskStore.kind === "redis-cache" ? ["Microsoft.Cache"] : []),
    ...(identityProvider?.kind === "keycloak" ? ["Microsoft.DBforPostgreSQL"] : []),
  ].toSorted();
}
