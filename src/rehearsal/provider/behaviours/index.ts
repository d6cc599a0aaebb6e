import type { Behaviour } from "../behaviour";
import { apiServer, apiServerOfReleases } from "../kubernetes/terraform/api-server";
import { limitRangeDefaults } from "../kubernetes/terraform/limit-range-defaults";
import { storedDefaults } from "../kubernetes/terraform/stored-defaults";
import { apiManagement } from "./api-management";
import { azureNetwork } from "./azure-network";
import { azureResources } from "./azure-resources";
import { cloudRunService } from "./cloud-run";
import { containerApp } from "./container-app";
import { containerAppEnvironment } from "./container-app-environment";
import { deletionProtection, managementLock } from "./deletion-protection";
import { directoryObjects } from "./directory-objects";
import { fixedClock } from "./fixed-clock";
import { globalNames } from "./global-names";
import { googleResources } from "./google-resources";
import { helmRelease } from "./helm-release";
import { keyVault, keyVaultCertificate, keyVaultKey, keyVaultSecret } from "./key-vault";
import { namespace, namespacedObject, podRollout } from "./kubernetes-objects";
import { randomValues } from "./random-values";
import { managedRedis, redisCache } from "./redis";
import { applicationInsights, resourceGroup } from "./resource-group";
import { roleAssignment, rolePropagation } from "./role-assignment";
import { whoAmI } from "./who-am-i";

/**
 * What the clouds do. To add a behaviour: write a file in this folder that exports one, put it on this list, and
 * give it twin tests in test/rehearsal/provider. Later ones of a type win where two fill the same attribute.
 */
const behaviours: readonly Behaviour[] = [
  ...azureResources,
  ...azureNetwork,
  ...apiManagement,
  ...directoryObjects,
  ...googleResources,
  ...randomValues,
  ...whoAmI,
  fixedClock,

  deletionProtection,
  managementLock,
  globalNames,
  resourceGroup,
  applicationInsights,
  roleAssignment,
  rolePropagation,
  keyVault,
  keyVaultCertificate,
  keyVaultKey,
  keyVaultSecret,
  managedRedis,
  redisCache,
  containerAppEnvironment,
  containerApp,
  cloudRunService,
  namespacedObject,
  namespace,
  limitRangeDefaults,
  storedDefaults,
  apiServer,
  podRollout,
  helmRelease,
  apiServerOfReleases,
];

const byType = new Map<string, readonly Behaviour[]>();

/** The behaviours of a type, in the order of the list. */
export function behavioursOf(type: string): readonly Behaviour[] {
  const known = byType.get(type);
  if (known) return known;
  const found = behaviours.filter(({ types }) =>
    types.some((pattern) =>
      pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type,
    ),
  );
  byType.set(type, found);
  return found;
}
