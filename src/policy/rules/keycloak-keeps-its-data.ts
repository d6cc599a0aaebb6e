import type { Rule } from "../rule";

/** In development mode Keycloak loses keys and clients with its container, and checks less of what it is asked. */
export const keycloakKeepsItsData: Rule = {
  id: "keycloak-keeps-its-data",
  find: (_workloads, { name, stage, gateway, identityProvider }) => {
    if (identityProvider?.kind !== "keycloak") return [];
    const who = `environment '${name}'`;
    if (identityProvider.mode === "development") {
      return stage === "development"
        ? []
        : [
            `${who}: Keycloak is in development mode, where it loses its keys and clients with its container, and the stage is ` +
              `'${stage}'; remove identityProvider.mode`,
          ];
    }
    return gateway === undefined
      ? [
          `${who}: nothing shows Keycloak's token path without its console, because there is no gateway; set 'gateway', ` +
            "or identityProvider.mode to 'development' in a development environment",
        ]
      : [];
  },
};
