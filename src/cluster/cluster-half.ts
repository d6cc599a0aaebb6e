import { clusterLayout } from "../choices/clusters";
import { isInCluster } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { type CloudHalf, loaded } from "../parts/cloud-half";

/** What makes the part of a cluster that comes before what runs in it, as far as environments use it. */
export interface ClusterParts {
  readonly ClusterFoundations?: typeof import("./cluster-foundations").ClusterFoundations;
}

/** What an environment's own stack holds of a cluster in which its owner keeps Secrets beside the agents. */
export const clusterHalf: CloudHalf<ClusterParts> = {
  load: async (environments) =>
    environments.some(holdsOwnersSecrets)
      ? { ClusterFoundations: (await import("./cluster-foundations")).ClusterFoundations }
      : {},
  create: (scope, parts, { environment, workloads }) => {
    if (!holdsOwnersSecrets(environment)) return undefined;
    const Foundations = loaded(parts, "ClusterFoundations", environment.name);
    return new Foundations(scope, "cluster", { environment, workloads });
  },
  createRegistries: () => {},
};

function holdsOwnersSecrets(environment: Environment): boolean {
  const inCluster = platformsOf(environment).some(isInCluster);
  return inCluster && clusterLayout(environment).traits.ownersSecrets;
}
