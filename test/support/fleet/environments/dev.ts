import type { Environment } from "../../../../src/environment/environment";
import { registry } from "./registry";

/** Cheap: no gateway, no network, everything at zero or one replica. Callers are known by Entra, which costs nothing. */
export const dev: Environment = {
  name: "dev",
  stage: "development",
  prefix: "a2a",
  domain: "dev.example.com",
  tenant: "00000000-0000-0000-0000-000000000000",
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "eastus",
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
  },
  platform: "container-apps",
  replicaLimit: 1,
  agents: {
    inventory: { minReplicas: 0 },
    procurement: { minReplicas: 0 },
  },
  customers: ["acme"],
  registry,
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
  vault: { kind: "key-vault" },
  taskStore: { kind: "memory" },
  identityProvider: { kind: "entra" },
  logLevel: "debug",
};
