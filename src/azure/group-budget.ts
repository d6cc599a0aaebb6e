import { ConsumptionBudgetResourceGroup } from "@cdktf/provider-azurerm/lib/consumption-budget-resource-group";
import { StaticResource } from "@cdktf/provider-time/lib/static-resource";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { SPENT_PERCENT } from "../environment/alert-settings";
import type { Environment } from "../environment/environment";
import { actionGroupIds } from "./facts/action-groups";
import { physicalNames } from "./facts/azure-names";
import type { IResourceGroup } from "./resource-group";

/** Tells people how much of a month's budget the environment's resource group has spent. */
export function groupBudget(
  scope: Construct,
  id: string,
  props: { readonly environment: Environment; readonly resourceGroup: IResourceGroup },
): void {
  const { environment, resourceGroup } = props;
  if (environment.budget === undefined) return;
  const at = new Construct(scope, id);
  // A budget begins on the first of a month that is not over.
  const began = new StaticResource(at, "began", {});
  const emails = environment.alerts?.email ?? [];
  const groups = environment.alerts?.actionGroup === undefined ? [] : actionGroupIds(environment).slice(-1);
  const told = { contactEmails: [...emails], contactGroups: groups };
  const toldAnyway = emails.length + groups.length === 0 ? { contactRoles: ["Owner"] } : told;
  at.node.defaultChild = new ConsumptionBudgetResourceGroup(at, "resource", {
    name: physicalNames(environment).budget,
    resourceGroupId: resourceGroup.id,
    amount: environment.budget.monthly,
    timeGrain: "Monthly",
    timePeriod: { startDate: Fn.formatdate("YYYY-MM-01'T'00:00:00'Z'", began.rfc3339) },
    notification: SPENT_PERCENT.map((threshold) => ({
      operator: "GreaterThanOrEqualTo",
      threshold,
      thresholdType: "Actual",
      ...toldAnyway,
    })),
  });
}
