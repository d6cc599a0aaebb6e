import type { Check } from "../../preflight/check";
import { deployerRoles, deploymentPlace } from "../facts/deployer-roles";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";
import { missingActions, permissionsAt } from "./permissions";

/** Whether whoever is logged in may do what a deploy does: make resources, and grant roles to them. */
export function rightsCheck(facts: AzureFacts, client: AzureClient): Check {
  const { azure, subscription, environment } = facts;
  const places = {
    place: deploymentPlace(azure),
    subscription: { id: subscription, title: `subscription ${azure.subscriptionId}` },
  };
  return {
    name: "rights",
    run: async () => {
      const findings = await Promise.all(
        deployerRoles.map(async ({ role, at, rights }) => {
          const wanted = rights({ ...environment, azure });
          if (wanted.length === 0) return [];
          const { id, title } = places[at];
          const lacking = missingActions(
            await permissionsAt(client, id),
            wanted.map(({ action }) => action),
          );
          return wanted
            .filter(({ action }) => lacking.includes(action))
            .map(({ action, why }) => ({
              what: `you may not ${why} in ${title} (${action})`,
              remedy: `ask an owner for the role '${role}' on ${title}`,
              weight: "missing" as const,
            }));
        }),
      );
      return findings.flat();
    },
  };
}
