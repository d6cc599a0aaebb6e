import { runsKubernetes } from "../../cluster/facts/runs-kubernetes";
import type { Environment } from "../../environment/environment";
import { listOf, type Problem } from "../../problem";

/** Days on which minor versions get no more fixes. @see https://kubernetes.io/releases/patch-releases/ */
const endOfVersions: Readonly<Record<string, string>> = {
  "1.30": "2025-06-28",
  "1.31": "2025-10-28",
  "1.32": "2026-02-28",
  "1.33": "2026-06-28",
  "1.34": "2026-10-27",
  "1.35": "2027-02-28",
};

const OLDEST_KNOWN_MINOR = 30;

/** Says what is wrong with an AKS cluster of the environment's own. */
export function findAksProblems(environment: Environment, who: string, today: string): Problem[] {
  const { kubernetes } = environment;
  if (!runsKubernetes(environment)) return [];
  const version = kubernetes?.cluster?.kind === "aks" ? kubernetes.cluster.version : undefined;
  if (version === undefined) return [];
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
