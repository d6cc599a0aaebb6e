import { z } from "zod";
import type { RegistrySettings } from "../../environment/environment";
import type { RegistryTraits } from "../../environment/registry-traits";
import { type StateSettings, stateSchema } from "../../environment/state-settings";
import { uuid } from "../../shapes";
import { nameOf } from "../../vendor-limits";
import { azureCloud } from "./azure-cloud";
import { azureRegion } from "./azure-shapes";

/** The fleet's own Azure registry: the `registry` stack, deployed once, before all environments. */
export interface FleetRegistry {
  readonly kind: "fleet";
  /** Global name: letters and digits, 5 to 50. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly tenant: string;
  /** Where the state of the `registry` stack is kept. */
  readonly state: StateSettings;
}

/** An Azure Container Registry that exists; agents pull by managed identity. */
export interface AzureRegistry {
  readonly kind: "azure";
  readonly name: string;
  readonly resourceGroup: string;
  /** Subscription that it is in. @default - the environment's */
  readonly subscriptionId?: string;
}

/** Name of the stack with the images of all environments. */
export const REGISTRY_STACK = "registry";

export const fleetRegistry: RegistryTraits<FleetRegistry> = {
  kind: "fleet",
  title: "Azure Container Registry",
  place: azureCloud,
  needs: null,
  stack: REGISTRY_STACK,
  schema: z.strictObject({
    kind: z.literal("fleet"),
    name: nameOf("Azure Container Registry"),
    resourceGroup: nameOf("resource group"),
    subscriptionId: uuid,
    location: azureRegion,
    tenant: uuid,
    state: stateSchema,
  }),
  server,
  secrets: () => [],
};

export const azureRegistry: RegistryTraits<AzureRegistry> = {
  kind: "azure",
  title: "Azure Container Registry",
  place: azureCloud,
  needs: null,
  stack: null,
  schema: z.strictObject({
    kind: z.literal("azure"),
    name: nameOf("Azure Container Registry"),
    resourceGroup: nameOf("resource group"),
    subscriptionId: uuid.optional(),
  }),
  server,
  secrets: () => [],
};

function server({ name }: { readonly name: string }): string {
  return `${name}.azurecr.io`;
}

/** Whether a registry is the fleet's own on Azure. */
export function isFleetRegistry(settings: RegistrySettings): settings is FleetRegistry {
  return settings.kind === "fleet";
}
