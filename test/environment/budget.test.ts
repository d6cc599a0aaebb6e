import { expect, test } from "vitest";
import { helper, onGoogle } from "../support/fleet-on-google";
import { definitions, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

test("people are told on both clouds when a half, 80 % and all of a month's budget are spent", () => {
  const azure = synthEnvironment({ ...environment, budget: { monthly: 500 } }, definitions);
  const [ofGroup] = azure.resources("azurerm_consumption_budget_resource_group");
  expect(ofGroup?.arguments).toMatchObject({ amount: 500, time_grain: "Monthly" });
  expect(
    ofGroup?.arguments.notification.map(({ threshold, operator }: Record<string, unknown>) => [
      operator,
      threshold,
    ]),
  ).toEqual([50, 80, 100].map((percent) => ["GreaterThanOrEqualTo", percent]));

  const budget = { monthly: 500, billingAccount: "0A0A0A-0B0B0B-0C0C0C" };
  const google = synthEnvironment({ ...onGoogle, budget }, [helper]);
  const [ofAccount] = google.resources("google_billing_budget");
  expect(ofAccount?.arguments.amount.specified_amount.units).toBe("500");
  expect(ofAccount?.arguments.threshold_rules).toEqual(
    [0.5, 0.8, 1].map((share) => ({ threshold_percent: share })),
  );
});
