import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { Construct } from "constructs";
import type { IResourceGroup } from "./resource-group";

/** Days in which what was deleted or overwritten comes back. */
const KEPT_DAYS = 30;

export interface StateStorageProps {
  readonly resourceGroup: IResourceGroup;
  /** Name of the account: unique in the world. */
  readonly account: string;
  readonly containers: readonly string[];
}

/**
 * Where Terraform's state is kept: copied to a second region, with every version of the last month, reached by identity
 * alone (no account has a key that works), and never destroyed.
 */
export class StateStorage extends Construct {
  /** Ids of the containers, by name: what roles are granted on. */
  readonly containers: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { resourceGroup, account, containers }: StateStorageProps) {
    super(scope, id);
    const storage = new StorageAccount(this, "resource", {
      name: account,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      accountTier: "Standard",
      accountReplicationType: "GRS",
      sharedAccessKeyEnabled: false,
      localUserEnabled: false,
      defaultToOauthAuthentication: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      httpsTrafficOnlyEnabled: true,
      minTlsVersion: "TLS1_2",
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: KEPT_DAYS },
        containerDeleteRetentionPolicy: { days: KEPT_DAYS },
      },
      tags: { ...resourceGroup.tags },
      lifecycle: { preventDestroy: true },
    });
    this.node.defaultChild = storage;
    this.containers = Object.fromEntries(
      containers.map((name) => {
        const container = new StorageContainer(this, name, {
          name,
          // By the account's id it is made through Resource Manager: no right on blobs is needed for it.
          storageAccountId: storage.id,
          containerAccessType: "private",
          lifecycle: { preventDestroy: true },
        });
        return [name, container.id];
      }),
    );
  }
}
