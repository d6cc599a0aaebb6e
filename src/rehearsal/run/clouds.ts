import { type GivenProvider, writeGivenProviders } from "../given-providers";
import { type ProviderProcess, startProviders } from "../provider-process";
import type { Scenario } from "../scenario";
import { RehearsalFailure, systemFailure } from "./failure";
import { undoUnsaved } from "./state-server";
import { blocks, readTerraformFolder } from "./terraform-folder";
import type { WorkFolder } from "./work-folder";

/**
 * Starts the simulated clouds of a work folder, without what a Terraform did that was killed before it saved its state. They offer every type until they are told which are in use.
 *
 * @throws RehearsalFailure when they can't start
 */
export async function startClouds(
  workFolder: WorkFolder,
  scenario?: Partial<Scenario>,
  given?: readonly GivenProvider[],
): Promise<ProviderProcess> {
  try {
    undoUnsaved(workFolder.cloud);
    if (given !== undefined) writeGivenProviders(workFolder.cloud, given);
    return await startProviders({ folder: workFolder.cloud, scenario });
  } catch (error) {
    throw systemFailure(error) ?? new RehearsalFailure({ what: (error as Error).message });
  }
}

/** Of clouds that have ended, Terraform says no more than that it doesn't find a process. */
export function requireRunning({ pid, isRunning }: ProviderProcess, what: string): void {
  if (isRunning()) return;
  throw new RehearsalFailure({
    what: `${what}: the simulated clouds (process ${pid}) have ended while Terraform was working with them`,
    details: [
      "Something killed them, as a machine does that is short of memory, or they failed and said why above.",
    ],
    advice: "close other programs if memory is short, and run the same command again",
  });
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
