import { azureCloud } from "../azure/facts/azure-cloud";
import type { CloudTraits } from "../environment/cloud-traits";
import { googleCloud } from "../google/facts/google-cloud";

/** Every cloud: one line each. */
export const clouds: readonly CloudTraits[] = [azureCloud, googleCloud];
