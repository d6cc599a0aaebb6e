import { isDeepStrictEqual } from "node:util";
import { clouds } from "../choices/clouds";
import { registries, registryTraits } from "../choices/registries";
import type { Environment, RegistrySettings } from "../environment/environment";

/** The registries that agents of an environment pull from: its own, and those of its clouds. */
export function registriesOf(environment: Environment): RegistrySettings[] {
  return [environment.registry, ...clouds.flatMap((cloud) => cloud.registries(environment))];
}

/** Stacks with images of a fleet's own, whatever environment pulls them. */
export const registryStacks: readonly string[] = registries.flatMap(({ stack }) => stack ?? []);

/** The stacks with the images that an environment pulls: deployed once, before it. */
export function registryStacksOf(environment: Environment): string[] {
  const pulled = registriesOf(environment).map((settings) => registryTraits(settings).stack);
  return registryStacks.filter((stack) => pulled.includes(stack));
}

/** Registries that are the same in every setting are one, whether an environment shares the object or copies it. */
export function distinct<Settings extends RegistrySettings>(settings: readonly Settings[]): Settings[] {
  return settings.filter(
    (each, index) => settings.findIndex((other) => isDeepStrictEqual(other, each)) === index,
  );
}
