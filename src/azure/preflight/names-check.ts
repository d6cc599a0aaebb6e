import { keycloakInCluster } from "../../cluster/facts/runs-kubernetes";
import { hasKeycloakDatabase } from "../../identity/keycloak/keycloak-settings";
import type { Check, Finding } from "../../preflight/check";
import { physicalNames } from "../facts/azure-names";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";

/** A name that is unique in the world, and how Azure is asked about it. */
interface GlobalName {
  readonly what: string;
  readonly name: string;
  /** `Microsoft.KeyVault/vaults` */
  readonly type: string;
  readonly apiVersion: string;
  /** Collection of what is deleted and not yet gone. @default - it is gone at once */
  readonly deleted?: string;
  /** Host name that answers for it, where Azure has no question for the name. @default - Azure is asked */
  readonly host?: string;
}

export type ResolveHost = (host: string) => Promise<boolean>;

/** Whether names that are unique in the world are free, or the environment's own. */
export function namesCheck(facts: AzureFacts, client: AzureClient, resolves: ResolveHost): Check {
  return {
    name: "global names",
    run: async () => (await Promise.all(globalNames(facts).map(find))).flat(),
  };

  async function find(wanted: GlobalName): Promise<Finding[]> {
    const { what, name, type, apiVersion, deleted, host } = wanted;
    const { subscription, resourceGroup, environment } = facts;
    const [namespace] = type.split("/");
    const id = `${subscription}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
    if ((await client.manage(id, apiVersion)).status === 200) return [];
    const taken: Finding = {
      what: `the ${what} '${name}' belongs to somebody else: the name is unique in the world`,
      remedy: `change 'prefix' (now '${environment.prefix}') in environment '${environment.name}'`,
      weight: "missing",
    };
    if (host !== undefined) return (await resolves(host)) ? [taken] : [];
    const answer = await client.manage(
      `${subscription}/providers/${namespace}/checkNameAvailability`,
      apiVersion,
      { name, type },
    );
    if (answer.status !== 200 || isFree(answer.body)) return [];
    if (deleted === undefined) return [taken];
    const buried = await client.manage(
      `${subscription}/providers/${namespace}/${deleted}/${name}`,
      apiVersion,
    );
    if (buried.status !== 200) return [taken];
    return findBuried(wanted, String(buried.body.properties?.vaultId ?? buried.body.properties?.serviceId));
  }

  /** A deploy takes up what it deleted itself, where it was. */
  function findBuried({ what, name }: GlobalName, id: string): Finding[] {
    const group = /\/resourceGroups\/([^/]+)\//i.exec(id)?.[1];
    if (group?.toLowerCase() === facts.resourceGroup.toLowerCase()) return [];
    return [
      {
        what: `the ${what} '${name}' was deleted in resource group ${group} and keeps its name until it is purged`,
        remedy: `purge it, or change 'prefix' (now '${facts.environment.prefix}')`,
        weight: "missing",
      },
    ];
  }
}

/** Resource types say the same in two ways. */
function isFree(body: { readonly nameAvailable?: boolean }): boolean {
  return body.nameAvailable !== false;
}

function globalNames({ environment, azure }: AzureFacts): GlobalName[] {
  const { vault, taskStore, gateway } = environment;
  const names = physicalNames(environment);
  const location = azure.location.toLowerCase().replaceAll(" ", "");
  return [
    ...(vault.kind === "key-vault"
      ? [
          {
            what: "vault",
            name: names.keyVault,
            type: "Microsoft.KeyVault/vaults",
            apiVersion: "2023-07-01",
            deleted: `locations/${location}/deletedVaults`,
          },
        ]
      : []),
    ...(taskStore.kind === "managed-redis"
      ? [
          {
            what: "task store",
            name: names.managedRedis,
            type: "Microsoft.Cache/redisEnterprise",
            apiVersion: "2024-10-01",
            host: `${names.managedRedis}.${location}.redis.azure.net`,
          },
        ]
      : []),
    ...(taskStore.kind === "redis-cache"
      ? [
          {
            what: "task store",
            name: names.managedRedis,
            type: "Microsoft.Cache/Redis",
            apiVersion: "2024-11-01",
            host: `${names.managedRedis}.redis.cache.windows.net`,
          },
        ]
      : []),
    ...(taskStore.kind === "azure-postgres" ? [postgres("task store", names.taskDatabase)] : []),
    ...(hasKeycloakDatabase(environment) && !keycloakInCluster(environment)
      ? [postgres("database of Keycloak", names.postgres)]
      : []),
    ...(gateway === undefined
      ? []
      : [
          {
            what: "gateway",
            name: names.gateway,
            type: "Microsoft.ApiManagement/service",
            apiVersion: "2022-08-01",
            deleted: `locations/${location}/deletedservices`,
          },
        ]),
  ];
}

/** @see https://learn.microsoft.com/rest/api/postgresql/name-availability/check-globally */
function postgres(what: string, name: string): GlobalName {
  return { what, name, type: "Microsoft.DBforPostgreSQL/flexibleServers", apiVersion: "2024-08-01" };
}
