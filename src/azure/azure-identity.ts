import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { Construct } from "constructs";
import type { IResourceGroup } from "./resource-group";

/** A user-assigned managed identity: what Azure's dependencies grant roles to. */
export interface AzureIdentity {
  /** Resource id. */
  readonly id: string;
  /** What an application asks for a token with (`AZURE_CLIENT_ID`). */
  readonly clientId: string;
  /** What roles are assigned to. */
  readonly principalId: string;
  readonly name: string;
}

/** Makes an identity, before whatever runs as it: a system-assigned one could neither pull nor read at the first deploy. */
export function createAzureIdentity(
  scope: Construct,
  id: string,
  { resourceGroup, name }: { readonly resourceGroup: IResourceGroup; readonly name: string },
): AzureIdentity {
  const identity = new UserAssignedIdentity(scope, id, {
    name,
    resourceGroupName: resourceGroup.name,
    location: resourceGroup.location,
    tags: { ...resourceGroup.tags },
  });
  return { id: identity.id, clientId: identity.clientId, principalId: identity.principalId, name };
}
