import type { Check } from "../../preflight/check";
import { resourceProvidersOf } from "../facts/resource-providers";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";
import { missingActions, permissionsAt } from "./permissions";

/** Whether the resource providers are registered. A deploy registers them itself, if it may. */
export function resourceProvidersCheck(facts: AzureFacts, client: AzureClient): Check {
  const { environment, subscription, azure } = facts;
  return {
    name: "resource providers",
    run: async () => {
      const states = await Promise.all(
        resourceProvidersOf(environment).map(async (namespace) => {
          const { status, body } = await client.manage(
            `${subscription}/providers/${namespace}`,
            "2021-04-01",
          );
          return { namespace, registered: status === 200 && body.registrationState === "Registered" };
        }),
      );
      const missing = states.filter(({ registered }) => !registered).map(({ namespace }) => namespace);
      if (missing.length === 0) return [];
      const granted = await permissionsAt(client, subscription);
      const actions = missing.map((namespace) => `${namespace}/register/action`);
      if (missingActions(granted, actions).length === 0) return [];
      return missing.map((namespace) => ({
        what: `resource provider ${namespace} is not registered, and you may not register it`,
        remedy: `let an owner run: az provider register --namespace ${namespace} --subscription ${azure.subscriptionId}`,
        weight: "missing" as const,
      }));
    },
  };
}
