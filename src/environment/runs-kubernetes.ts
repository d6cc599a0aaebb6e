import type { Environment } from "./environment";

/** Whether any agent of an environment may run on Kubernetes. */
export function runsKubernetes({ platform, agents = {} }: Environment): boolean {
  return platform === "kubernetes" || Object.values(agents).some((each) => each.platform === "kubernetes");
}
