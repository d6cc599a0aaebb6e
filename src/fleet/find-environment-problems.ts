import type { NetworkSettings } from "../azure/facts/azure-settings";
import { findKubernetesProblems } from "../cluster/facts/find-kubernetes-problems";
import { createsCluster, runsKubernetes } from "../cluster/facts/runs-kubernetes";
import type { Environment } from "../environment/environment";
import { findGoogleProblems } from "../google/facts/find-google-problems";
import { findNameProblems, physicalNames } from "../naming";
import { listOf, type Problem } from "../problem";

/** Says what is wrong with an environment on its own, without its agents, once its shape is right. */
export function findEnvironmentProblems(environment: Environment): Problem[] {
  const who = `environment '${environment.name}'`;
  return [
    ...findNameProblems("environment", environment.name, who),
    ...findNameProblems("prefix", environment.prefix, `${who}, prefix`),
    ...(environment.customers ?? []).flatMap((customer) =>
      findNameProblems("customer", customer, `${who}, customer`),
    ),
    ...(environment.registry.kind === "fleet"
      ? findNameProblems("containerRegistry", environment.registry.name, `${who}, registry`)
      : []),
    ...(environment.state.kind === "azure-storage"
      ? findNameProblems("storageAccount", environment.state.storageAccount, `${who}, state.storageAccount`)
      : []),
    ...findNameProblems("keyVault", physicalNames(environment).keyVault, `${who}, vault`),
    ...findMissingClouds(environment, who),
    ...findKubernetesProblems(environment, who, new Date().toISOString().slice(0, 10)),
    ...findWrongPairs(environment, who),
    ...findGoogleProblems(environment, who),
    ...findNetworkProblems(environment, who),
  ];
}

function findMissingClouds(environment: Environment, who: string): Problem[] {
  const platforms = new Set([
    environment.platform,
    ...Object.values(environment.agents ?? {}).flatMap(({ platform }) =>
      platform === undefined ? [] : [platform],
    ),
  ]);
  const needsAzure = platforms.has("container-apps") || environment.gateway !== undefined;
  const needsGoogle = platforms.has("cloud-run");
  return [
    ...(needsAzure && environment.azure === undefined
      ? [
          {
            rule: "missing-cloud",
            message: `${who}: Container Apps and API Management need Azure; set 'azure' (subscriptionId, location, deployerObjectIds)`,
          },
        ]
      : []),
    ...(needsGoogle && environment.google === undefined
      ? [
          {
            rule: "missing-cloud",
            message: `${who}: Cloud Run needs Google Cloud; set 'google' (projectId, projectNumber, region)`,
          },
        ]
      : []),
  ];
}

/** Parts that cannot work together. */
function findWrongPairs(environment: Environment, who: string): Problem[] {
  const { vault, azure, retentionDays } = environment;
  const twice = (environment.customers ?? []).filter((name, index, all) => all.indexOf(name) !== index);
  return [
    ...(vault.kind === "key-vault" &&
    vault.access === "private" &&
    azure !== undefined &&
    !hasNetwork(environment)
      ? [
          {
            rule: "closed-vault",
            message:
              `${who}: the vault is private, and Container Apps is not one of the services that Key Vault trusts: every ` +
              "secret reference would break; set azure.network, or vault.access to 'public'",
          },
        ]
      : []),
    ...(vault.kind === "key-vault" && (vault.allowedRanges ?? []).length > 0 && !isClosed(environment)
      ? [
          {
            rule: "open-vault-with-ranges",
            message:
              `${who}: vault.allowedRanges would shut out every app, because the vault has no private endpoint; ` +
              "set azure.network and vault.access 'private', or remove allowedRanges",
          },
        ]
      : []),
    ...(retentionDays !== undefined && (retentionDays < 30 || retentionDays > 730)
      ? [
          {
            rule: "retention",
            message: `${who}: retentionDays is ${retentionDays}; Log Analytics keeps 30 to 730 days, choose one of these`,
          },
        ]
      : []),
    ...(twice.length > 0
      ? [{ rule: "customer-twice", message: `${who}: customers lists ${listOf(twice)} twice; remove one` }]
      : []),
  ];
}

/** A network too small or crooked for its subnets, and one that lacks what is put into it. */
function findNetworkProblems(environment: Environment, who: string): Problem[] {
  const { azure, containerApps } = environment;
  const network = azure?.network;
  if (containerApps?.existing !== undefined && hasNetwork(environment) && network?.kind !== "existing") {
    return [
      {
        rule: "apps-outside-network",
        message:
          `${who}: the Container Apps environment '${containerApps.existing.name}' exists and has a network of its ` +
          "own, from which nothing in a new one is reached; name that network in azure.network, kind 'existing'",
      },
    ];
  }
  if (network?.kind === "existing") {
    return missingSubnets(environment, network).map(([property, why]) => ({
      rule: "missing-subnet",
      message: `${who}: azure.network names no ${property}, and ${why} need one; name the subnet there`,
    }));
  }
  const { cidr } = network ?? {};
  if (cidr === undefined || isNetworkSized(cidr)) return [];
  return [
    {
      rule: "network-size",
      message:
        `${who}: azure.network.cidr is '${cidr}'; use the first address of a private range of /16 to /20, ` +
        "for example 10.40.0.0/16",
    },
  ];
}

function missingSubnets(
  environment: Environment,
  {
    containerAppsSubnet,
    privateEndpointsSubnet,
    clusterSubnet,
  }: Extract<NetworkSettings, { readonly kind: "existing" }>,
): [property: string, why: string][] {
  const { platform, agents = {}, containerApps, taskStore } = environment;
  const runsApps =
    containerApps?.existing === undefined &&
    (platform === "container-apps" ||
      Object.values(agents).some((agent) => agent.platform === "container-apps"));
  const hasStore = taskStore.kind === "managed-redis" || taskStore.kind === "redis-cache";
  return [
    ...(runsApps && containerAppsSubnet === undefined
      ? ([["containerAppsSubnet", "Container Apps"]] satisfies [string, string][])
      : []),
    ...(createsCluster(environment) && clusterSubnet === undefined
      ? ([["clusterSubnet", "the nodes of the AKS cluster"]] satisfies [string, string][])
      : []),
    ...((isClosed(environment) || hasStore) && privateEndpointsSubnet === undefined
      ? ([["privateEndpointsSubnet", "the private endpoints of vault and task store"]] satisfies [
          string,
          string,
        ][])
      : []),
  ];
}

function isNetworkSized(cidr: string): boolean {
  const [address = "", length = ""] = cidr.split("/");
  const bits = Number(length);
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return bits >= 16 && bits <= 20 && value % 2 ** (32 - bits) === 0;
}

/** Whether the environment's own vault is reached through a private endpoint only. */
export function isClosed(environment: Environment): boolean {
  const { vault } = environment;
  if (vault.kind !== "key-vault") return false;
  return (vault.access ?? (hasNetwork(environment) ? "private" : "public")) === "private";
}

/** Whether the environment has a virtual network: its own settings say so, or something in it needs one. */
export function hasNetwork(environment: Environment): boolean {
  if (environment.azure === undefined) return false;
  return (
    environment.azure.network !== undefined ||
    environment.gateway !== undefined ||
    runsKubernetes(environment) ||
    hasKeycloakDatabase(environment) ||
    environment.containerApps?.internal === true ||
    environment.highAvailability === true ||
    environment.stage === "production"
  );
}

/** Whether Keycloak keeps its data in a database of the environment. */
export function hasKeycloakDatabase({ identityProvider }: Pick<Environment, "identityProvider">): boolean {
  return identityProvider?.kind === "keycloak" && identityProvider.mode !== "development";
}
