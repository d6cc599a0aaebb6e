import { runsKubernetes } from "../../cluster/facts/runs-kubernetes";
import type { Environment } from "../../environment/environment";
import { runsOn } from "../../environment/platforms-of";
import { hasKeycloakDatabase, keycloakOf } from "../../identity/keycloak/keycloak-settings";

/** Whether the environment makes an AKS cluster of its own. */
export function createsCluster(environment: Environment): boolean {
  const { azure, kubernetes } = environment;
  const kind = kubernetes?.cluster?.kind ?? (azure === undefined ? undefined : "aks");
  return kind === "aks" && runsKubernetes(environment);
}

/** Whether something in the environment is an app: agents, or Keycloak. */
export function runsApps(environment: Environment): boolean {
  return keycloakOf(environment) !== undefined || runsOn(environment, "container-apps");
}

/** Whether the environment's own vault is reached through a private endpoint only. */
export function isClosed(environment: Environment): boolean {
  const { vault } = environment;
  if (vault.kind !== "key-vault") return false;
  return (vault.access ?? (hasNetwork(environment) ? "private" : "public")) === "private";
}

/** Whether the environment has a virtual network: its own settings say so, or something in it needs one. */
export function hasNetwork(environment: Environment): boolean {
  if (environment.azure === undefined) return false;
  return (
    environment.azure.network !== undefined ||
    environment.gateway !== undefined ||
    runsKubernetes(environment) ||
    hasKeycloakDatabase(environment) ||
    environment.containerApps?.internal === true ||
    environment.highAvailability === true ||
    environment.stage === "production"
  );
}
