import { azure } from "./azure";
import { azureApiManagement } from "./azure-api-management";
import { azureAuthorization } from "./azure-authorization";
import { azureContainerApps } from "./azure-container-apps";
import { azureContainerRegistry } from "./azure-container-registry";
import { azureKeyVault } from "./azure-key-vault";
import { azureKubernetes } from "./azure-kubernetes";
import { azureMonitor } from "./azure-monitor";
import { azureNetwork } from "./azure-network";
import { azurePostgres } from "./azure-postgres";
import { azurePrivateDns } from "./azure-private-dns";
import { azureRedis } from "./azure-redis";
import { azureStorage } from "./azure-storage";
import { directory } from "./directory";
import { google } from "./google";
import { googleCompute } from "./google-compute";
import { googleDns } from "./google-dns";
import { googleIam } from "./google-iam";
import { googleMonitoring } from "./google-monitoring";
import { googleRun } from "./google-run";
import { googleServices } from "./google-services";
import { googleSql } from "./google-sql";
import { helm } from "./helm";
import { kubernetes } from "./kubernetes";
import type { ServiceRules } from "./service-rules";

/**
 * What the providers decide in code. To add a service: write a file in this folder that exports its rules and put
 * them on this list.
 */
const serviceRules: readonly ServiceRules[] = [
  azure,
  ...azureApiManagement,
  ...azureAuthorization,
  ...azureContainerApps,
  ...azureContainerRegistry,
  ...azureKeyVault,
  ...azureKubernetes,
  ...azureMonitor,
  ...azureNetwork,
  ...azurePostgres,
  ...azurePrivateDns,
  ...azureRedis,
  ...azureStorage,
  ...directory,
  ...google,
  ...googleCompute,
  ...googleDns,
  ...googleIam,
  ...googleMonitoring,
  ...googleRun,
  ...googleServices,
  ...googleSql,
  ...helm,
  ...kubernetes,
];

const byType = new Map<string, readonly ServiceRules[]>();

/** The rules of a type that a provider has in code. */
export function serviceRulesOf(type: string): readonly ServiceRules[] {
  const known = byType.get(type);
  if (known) return known;
  const found = serviceRules.filter(({ types }) =>
    types.some((pattern) =>
      pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type,
    ),
  );
  byType.set(type, found);
  return found;
}

/** Whether all that the provider decides in code about a type is known here. */
export function isCovered(type: string): boolean {
  return serviceRulesOf(type).some(({ types }) => types.includes(type));
}
