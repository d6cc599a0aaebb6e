import { environmentRule } from "../rule";

/** In development mode Keycloak loses keys and clients with its container, and checks less of what it is asked. */
export const keycloakKeepsItsData = environmentRule(
  "keycloak-keeps-its-data",
  ({ stage, gateway, identityProvider }) => {
    if (identityProvider?.kind !== "keycloak") return [];
    if (identityProvider.mode === "development") {
      return stage === "development"
        ? []
        : [
            "Keycloak is in development mode, where it loses its keys and clients with its container, and the stage is " +
              `'${stage}'; remove identityProvider.mode`,
          ];
    }
    return gateway === undefined
      ? [
          "nothing shows Keycloak's token path without its console, because there is no gateway; set 'gateway', " +
            "or identityProvider.mode to 'development' in a development environment",
        ]
      : [];
  },
);
