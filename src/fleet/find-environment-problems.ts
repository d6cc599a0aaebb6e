import { clouds } from "../choices/clouds";
import { clusterLayout } from "../choices/clusters";
import { issuerTraits } from "../choices/issuers";
import { partsOf } from "../choices/parts";
import { platformTraits } from "../choices/platforms";
import { taskStores } from "../choices/task-stores";
import { findKubernetesProblems } from "../cluster/facts/find-kubernetes-problems";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { findNameProblems } from "../naming";
import { listOf, type Problem } from "../problem";
import { findUnreadSettings } from "./find-unread-settings";

/** Says what is wrong with an environment on its own, without its agents, once its shape is right. */
export function findEnvironmentProblems(environment: Environment, today: string): Problem[] {
  const who = `environment '${environment.name}'`;
  const choices = { layout: clusterLayout(environment), parts: partsOf(environment), taskStores };
  return [
    ...findWrongNames(environment, who),
    ...findRegistryProblems(environment, who),
    ...clouds.flatMap((cloud) => cloud.findProblems(environment, who, today)),
    ...findKubernetesProblems(environment, who, today, choices),
    ...findHomelessIssuer(environment, who),
    ...findUnreadVault(environment, who),
    ...findUnreadSettings(environment, who),
  ];
}

/** An issuer that nothing of the environment is, or reaches. */
function findHomelessIssuer(environment: Environment, who: string): Problem[] {
  const { identityProvider } = environment;
  if (identityProvider === undefined) return [];
  const why = issuerTraits(identityProvider).withoutHome(environment);
  if (why === undefined) return [];
  return [
    { rule: "issuer-without-home", message: `${who}: identityProvider '${identityProvider.kind}' ${why}` },
  ];
}

/** A vault that is none of the agents' clouds', and that no platform of theirs reads. */
function findUnreadVault(environment: Environment, who: string): Problem[] {
  const { azure, vault } = environment;
  const platforms = platformsOf(environment).map(platformTraits);
  const clouds: readonly unknown[] = platforms.map((platform) => platform.cloud(environment));
  const isRead =
    platforms.some(({ readsVault }) => readsVault) || clouds.includes(partsOf(environment).vault.place);
  if (azure !== undefined || isRead) return [];
  return [
    {
      rule: "unread-vault",
      message:
        `${who}: the vault is '${vault.kind}', which agents on ${listOf(platforms.map(({ title }) => title))} don't read: ` +
        "they read their own cloud's; use 'secret-manager'",
    },
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
