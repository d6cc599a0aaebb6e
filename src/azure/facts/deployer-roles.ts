import type { Environment } from "../../environment/environment";
import type { AzureSettings } from "./azure-settings";

/** A built-in role of Azure that whoever deploys needs, and the rights in it that a deploy fails without. */
export interface DeployerRole {
  readonly role: string;
  /** Where: in what holds the environment's resources (its subscription, or the group that it is given), or above it. */
  readonly at: "place" | "subscription";
  /** What of it an environment needs; a role without any is not needed. */
  readonly rights: (environment: Environment & { readonly azure: AzureSettings }) => readonly DeployerRight[];
}

export interface DeployerRight {
  readonly action: string;
  /** What for, after "you may not". */
  readonly why: string;
}

/** The role that lets somebody grant others: bounded to the ones of {@link GRANTED_ROLES} where the fleet gives it. */
export const GRANTING_ROLE = "Role Based Access Control Administrator";

/** A vault that is deployed again is recovered, and the provider looks for it among the deleted ones. */
const deletedVaults: DeployerRight = {
  action: "Microsoft.KeyVault/locations/deletedVaults/read",
  why: "read deleted vaults",
};

/** What whoever deploys an environment needs: preflight asks for it, bootstrap grants it. */
export const deployerRoles: readonly DeployerRole[] = [
  {
    role: "Contributor",
    at: "place",
    rights: ({ azure, vault }) => [
      ...(azure.resourceGroup === undefined
        ? [{ action: "Microsoft.Resources/subscriptions/resourceGroups/write", why: "make its group" }]
        : []),
      ...(azure.resourceGroup === undefined && vault.kind === "key-vault" ? [deletedVaults] : []),
      {
        action: "Microsoft.ManagedIdentity/userAssignedIdentities/write",
        why: "make the agents' identities",
      },
    ],
  },
  {
    role: GRANTING_ROLE,
    at: "place",
    rights: () => [
      {
        action: "Microsoft.Authorization/roleAssignments/write",
        why: "let agents pull images and read their secrets",
      },
    ],
  },
  {
    // Of a group's Contributor alone: the subscription's has it.
    role: "Key Vault Reader",
    at: "subscription",
    rights: ({ azure, vault }) =>
      azure.resourceGroup !== undefined && vault.kind === "key-vault" ? [deletedVaults] : [],
  },
];

/** Reads and writes state, on the container that holds it. */
export const STATE_ROLE = "Storage Blob Data Contributor";

/** Reads state alone: who only plans takes no lock. */
export const STATE_READING_ROLE = "Storage Blob Data Reader";

/** In Entra, where the fleet registers its agents and callers there. */
export const DIRECTORY_ROLE = "Application Administrator";

/** The roles that the fleet's own stacks grant: no deployer needs to grant another. */
export const GRANTED_ROLES: readonly string[] = [
  "AcrPull",
  "Azure Kubernetes Service RBAC Cluster Admin",
  "DNS Zone Contributor",
  "Key Vault Certificates Officer",
  "Key Vault Secrets Officer",
  "Key Vault Secrets User",
  "Managed Identity Operator",
  "Monitoring Data Reader",
  "Network Contributor",
];

/** What holds the resources of an environment: its subscription, or the group that it is given. */
export function deploymentPlace(azure: AzureSettings): { readonly id: string; readonly title: string } {
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  const group = azure.resourceGroup?.existing;
  return group === undefined
    ? { id: subscription, title: `subscription ${azure.subscriptionId}` }
    : { id: `${subscription}/resourceGroups/${group}`, title: `resource group ${group}` };
}
