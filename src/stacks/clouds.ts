import { type AzureParts, azureHalf } from "../azure/azure-half";
import type { Environment } from "../environment/environment";
import { type GoogleParts, googleHalf } from "../google/google-half";
import type { CloudHalf } from "../parts/cloud-half";

/** What builds the shared infrastructure of the environments, as far as they use it. */
export interface Clouds extends AzureParts, GoogleParts {}

/** Every cloud's half of a fleet, in the order in which they are made: one line each. */
export const cloudHalves: readonly CloudHalf<Clouds>[] = [azureHalf, googleHalf];

/** Loads what the environments use, and no bindings of anything that none of them has. */
export async function loadClouds(environments: readonly Environment[]): Promise<Clouds> {
  let clouds: Clouds = {};
  for (const { load } of cloudHalves) clouds = { ...clouds, ...(await load(environments)) };
  return clouds;
}
