import { azureRegistry, fleetRegistry } from "../azure/facts/azure-registries";
import { type SettingsOf, traitsIn } from "../environment/choice-traits";
import { otherRegistry } from "../environment/other-registry";
import type { RegistryTraits } from "../environment/registry-traits";
import { googleFleetRegistry, googleRegistry } from "../google/facts/artifact-registries";
import { localImages } from "../local/facts/local-parts";

/** Every kind of registry: one line each. */
export const registries = [
  fleetRegistry,
  azureRegistry,
  googleFleetRegistry,
  googleRegistry,
  otherRegistry,
  localImages,
] as const;

/** Where the images of the agents come from. */
export type RegistrySettings = SettingsOf<(typeof registries)[number]>;

/** What is known of a registry. */
export function registryTraits({ kind }: RegistrySettings): RegistryTraits<RegistrySettings> {
  return traitsIn<RegistryTraits<RegistrySettings>>(registries, kind);
}
