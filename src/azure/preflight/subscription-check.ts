import { type Check, Unanswered } from "../../preflight/check";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";

/** Whether somebody is logged in who sees the subscription, and who is known to the environment. */
export function subscriptionCheck(
  { azure, environment, subscription }: AzureFacts,
  client: AzureClient,
): Check {
  return {
    name: "login and subscription",
    run: async () => {
      const { status } = await client.manage(subscription, "2022-12-01");
      if (status >= 500) throw new Unanswered(`Resource Manager answers ${status}`);
      if (status !== 200) {
        return [
          {
            what: `subscription ${azure.subscriptionId} is not visible to whoever is logged in (${status})`,
            remedy: `az login --tenant ${environment.tenant}, or correct azure.subscriptionId`,
            weight: "missing",
          },
        ];
      }
      const me = await client.whoAmI();
      if (me === null || azure.deployerObjectIds.includes(me)) return [];
      return [
        {
          what: `you (object id ${me}) are not among azure.deployerObjectIds, who may write the vault's secrets`,
          remedy: "add it there, unless one of them is a group that you are in",
          weight: "doubtful",
        },
      ];
    },
  };
}
