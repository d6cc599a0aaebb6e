import type { FleetRegistry } from "a2a-fleet";
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
  state: { kind: "azure-storage", resourceGroup: state.resourceGroup, storageAccount: state.storageAccount },
};
