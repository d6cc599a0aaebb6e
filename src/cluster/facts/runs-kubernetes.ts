import type { Environment } from "../../environment/environment";

/** Whether any agent of an environment may run on Kubernetes. */
export function runsKubernetes({ platform, agents = {} }: Environment): boolean {
  return platform === "kubernetes" || Object.values(agents).some((each) => each.platform === "kubernetes");
}

/** Whether Keycloak runs in the environment's cluster, because there is no Azure for it. */
export function keycloakInCluster(environment: Environment): boolean {
  const { azure, identityProvider } = environment;
  return identityProvider?.kind === "keycloak" && azure === undefined && runsKubernetes(environment);
}

/** Whether the environment makes an AKS cluster of its own. */
export function createsCluster(environment: Environment): boolean {
  const kind =
    environment.kubernetes?.cluster?.kind ?? (environment.azure === undefined ? "existing" : "aks");
  return kind === "aks" && runsKubernetes(environment);
}
