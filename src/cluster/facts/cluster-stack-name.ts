import type { Environment } from "../../environment/environment";

/** Name of the stack with what runs inside the cluster of an environment. */
export function clusterStackName(environment: Pick<Environment, "name">): string {
  return `${environment.name}-cluster`;
}
