import type { PlatformKind } from "../environment/environment";
import { cloudRunTraits } from "./cloud-run/cloud-run-traits";
import { containerAppsTraits } from "./container-apps/container-apps-traits";
import { kubernetesTraits } from "./kubernetes/kubernetes-traits";
import type { PlatformTraits } from "./platform-traits";

const traits: Record<PlatformKind, PlatformTraits> = {
  "container-apps": containerAppsTraits,
  kubernetes: kubernetesTraits,
  "cloud-run": cloudRunTraits,
};

/** The traits of a platform. */
export function traitsOf(kind: PlatformKind): PlatformTraits {
  return traits[kind];
}
