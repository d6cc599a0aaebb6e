import type { Environment } from "../src/environment/environment";

/** What builds the shared infrastructure of each cloud that an environment uses. */
export interface Clouds {
  readonly AzureFoundations?: typeof import("./azure-foundations").AzureFoundations;
  readonly GoogleFoundations?: typeof import("./google-foundations").GoogleFoundations;
  readonly GoogleRegistryStack?: typeof import("./google-registry-stack").GoogleRegistryStack;
}

/** Loads what the environments use, and no bindings of a cloud that none of them has. */
export async function loadClouds(environments: readonly Environment[]): Promise<Clouds> {
  const azure = environments.some((environment) => environment.azure !== undefined);
  const google = environments.some((environment) => environment.google !== undefined);
  return {
    ...(azure ? { AzureFoundations: (await import("./azure-foundations")).AzureFoundations } : {}),
    ...(google
      ? {
          GoogleFoundations: (await import("./google-foundations")).GoogleFoundations,
          GoogleRegistryStack: (await import("./google-registry-stack")).GoogleRegistryStack,
        }
      : {}),
  };
}
