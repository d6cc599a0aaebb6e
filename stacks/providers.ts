import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { AzurermBackend, GcsBackend, LocalBackend } from "cdktf";
import type { Construct } from "constructs";
import type { StateSettings } from "../src/environment/state-settings";

/** The Azure provider of a stack. Who logs in is the provider's own business: CLI, workload identity, managed identity. */
export function azureProvider(
  scope: Construct,
  props: {
    readonly subscriptionId: string;
    readonly tenantId: string;
    /** What the stack needs beyond azurerm's `core` set. */
    readonly resourceProviders: readonly string[];
    readonly deletionProtection: boolean;
  },
): void {
  const { subscriptionId, tenantId, resourceProviders, deletionProtection } = props;
  new AzurermProvider(scope, "azurerm", {
    subscriptionId,
    tenantId,
    storageUseAzuread: true,
    resourceProviderRegistrations: "core",
    resourceProvidersToRegister: [...resourceProviders],
    features: [
      {
        keyVault: [
          {
            // A vault is purge-protected: a fleet that is deployed again gets its own one back.
            purgeSoftDeleteOnDestroy: false,
            purgeSoftDeletedSecretsOnDestroy: false,
            recoverSoftDeletedKeyVaults: true,
            recoverSoftDeletedSecrets: true,
          },
        ],
        // Azure adds resources of its own (Application Insights' alert rule): only production stops at them.
        resourceGroup: [{ preventDeletionIfContainsResources: deletionProtection }],
      },
    ],
  });
}

/** The provider of waits: one for both clouds. */
export function timeProvider(scope: Construct): void {
  new TimeProvider(scope, "time");
}

/** Keeps the state of a stack where its environment says, one file a stack. */
export function keepState(scope: Construct, stack: string, state: StateSettings): void {
  const key = `${stack}.tfstate`;
  switch (state.kind) {
    case "azure-storage":
      new AzurermBackend(scope, {
        resourceGroupName: state.resourceGroup,
        storageAccountName: state.storageAccount,
        containerName: state.container ?? "tfstate",
        key,
        useAzureadAuth: true,
      });
      return;
    case "google-storage":
      new GcsBackend(scope, { bucket: state.bucket, prefix: stack });
      return;
    case "local":
      new LocalBackend(scope, { path: key });
      return;
  }
}
