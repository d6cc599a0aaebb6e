import { containerAppsTraits } from "../azure/facts/container-apps-traits";
import { kubernetesTraits } from "../cluster/facts/kubernetes-traits";
import { traitsIn } from "../environment/choice-traits";
import type { PlatformTraits } from "../environment/platform-traits";
import { cloudRunTraits } from "../google/facts/cloud-run-traits";
import { localTraits } from "../local/facts/local-platform";
import { clusterLayout } from "./clusters";

/** Every platform: one line each. */
export const platforms = [
  containerAppsTraits,
  kubernetesTraits(clusterLayout),
  cloudRunTraits,
  localTraits,
] as const;

/** Where an agent runs. */
export type PlatformKind = (typeof platforms)[number]["kind"];

/** What is known of a platform. */
export function platformTraits(kind: PlatformKind): PlatformTraits {
  return traitsIn<PlatformTraits>(platforms, kind);
}

/** Whether its agents are in the cluster's stack rather than in the environment's. */
export function isInCluster(kind: PlatformKind): boolean {
  return platformTraits(kind).stack === "cluster";
}
