import { findNameProblems, physicalNames } from "../naming";
import { listOf, type Problem } from "../problem";
import type { Environment } from "./environment";
import { findEnvironmentShapeProblems } from "./environment-schema";

/** Says everything that is wrong with an environment on its own, without its agents. */
export function findEnvironmentProblems(environment: Environment): Problem[] {
  const shape = findEnvironmentShapeProblems(environment);
  if (shape.length > 0) return shape;
  const who = `environment '${environment.name}'`;
  return [
    ...findNameProblems("environment", environment.name, who),
    ...findNameProblems("prefix", environment.prefix, `${who}, prefix`),
    ...(environment.customers ?? []).flatMap((customer) =>
      findNameProblems("customer", customer, `${who}, customer`),
    ),
    ...findNameProblems("keyVault", physicalNames(environment).keyVault, `${who}, vault`),
    ...findMissingClouds(environment, who),
    ...findWrongPairs(environment, who),
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
            message: `${who}: retentionDays is ${retentionDays}; Log Analytics keeps 30 to 730 days`,
          },
        ]
      : []),
    ...(twice.length > 0
      ? [{ rule: "customer-twice", message: `${who}: customers lists ${listOf(twice)} twice; remove one` }]
      : []),
  ];
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
