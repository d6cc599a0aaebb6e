import type { Environment } from "../../environment/environment";
import { listOf, type Problem } from "../../problem";
import { createsCluster } from "./azure-facts";
import { endOfVersions, KUBERNETES_VERSION } from "./kubernetes-versions";

const OLDEST_KNOWN_MINOR = 30;

/** Says what is wrong with an AKS cluster of the environment's own. */
export function findAksProblems(environment: Environment, who: string, today: string): Problem[] {
  const { kubernetes } = environment;
  if (!createsCluster(environment)) return [];
  const { version = KUBERNETES_VERSION } = kubernetes?.cluster?.kind === "aks" ? kubernetes.cluster : {};
  const tooOld = Number(version.split(".")[1]) < OLDEST_KNOWN_MINOR;
  const end = endOfVersions[version];
  if (!tooOld && (end === undefined || today <= end)) return [];
  const supported = Object.keys(endOfVersions).filter((minor) => today <= (endOfVersions[minor] ?? ""));
  return [
    {
      rule: "retired-kubernetes-version",
      message:
        `${who}: Kubernetes ${version} has had no fixes since ${end ?? "2025"}; ` +
        `use ${listOf(supported)} or newer (kubernetes.cluster.version)`,
    },
  ];
}
