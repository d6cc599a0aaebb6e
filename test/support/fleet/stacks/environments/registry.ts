import type { FleetRegistry } from "../../../../../src/azure/facts/azure-registries";
import { company, inAzure } from "../company";

const { images, subscriptions, location, state } = inAzure();

/** The images of all environments: built once, promoted from one to the next by digest. */
export const registry: FleetRegistry = {
  kind: "fleet",
  name: images.registry,
  resourceGroup: images.resourceGroup,
  subscriptionId: subscriptions.images,
  tenant: company.tenant,
  location,
  state: { kind: "azure-storage", ...state },
};
