import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { runsOn } from "../../environment/platforms-of";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";

/** Whether any agent of an environment may run on Kubernetes. */
export function runsKubernetes(environment: Environment): boolean {
  return runsOn(environment, "kubernetes");
}

/** Whether Keycloak runs in the environment's cluster, because there is no Azure for it. */
export function keycloakInCluster(environment: Environment): boolean {
  return (
    keycloakOf(environment) !== undefined && environment.azure === undefined && runsKubernetes(environment)
  );
}

/** Whether an agent runs in the environment's cluster. */
export function runsAsPods({ platform }: Pick<AgentWorkload, "platform">): boolean {
  return platform === "kubernetes";
}
