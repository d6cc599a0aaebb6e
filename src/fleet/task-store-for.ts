import { platformTraits } from "../choices/platforms";
import type { Environment, PlatformKind, TaskStoreSettings } from "../environment/environment";

/** The task store of the agents on one platform: some may have another than the environment's. */
export function taskStoreFor(environment: Environment, platform: PlatformKind): TaskStoreSettings {
  return platformTraits(platform).taskStore?.(environment) ?? environment.taskStore;
}
