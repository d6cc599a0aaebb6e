import { addressNumber, firstAddress, holdsAddress, isPrivateRange, prefixOf } from "../../address-range";
import { keycloakInCluster, runsKubernetes } from "../../cluster/facts/runs-kubernetes";
import type { Environment } from "../../environment/environment";
import { isExistingPostgres } from "../../environment/existing-postgres";
import { isExistingRedis } from "../../environment/existing-redis";
import { findPlaceholders } from "../../environment/find-placeholders";
import { isOtherRegistry } from "../../environment/other-registry";
import { runsOn } from "../../environment/platforms-of";
import { hasKeycloakDatabase } from "../../identity/keycloak/keycloak-settings";
import { findNameProblems } from "../../naming";
import { listOf, type Problem } from "../../problem";
import { createsCluster, hasNetwork, isClosed, runsApps } from "./azure-facts";
import { physicalNames } from "./azure-names";
import { isAzureRedis } from "./azure-redis";
import type { NetworkSettings } from "./azure-settings";
import { findAksProblems } from "./find-aks-problems";
import { DEFAULT_NETWORK_CIDR } from "./network-layout";

/** What an Azure side needs at least. */
export const AZURE_SETTINGS = "'azure' (subscriptionId, location, deployerObjectIds)";

/** Says what is wrong with the Azure side of an environment on its own, without its agents. */
export function findAzureProblems(environment: Environment, who: string, today: string): Problem[] {
  return [
    ...findWrongNames(environment, who),
    ...findMissingSide(environment, who),
    ...findForeignParts(environment, who),
    ...findDeployerProblems(environment, who),
    ...findVaultProblems(environment, who),
    ...findRetentionProblems(environment, who),
    ...findRegistryAbroad(environment, who),
    ...findEdgeAddressProblems(environment, who),
    ...findNetworkProblems(environment, who),
    ...findAksProblems(environment, who, today),
  ];
}

function findWrongNames(environment: Environment, who: string): Problem[] {
  const { registry } = environment;
  return [
    ...(registry.kind === "fleet"
      ? findNameProblems("containerRegistry", registry.name, `${who}, registry`)
      : []),
    ...findNameProblems("keyVault", physicalNames(environment).keyVault, `${who}, vault`),
  ];
}

function findMissingSide(environment: Environment, who: string): Problem[] {
  const needed = runsOn(environment, "container-apps") || environment.gateway !== undefined;
  if (!needed || environment.azure !== undefined) return [];
  return [
    {
      rule: "missing-cloud",
      message: `${who}: Container Apps and API Management need Azure; set ${AZURE_SETTINGS}`,
    },
  ];
}

/** Azure's side is planned with what is Azure's own or anybody's, even where no agent runs there. */
function findForeignParts(environment: Environment, who: string): Problem[] {
  const { azure, vault, registry, taskStore, kubernetes } = environment;
  // What agents on Azure cannot use is said for their platform.
  const saidAlready = runsOn(environment, "container-apps") || runsKubernetes(environment);
  if (azure === undefined) return [];
  if (runsKubernetes(environment) && kubernetes?.cluster?.kind === "existing") {
    return [
      {
        rule: "cluster-beside-azure",
        message:
          `${who}: kubernetes.cluster is 'existing', a cluster without a cloud, and 'azure' is set, which reads a Key Vault ` +
          "that such a cluster cannot; set kubernetes.cluster to kind 'aks' or 'existing-aks', or remove 'azure'",
      },
    ];
  }
  if (saidAlready) return [];
  const foreign: [part: string, kind: string, fits: boolean, allowed: string][] = [
    [
      "vault",
      vault.kind,
      vault.kind === "key-vault" || vault.kind === "existing-key-vault",
      "'key-vault' or 'existing-key-vault'",
    ],
    [
      "registry",
      registry.kind,
      registry.kind === "fleet" || registry.kind === "azure" || isOtherRegistry(registry),
      "'fleet', 'azure' or 'other', and google.images for agents on Cloud Run",
    ],
    [
      "taskStore",
      taskStore.kind,
      isAzureRedis(taskStore) ||
        taskStore.kind === "azure-postgres" ||
        isExistingRedis(taskStore) ||
        isExistingPostgres(taskStore) ||
        taskStore.kind === "memory",
      "'managed-redis', 'redis-cache', 'azure-postgres', 'existing', 'existing-postgres' or 'memory', and cloudRun.taskStore for agents on Cloud Run",
    ],
  ];
  return foreign
    .filter(([, , fits]) => !fits)
    .map(([part, kind, , allowed]) => ({
      rule: "part-beside-azure",
      message: `${who}: ${part}.kind is '${kind}', and 'azure' is set, which cannot use that; use ${allowed}, or remove 'azure'`,
    }));
}

function findDeployerProblems({ azure }: Environment, who: string): Problem[] {
  const ids = (azure?.deployerObjectIds ?? []).map((id) => id.toLowerCase());
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...twice].map((id) => ({
    rule: "deployer-twice",
    message: `${who}: azure.deployerObjectIds lists ${id} twice, and each of them gets its rights once; remove one`,
  }));
}

function findVaultProblems(environment: Environment, who: string): Problem[] {
  const { vault, azure } = environment;
  if (vault.kind !== "key-vault") return [];
  return [
    ...(vault.access === "private" && azure !== undefined && !hasNetwork(environment)
      ? [
          {
            rule: "closed-vault",
            message:
              `${who}: the vault is private, and Container Apps is not one of the services that Key Vault trusts: every ` +
              "secret reference would break; set azure.network, or vault.access to 'public'",
          },
        ]
      : []),
    ...((vault.allowedRanges ?? []).length > 0 && !isClosed(environment)
      ? [
          {
            rule: "open-vault-with-ranges",
            message:
              `${who}: vault.allowedRanges would shut out every app, because the vault has no private endpoint; ` +
              "set azure.network and vault.access 'private', or remove allowedRanges",
          },
        ]
      : []),
  ];
}

function findRetentionProblems({ retentionDays }: Environment, who: string): Problem[] {
  if (retentionDays === undefined || (retentionDays >= 30 && retentionDays <= 730)) return [];
  return [
    {
      rule: "retention",
      message: `${who}: retentionDays is ${retentionDays}; Log Analytics keeps 30 to 730 days, choose one of these`,
    },
  ];
}

/** A managed identity is known in its own tenant, and gets no role in another. */
function findRegistryAbroad({ azure, registry, tenant }: Environment, who: string): Problem[] {
  if (azure === undefined || registry.kind !== "fleet") return [];
  // A placeholder is nobody's tenant, and no deploy gets past it.
  const isKnown = findPlaceholders([registry.tenant, tenant]).length === 0;
  if (!isKnown || registry.tenant.toLowerCase() === tenant.toLowerCase()) return [];
  return [
    {
      rule: "registry-abroad",
      message:
        `${who}: registry.tenant is '${registry.tenant}', and tenant is '${tenant}': identities of one Entra tenant pull ` +
        "nothing from the registry of another; correct the wrong one, or use registry kind 'other' with a pull secret",
    },
  ];
}

/** An edge gets an address of the network, or none at all. */
function findEdgeAddressProblems(environment: Environment, who: string): Problem[] {
  const { azure, kubernetes } = environment;
  const given = kubernetes?.edge?.internalAddress;
  if (azure === undefined || given === undefined) return [];
  const { cidr } = azure.network ?? {};
  const range = azure.network?.kind === "existing" ? cidr : (cidr ?? DEFAULT_NETWORK_CIDR);
  const fits = range === undefined ? isPrivateRange(given.address) : holdsAddress(range, given.address);
  if (fits) return [];
  return [
    {
      rule: "edge-address",
      message:
        `${who}: kubernetes.edge.internalAddress.address is '${given.address}', which is not in the network ` +
        `(${range ?? "its addresses are private"}); use an address of the subnet '${given.subnet}' that nothing else has`,
    },
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
    const twice = findSubnetTwice(network);
    if (twice !== undefined) {
      return [
        {
          rule: "subnet-twice",
          message:
            `${who}: azure.network names the subnet '${twice.name}' as ${listOf(twice.properties)}, and one that is delegated ` +
            "to a service takes nothing else; give each a subnet of its own",
        },
      ];
    }
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

/** Nodes and private endpoints live together; everything else has its subnet to itself. */
function findSubnetTwice({
  containerAppsSubnet,
  gatewaySubnet,
  postgresSubnet,
  privateEndpointsSubnet,
  clusterSubnet,
}: Extract<NetworkSettings, { readonly kind: "existing" }>) {
  const delegated = Object.entries({ containerAppsSubnet, gatewaySubnet, postgresSubnet });
  const all = [...delegated, ...Object.entries({ privateEndpointsSubnet, clusterSubnet })];
  for (const [property, name] of delegated) {
    const same = all.filter(
      ([other, given]) => other !== property && given?.toLowerCase() === name?.toLowerCase(),
    );
    if (name !== undefined && same.length > 0) {
      return { name, properties: [property, ...same.map(([other]) => other)] };
    }
  }
  return undefined;
}

function missingSubnets(
  environment: Environment,
  {
    containerAppsSubnet,
    privateEndpointsSubnet,
    clusterSubnet,
    gatewaySubnet,
    postgresSubnet,
  }: Extract<NetworkSettings, { readonly kind: "existing" }>,
): [property: string, why: string][] {
  const { containerApps, gateway, taskStore } = environment;
  const makesApps = containerApps?.existing === undefined && runsApps(environment);
  const hasStore = isAzureRedis(taskStore);
  return [
    ...(makesApps && containerAppsSubnet === undefined
      ? ([["containerAppsSubnet", "Container Apps"]] satisfies [string, string][])
      : []),
    ...(createsCluster(environment) && clusterSubnet === undefined
      ? ([["clusterSubnet", "the nodes of the AKS cluster"]] satisfies [string, string][])
      : []),
    ...(gateway !== undefined && gateway.existing === undefined && gatewaySubnet === undefined
      ? ([["gatewaySubnet", "the outgoing calls of API Management"]] satisfies [string, string][])
      : []),
    ...(hasKeycloakDatabase(environment) && !keycloakInCluster(environment) && postgresSubnet === undefined
      ? ([["postgresSubnet", "Keycloak and its Postgres"]] satisfies [string, string][])
      : []),
    ...(taskStore.kind === "azure-postgres" && postgresSubnet === undefined
      ? ([["postgresSubnet", "the Postgres that keeps the tasks"]] satisfies [string, string][])
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
  const bits = prefixOf(cidr);
  return bits >= 16 && bits <= 20 && addressNumber(cidr) === firstAddress(cidr);
}
