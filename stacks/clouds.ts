import type { Environment } from "../src/environment/environment";

/** What builds the shared infrastructure of each cloud that an environment uses. */
export interface Clouds {
  readonly AzureFoundations?: typeof import("./azure-foundations").AzureFoundations;
}

/** Loads what the environments use, and no bindings of a cloud that none of them has. */
export async function loadClouds(environments: readonly Environment[]): Promise<Clouds> {
  const azure = environments.some((environment) => environment.azure !== undefined);
  return azure ? { AzureFoundations: (await import("./azure-foundations")).AzureFoundations } : {};
}
