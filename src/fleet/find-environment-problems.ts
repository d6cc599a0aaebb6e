import { clouds } from "../choices/clouds";
import { clusterLayout } from "../choices/clusters";
import { partsOf } from "../choices/parts";
import { platformTraits } from "../choices/platforms";
import { taskStores } from "../choices/task-stores";
import { findKubernetesProblems } from "../cluster/facts/find-kubernetes-problems";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { findNameProblems } from "../naming";
import { listOf, type Problem } from "../problem";

/** Says what is wrong with an environment on its own, without its agents, once its shape is right. */
export function findEnvironmentProblems(environment: Environment, today: string): Problem[] {
  const who = `environment '${environment.name}'`;
  const choices = { layout: clusterLayout(environment), parts: partsOf(environment), taskStores };
  return [
    ...findWrongNames(environment, who),
    ...findRegistryProblems(environment, who),
    ...clouds.flatMap((cloud) => cloud.findProblems(environment, who, today)),
    ...findKubernetesProblems(environment, who, today, choices),
  ];
}

function findWrongNames({ name, prefix, customers = [] }: Environment, who: string): Problem[] {
  const twice = customers.filter((customer, index) => customers.indexOf(customer) !== index);
  return [
    ...findNameProblems("environment", name, who),
    ...findNameProblems("prefix", prefix, `${who}, prefix`),
    ...customers.flatMap((customer) => findNameProblems("customer", customer, `${who}, customer`)),
    ...(twice.length > 0
      ? [{ rule: "customer-twice", message: `${who}: customers lists ${listOf(twice)} twice; remove one` }]
      : []),
  ];
}

/** A registry whose images have no name without a cloud that the environment has no side of. */
function findRegistryProblems(environment: Environment, who: string): Problem[] {
  const { registry } = partsOf(environment);
  if (registry.needs === null || registry.needs.isIn(environment)) return [];
  // A platform that cannot pull from it says so for that reason.
  const refused = platformsOf(environment).some((kind) =>
    platformTraits(kind)
      .unusable?.(partsOf(environment))
      .some(({ part }) => part === "registry"),
  );
  if (refused) return [];
  return [
    {
      rule: "missing-cloud",
      message: `${who}: registry '${registry.kind}' needs ${registry.needs.title}; set ${registry.needs.settings}, or another registry`,
    },
  ];
}
