import { type GivenProvider, writeGivenProviders } from "../given-providers";
import { type ProviderProcess, startProviders } from "../provider-process";
import type { Scenario } from "../scenario";
import { RehearsalFailure, systemFailure } from "./failure";
import { blocks, readTerraformFolder } from "./terraform-folder";
import type { WorkFolder } from "./work-folder";

/**
 * Starts the simulated clouds of a work folder. They offer every type until they are told which are in use.
 *
 * @throws RehearsalFailure when they can't start
 */
export async function startClouds(
  workFolder: WorkFolder,
  scenario?: Partial<Scenario>,
  given?: readonly GivenProvider[],
): Promise<ProviderProcess> {
  try {
    if (given !== undefined) writeGivenProviders(workFolder.cloud, given);
    return await startProviders({ folder: workFolder.cloud, scenario });
  } catch (error) {
    throw systemFailure(error) ?? new RehearsalFailure({ what: (error as Error).message });
  }
}

/**
 * The types of resources, data sources and ephemeral resources that these folders use. Offering only those
 * saves time: Terraform reads every provider's whole schema at each command.
 */
export async function findTypes(folders: readonly string[]): Promise<string[]> {
  const types = new Set<string>();
  for (const folder of folders) {
    const files = await readTerraformFolder(folder);
    for (const kind of ["resource", "data", "ephemeral"]) {
      for (const { labels } of blocks(files, kind, 2)) if (labels[0] !== undefined) types.add(labels[0]);
    }
  }
  return [...types].sort();
}

/** `namespace/type` of the providers in a TF_REATTACH_PROVIDERS, whatever registry's host they are under. */
export function servedProviders(reattach: string): Set<string> {
  const addresses = Object.keys(JSON.parse(reattach) as object);
  return new Set(addresses.map((address) => address.split("/").slice(-2).join("/")));
}
