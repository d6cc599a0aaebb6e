import type { Environment } from "../../environment/environment";
import { safeguards } from "../../environment/safeguards";
import { listOf, type Problem } from "../../problem";
import type { AksSettings } from "./aks";
import { aksSettings, createsCluster } from "./azure-facts";
import { endOfVersions, KUBERNETES_VERSION } from "./kubernetes-versions";
import { nodePools } from "./node-pools";

const OLDEST_KNOWN_MINOR = 30;

/** Says what is wrong with an AKS cluster of the environment's own. */
export function findAksProblems(environment: Environment, who: string, today: string): Problem[] {
  if (!createsCluster(environment)) return [];
  const settings = aksSettings(environment);
  return [...findRetiredVersion(settings, who, today), ...findPoolProblems(settings, environment, who)];
}

/** What is left out of a pool has a default, and what is written may be on its wrong side. */
function findPoolProblems(settings: Partial<AksSettings>, environment: Environment, who: string): Problem[] {
  const pools = nodePools(settings, safeguards(environment).highAvailability);
  return (["systemNodes", "agentNodes"] as const).flatMap((pool) => {
    const { minNodes, maxNodes } = pools[pool];
    if (minNodes <= maxNodes) return [];
    const [given, other] =
      settings[pool]?.maxNodes === undefined ? ["minNodes", "maxNodes"] : ["maxNodes", "minNodes"];
    return [
      {
        rule: "pool-in-order",
        message:
          `${who}: kubernetes.cluster.${pool} has ${minNodes} nodes at least and ${maxNodes} at most, because ${other} is ` +
          `left out; set ${other} there as well, or change ${given}`,
      },
    ];
  });
}

function findRetiredVersion(
  { version = KUBERNETES_VERSION }: Partial<AksSettings>,
  who: string,
  today: string,
): Problem[] {
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
