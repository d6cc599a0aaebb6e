import { containerAppsTraits } from "../azure/facts/container-apps-traits";
import { kubernetesTraits } from "../cluster/facts/kubernetes-traits";
import type { PlatformKind } from "../environment/environment";
import type { PlatformTraits } from "../environment/platform-traits";
import { cloudRunTraits } from "../google/facts/cloud-run-traits";

const traits: Record<PlatformKind, PlatformTraits> = {
  "container-apps": containerAppsTraits,
  kubernetes: kubernetesTraits,
  "cloud-run": cloudRunTraits,
};

/** The traits of a platform. */
export function traitsOf(kind: PlatformKind): PlatformTraits {
  return traits[kind];
}
