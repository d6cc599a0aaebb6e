import type { EnvironmentCore } from "../../environment/environment-core";

/** Host name of a cluster's edge: each agent that is reached from outside is a path below it, and so is Keycloak. */
export function edgeHost({ domain }: Pick<EnvironmentCore, "domain">): string {
  return `agents.${domain}`;
}
