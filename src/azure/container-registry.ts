import { ContainerRegistry as AzurermContainerRegistry } from "@cdktf/provider-azurerm/lib/container-registry";
import { DataAzurermContainerRegistry } from "@cdktf/provider-azurerm/lib/data-azurerm-container-registry";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Construct } from "constructs";
import type { RoleGrant, SecretReference } from "../parts/agent-dependency";
import type { AzureIdentity } from "./azure-identity";
import type { IResourceGroup } from "./resource-group";

/** A registry that agents on Azure pull from. */
export interface IContainerRegistry {
  /** Host name. */
  readonly server: string;
  /** How an agent pulls, with the grants it needs for it; what it creates, it creates under `scope`. */
  readonly pull: (scope: Construct, identity: AzureIdentity) => RegistryPull;
}

/** How an agent pulls its image. */
export type RegistryPull =
  | { readonly kind: "identity"; readonly grants: readonly RoleGrant[] }
  | {
      readonly kind: "password";
      readonly username: string;
      readonly password: SecretReference;
      readonly grants: readonly RoleGrant[];
    };

export interface ContainerRegistryProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name: letters and digits, 5 to 50. */
  readonly name: string;
  /** Premium has private endpoints and geo-replication. @default "Standard" */
  readonly sku?: "Basic" | "Standard" | "Premium";
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** An Azure Container Registry: no admin user, no anonymous pulls; identities pull by role. */
export class ContainerRegistry extends Construct implements IContainerRegistry {
  /** A registry that exists, by name. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: {
      readonly name: string;
      readonly resourceGroupName: string;
      /** Subscription that it is in, where that is not the provider's. @default - the provider's */
      readonly subscriptionId?: string;
    },
  ): IContainerRegistry {
    const { name, resourceGroupName, subscriptionId } = props;
    const server = `${name}.azurecr.io`;
    if (subscriptionId !== undefined) {
      // A provider looks into its own subscription only; the id needs no look.
      const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`;
      const registryId = `${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
      return { server, pull: pullByIdentity(registryId) };
    }
    const registry = new DataAzurermContainerRegistry(scope, id, { name, resourceGroupName });
    return { server, pull: pullByIdentity(registry.id) };
  }

  readonly server: string;
  readonly pull: IContainerRegistry["pull"];

  constructor(scope: Construct, id: string, props: ContainerRegistryProps) {
    super(scope, id);
    const { resourceGroup, name, sku = "Standard", deletionProtection = true } = props;
    const registry = new AzurermContainerRegistry(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      sku,
      adminEnabled: false,
      anonymousPullEnabled: false,
      tags: { ...resourceGroup.tags },
      lifecycle: { preventDestroy: deletionProtection },
    });
    this.node.defaultChild = registry;
    this.server = `${name}.azurecr.io`;
    this.pull = pullByIdentity(registry.id);
  }
}

function pullByIdentity(registryId: string): IContainerRegistry["pull"] {
  return (scope, identity) => ({
    kind: "identity",
    grants: [
      new RoleAssignment(scope, "image-pull", {
        scope: registryId,
        roleDefinitionName: "AcrPull",
        principalId: identity.principalId,
        principalType: "ServicePrincipal",
      }),
    ],
  });
}
