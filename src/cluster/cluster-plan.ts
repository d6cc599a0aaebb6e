import { clusterLayout } from "../choices/clusters";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment } from "../environment/environment";
import { safeguards } from "../environment/safeguards";
import { hasKeycloakDatabase } from "../identity/keycloak/keycloak-settings";
import type { PartKind } from "../signals/part-signals";
import { keycloakInCluster } from "./facts/runs-kubernetes";

/** What an environment has inside of its cluster, decided before anything is made. */
export type ClusterPlan = ReturnType<typeof planCluster>;

/** Decides what the cluster of an environment gets besides its agents. Pure. */
export function planCluster(environment: Environment) {
  const { mesh, domain, kubernetes, taskStore } = environment;
  const { edge, prometheusUrl } = kubernetes ?? {};
  const guards = safeguards(environment);
  const layout = clusterLayout(environment);
  const keepsTasks = taskStoreTraits(taskStore).place === "cluster";
  const keepsKeycloak = keycloakInCluster(environment) && hasKeycloakDatabase(environment);
  const isGatewayApi = edge?.kind === "gateway-api";
  return {
    ...guards,
    layout,
    edge,
    /** The agents' namespace, protected where it holds what nothing brings back: tasks, or Keycloak's administrator. */
    namespace: {
      name: layout.namespace,
      deletionProtection: (keepsTasks || keepsKeycloak) && guards.deletionProtection,
    },
    mesh: mesh === undefined ? undefined : { ...mesh, trustDomain: mesh.trustDomain ?? domain },
    /** Shared parts in the cluster that alerts are about. */
    watchedParts: [
      ...(mesh === undefined ? [] : (["dapr"] as const)),
      ...(keycloakInCluster(environment) ? (["keycloak-cluster"] as const) : []),
      ...(kubernetes?.backups === undefined ? [] : (["backups"] as const)),
      ...(keepsTasks ? (["cluster-redis"] as const) : []),
      // Its certificates are in the agents' namespace, whoever's cert-manager it is.
      ...(keepsTasks || edge !== undefined ? (["cert-manager"] as const) : []),
    ] satisfies PartKind[],
    controllers: {
      // A class that somebody names is somebody else's controller.
      gateway: isGatewayApi && edge.gatewayClass === undefined,
      gatewayApi: isGatewayApi,
      // An issuer that somebody names is somebody else's cert-manager.
      certificates: edge === undefined ? keepsTasks : edge.certificates.kind !== "issuer",
      keda: layout.autoscaling === "keda" && !layout.traits.bringsKeda,
      /** Where the metrics adapter reads, where scalers need one. */
      metricsAdapter: layout.autoscaling === "metrics-adapter" ? prometheusUrl : undefined,
    },
  };
}
