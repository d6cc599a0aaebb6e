import type { Environment } from "../environment/environment";

/** Name of the stack with the images of all environments on Azure. */
export const REGISTRY_STACK = "registry";

/** Name of the stack with the images of all environments on Google. */
export const GOOGLE_REGISTRY_STACK = "google-registry";

/** The stacks with the images that an environment pulls: deployed once, before it. */
export function registryStacksOf({ registry, google }: Environment): string[] {
  const kinds = [registry.kind, google?.images?.kind];
  return [
    ...(kinds.includes("fleet") ? [REGISTRY_STACK] : []),
    ...(kinds.includes("google-fleet") ? [GOOGLE_REGISTRY_STACK] : []),
  ];
}
