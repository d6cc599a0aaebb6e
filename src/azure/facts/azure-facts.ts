import { runsKubernetes } from "../../cluster/facts/runs-kubernetes";
import type { Environment, PlatformKind } from "../../environment/environment";
import { platformsOf } from "../../environment/platforms-of";
import { hasKeycloakDatabase, keycloakOf } from "../../identity/keycloak/keycloak-settings";
import type { AksSettings } from "./aks";

/** Whether the environment makes an AKS cluster of its own. */
export function createsCluster(environment: Environment): boolean {
  const { azure, kubernetes } = environment;
  const kind = kubernetes?.cluster?.kind ?? (azure === undefined ? undefined : "aks");
  return kind === "aks" && runsKubernetes(environment);
}

/** Settings of that cluster, as far as somebody wrote any. */
export function aksSettings({ kubernetes }: Environment): Partial<AksSettings> {
  return kubernetes?.cluster?.kind === "aks" ? kubernetes.cluster : {};
}

/**
 * Whether something in the environment is an app: agents, or Keycloak.
 *
 * @param platforms where its agents run; by default wherever they may
 */
export function runsApps(
  environment: Environment,
  platforms: readonly PlatformKind[] = platformsOf(environment),
): boolean {
  return keycloakOf(environment) !== undefined || platforms.includes("container-apps");
}

/** Whether the environment's own vault is reached through a private endpoint only. */
export function isClosed(environment: Environment): boolean {
  const { vault } = environment;
  if (vault.kind !== "key-vault") return false;
  return (vault.access ?? (hasNetwork(environment) ? "private" : "public")) === "private";
}

/** Whether a Postgres of the environment's own stands in its network. */
export function needsPostgresSubnet(environment: Environment): boolean {
  return hasKeycloakDatabase(environment) || environment.taskStore.kind === "azure-postgres";
}

/** Whether its virtual network is somebody else's. */
export function isInExistingNetwork({ azure }: Environment): boolean {
  return azure?.network?.kind === "existing";
}

/** Whether the environment has a virtual network: its own settings say so, or something in it needs one. */
export function hasNetwork(environment: Environment): boolean {
  if (environment.azure === undefined) return false;
  return (
    environment.azure.network !== undefined ||
    environment.gateway !== undefined ||
    runsKubernetes(environment) ||
    needsPostgresSubnet(environment) ||
    environment.containerApps?.internal === true ||
    environment.highAvailability === true ||
    environment.stage === "production"
  );
}
