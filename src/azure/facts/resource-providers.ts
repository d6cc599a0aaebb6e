import { runsKubernetes } from "../../cluster/facts/runs-kubernetes";
import type { Environment } from "../../environment/environment";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";
import { runsApps } from "./azure-facts";
import { isAzureRedis } from "./azure-redis";

/**
 * Resource providers that an environment's subscription must have registered, beyond those that azurerm's `core` set
 * registers. Azure tells upper and lower case apart here.
 */
export function resourceProvidersOf(environment: Environment): string[] {
  const { gateway, taskStore } = environment;
  return [
    "Microsoft.AlertsManagement",
    "Microsoft.KeyVault",
    "Microsoft.OperationalInsights",
    "microsoft.insights",
    ...(runsApps(environment) ? ["Microsoft.App"] : []),
    ...(runsKubernetes(environment) ? ["Microsoft.ContainerService", "Microsoft.Monitor"] : []),
    ...(gateway === undefined ? [] : ["Microsoft.ApiManagement", "Microsoft.Web"]),
    ...(isAzureRedis(taskStore) ? ["Microsoft.Cache"] : []),
    ...(keycloakOf(environment) === undefined && taskStore.kind !== "azure-postgres"
      ? []
      : ["Microsoft.DBforPostgreSQL"]),
  ].toSorted();
}
