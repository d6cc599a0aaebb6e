import { BillingBudget } from "@cdktf/provider-google/lib/billing-budget";
import type { Construct } from "constructs";
import type { BudgetSettings } from "../environment/alert-settings";
import { SPENT_PERCENT } from "../environment/alert-settings";
import type { IGoogleProject } from "./google-project";

/** Tells people how much of a month's budget the project has spent, where the environment names the billing account. */
export function googleBudget(
  scope: Construct,
  id: string,
  props: {
    readonly name: string;
    readonly project: IGoogleProject;
    readonly budget: BudgetSettings | undefined;
    readonly notificationChannels: readonly string[];
  },
): void {
  const { name, project, budget, notificationChannels } = props;
  if (budget?.billingAccount === undefined) return;
  new BillingBudget(scope, id, {
    billingAccount: budget.billingAccount,
    displayName: `A2A agents: ${name}`,
    budgetFilter: { projects: [`projects/${project.number}`], calendarPeriod: "MONTH" },
    amount: { specifiedAmount: { units: String(budget.monthly) } },
    thresholdRules: SPENT_PERCENT.map((percent) => ({ thresholdPercent: percent / 100 })),
    allUpdatesRule:
      notificationChannels.length === 0
        ? undefined
        : {
            monitoringNotificationChannels: notificationChannels.slice(0, 5),
            disableDefaultIamRecipients: false,
          },
  });
}
