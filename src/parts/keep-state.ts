import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { AzurermBackend, GcsBackend, LocalBackend } from "cdktf";
import type { Construct } from "constructs";
import { isSharedState, STATE_CONTAINER, type StateSettings } from "../environment/state-settings";

/** The provider of waits: one for both clouds. */
export function timeProvider(scope: Construct): void {
  new TimeProvider(scope, "time");
}

/** Keeps the state of a stack where its environment says, one file a stack. */
export function keepState(scope: Construct, stack: string, state: StateSettings): void {
  const key = `${stack}.tfstate`;
  if (!isSharedState(state)) {
    new LocalBackend(scope, { path: key });
    return;
  }
  switch (state.kind) {
    case "azure-storage":
      new AzurermBackend(scope, {
        resourceGroupName: state.resourceGroup,
        storageAccountName: state.storageAccount,
        containerName: state.container ?? STATE_CONTAINER,
        key,
        useAzureadAuth: true,
      });
      return;
    case "google-storage":
      new GcsBackend(scope, { bucket: state.bucket, prefix: stack });
      return;
  }
}
