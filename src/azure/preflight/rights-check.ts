import type { Check } from "../../preflight/check";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";
import { missingActions, permissionsAt } from "./permissions";

const makeGroups = {
  action: "Microsoft.Resources/subscriptions/resourceGroups/write",
  why: "make its group",
  role: "Contributor",
};

/** Whether whoever is logged in may do what a deploy does: make resources, and grant roles to them. */
export function rightsCheck(facts: AzureFacts, client: AzureClient): Check {
  const { azure, subscription, resourceGroup, environment } = facts;
  const existing = azure.resourceGroup !== undefined;
  const place = existing ? `${subscription}/resourceGroups/${resourceGroup}` : subscription;
  const where = existing ? `resource group ${resourceGroup}` : `subscription ${azure.subscriptionId}`;
  const wanted = [
    ...(existing ? [] : [makeGroups]),
    {
      action: "Microsoft.ManagedIdentity/userAssignedIdentities/write",
      why: "make the agents' identities",
      role: "Contributor",
    },
    {
      action: "Microsoft.Authorization/roleAssignments/write",
      why: "let agents pull images and read their secrets",
      role: "Role Based Access Control Administrator",
    },
  ];
  return {
    name: "rights",
    run: async () => {
      const granted = await permissionsAt(client, place);
      const lacking = missingActions(
        granted,
        wanted.map(({ action }) => action),
      );
      const findings = wanted
        .filter(({ action }) => lacking.includes(action))
        .map(({ action, why, role }) => ({
          what: `you may not ${why} in ${where} (${action})`,
          remedy: `ask an owner for the role '${role}' on ${where}`,
          weight: "missing" as const,
        }));
      return [...findings, ...(await deletedVaults())];
    },
  };

  /** A vault that is deployed again is recovered, and the provider looks for it among the deleted ones. */
  async function deletedVaults() {
    if (environment.vault.kind !== "key-vault") return [];
    const action = "Microsoft.KeyVault/locations/deletedVaults/read";
    if (missingActions(await permissionsAt(client, subscription), [action]).length === 0) return [];
    return [
      {
        what: `you may not read deleted vaults of subscription ${azure.subscriptionId} (${action})`,
        remedy: "ask an owner for a role with it on the subscription, for example 'Key Vault Reader'",
        weight: "missing" as const,
      },
    ];
  }
}
