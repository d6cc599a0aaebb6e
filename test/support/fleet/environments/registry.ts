import type { FleetRegistry } from "../../../../src/azure/facts/azure-registries";

/** The images of all environments: built once, promoted from one to the next by digest. */
export const registry: FleetRegistry = {
  kind: "fleet",
  name: "a2afleetimages",
  resourceGroup: "rg-a2a-registry",
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  tenant: "00000000-0000-0000-0000-000000000000",
  location: "eastus",
  state: { kind: "azure-storage", resourceGroup: "rg-a2a-state", storageAccount: "a2astate" },
};
