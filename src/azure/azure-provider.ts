import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import type { Construct } from "constructs";

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
