import { aks, existingAks } from "../azure/facts/aks";
import { type ClusterLayout, layOutCluster } from "../cluster/facts/cluster-layout";
import { existingCluster } from "../cluster/facts/existing-cluster";
import type { SettingsOf } from "../environment/choice-traits";
import type { Environment } from "../environment/environment";

/** Every kind of cluster: one line each. An environment that names none has the first that would be one for it. */
export const clusters = [aks, existingAks, existingCluster] as const;

/** The cluster that an environment's agents run in. */
export type ClusterSettings = SettingsOf<(typeof clusters)[number]>;

/** Decides what an environment leaves open about its cluster. */
export function clusterLayout(environment: Environment): ClusterLayout {
  return layOutCluster(environment, clusters);
}
