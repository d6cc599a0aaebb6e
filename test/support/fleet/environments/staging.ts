import type { Environment } from "../../../../src/environment/environment";
import { registry } from "./registry";

/** Production's shape at a smaller size: internal from the start, everything behind the gateway. */
export const staging: Environment = {
  name: "staging",
  stage: "staging",
  prefix: "a2a",
  domain: "staging.example.com",
  tenant: "00000000-0000-0000-0000-000000000000",
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "eastus",
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
    network: { kind: "created" },
  },
  platform: "container-apps",
  customers: ["acme", "globex"],
  registry,
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
  vault: { kind: "key-vault", allowedRanges: ["203.0.113.0/24"] },
  taskStore: { kind: "managed-redis" },
  gateway: {},
  identityProvider: { kind: "keycloak" },
};
