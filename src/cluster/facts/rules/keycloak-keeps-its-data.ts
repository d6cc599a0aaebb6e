import { environmentRule } from "../../../environment/rule";
import { keycloakOf } from "../../../identity/keycloak/keycloak-settings";
import { keycloakInCluster } from "../runs-kubernetes";

/** In development mode Keycloak loses keys and clients with its container, and checks less of what it is asked. */
export const keycloakKeepsItsData = environmentRule("keycloak-keeps-its-data", (environment) => {
  const { stage, gateway } = environment;
  const settings = keycloakOf(environment);
  if (settings === undefined) return [];
  if (settings.mode === "development") {
    return stage === "development"
      ? []
      : [
          "Keycloak is in development mode, where it loses its keys and clients with its container, and the stage is " +
            `'${stage}'; remove identityProvider.mode`,
        ];
  }
  const inCluster = keycloakInCluster(environment);
  if (!inCluster && settings.database !== undefined) {
    return [
      "Keycloak has a Postgres of its own on Azure, and identityProvider.database names another, which only a cluster " +
        "without a cloud uses; remove it",
    ];
  }
  // In a cluster its edge does that.
  return gateway === undefined && !inCluster
    ? [
        "nothing shows Keycloak's token path without its console, because there is no gateway; set 'gateway', " +
          "or identityProvider.mode to 'development' in a development environment",
      ]
    : [];
});
