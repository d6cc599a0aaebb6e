import type { Environment } from "../../../../../src/environment/environment";
import { azureSettings, company, inAzure } from "../company";
import { registry } from "./registry";

const shared = azureSettings("staging");

/** Production's shape at a smaller size: internal from the start, everything behind the gateway. */
export const staging: Environment = {
  ...shared,
  name: "staging",
  stage: "staging",
  prefix: company.prefix,
  domain: `staging.${company.domain}`,
  azure: { ...shared.azure, network: { kind: "created" } },
  platform: "container-apps",
  customers: company.customers.staging,
  registry,
  vault: { kind: "key-vault", allowedRanges: inAzure().vaultRanges },
  taskStore: { kind: "managed-redis" },
  gateway: {},
  identityProvider: { kind: "keycloak" },
};
