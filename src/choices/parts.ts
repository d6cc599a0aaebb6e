import type { Environment } from "../environment/environment";
import type { ChosenParts } from "../environment/platform-traits";
import { registryTraits } from "./registries";
import { taskStoreTraits } from "./task-stores";
import { vaultTraits } from "./vaults";

/** What is known of the parts that an environment chose. */
export function partsOf({ vault, taskStore, registry }: Environment): ChosenParts {
  return {
    vault: vaultTraits(vault),
    taskStore: taskStoreTraits(taskStore),
    registry: registryTraits(registry),
  };
}
