import { distinct } from "../fleet/registries-of";
import { type CloudHalf, loaded } from "../parts/cloud-half";
import { isGoogleFleetRegistry } from "./facts/artifact-registries";
import { runsOnGoogle } from "./facts/google-facts";

/** What builds the Google half of environments, as far as they use it. */
export interface GoogleParts {
  readonly GoogleFoundations?: typeof import("./google-foundations").GoogleFoundations;
  readonly GoogleRegistryStack?: typeof import("./google-registry-stack").GoogleRegistryStack;
}

/** The Google half of environments, and the fleet's own registry there. */
export const googleHalf: CloudHalf<GoogleParts> = {
  load: async (environments) =>
    environments.some(({ google }) => google !== undefined)
      ? {
          GoogleFoundations: (await import("./google-foundations")).GoogleFoundations,
          GoogleRegistryStack: (await import("./google-registry-stack")).GoogleRegistryStack,
        }
      : {},
  create: (scope, parts, { environment, workloads, guard, identityProvider }) => {
    const onGoogle = workloads.filter(runsOnGoogle);
    if (environment.google === undefined || onGoogle.length === 0) return undefined;
    const Foundations = loaded(parts, "GoogleFoundations", environment.name);
    return new Foundations(scope, "google", { environment, workloads: onGoogle, guard, identityProvider });
  },
  createRegistries: (scope, { GoogleRegistryStack: Stack }, registries) => {
    if (Stack === undefined) return;
    for (const registry of distinct(registries.filter(isGoogleFleetRegistry))) new Stack(scope, registry);
  },
};
