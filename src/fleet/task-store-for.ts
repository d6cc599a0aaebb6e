import type { Environment, PlatformKind } from "../environment/environment";
import type { TaskStoreSettings } from "../environment/task-store-settings";

/** The task store of the agents on one platform: on Cloud Run it may be another than the environment's. */
export function taskStoreFor(environment: Environment, platform: PlatformKind): TaskStoreSettings {
  return (platform === "cloud-run" ? environment.cloudRun?.taskStore : undefined) ?? environment.taskStore;
}
