import { z } from "zod";
import { secureUrl, whole } from "../shapes";
import { nameOf } from "../vendor-limits";

/** Who is told when something is wrong. A URL with a key in it is no setting: it would be in the state. */
export interface AlertSettings {
  /** Addresses that get every alert. @default [] */
  readonly email?: readonly string[];
  /**
   * Action group on Azure that exists, for whatever else is to be called: a pager, a chat, a webhook with its key.
   *
   * @default - none but the environment's own
   */
  readonly actionGroup?: { readonly name: string; readonly resourceGroup: string };
  /**
   * Notification channels on Google that exist: `projects/<project>/notificationChannels/<number>`.
   *
   * @default []
   */
  readonly notificationChannels?: readonly string[];
  /**
   * Where people read the runbook: every alert links into it.
   *
   * @default "docs/runbook.md"
   */
  readonly runbookUrl?: string;
}

/** What an environment may cost. */
export interface BudgetSettings {
  /** Amount a month, in the currency of the subscription or billing account. */
  readonly monthly: number;
  /**
   * Google's billing account, as `XXXXXX-XXXXXX-XXXXXX`: whoever deploys may make budgets in it.
   *
   * @default - none: no budget on Google
   */
  readonly billingAccount?: string;
}

/** Shares of a month's budget at which people are told that they are spent. */
export const SPENT_PERCENT = [50, 80, 100] as const;

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftinsights */
const actionGroupName = z
  .string()
  .regex(
    /^[^:<>+/&%\\?|\p{Cc}]{0,259}[^:<>+/&%\\?|\p{Cc}. ]$/u,
    "is no name of an action group; use at most 260 characters, none of : < > + / & % \\ ? |, and no blank or '.' at the end",
  );

const email = z
  .string()
  .regex(
    /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+$/,
    "is no e-mail address; write one such as on-call@example.com",
  );

export const alertsSchema = z.strictObject({
  email: z.array(email).optional(),
  actionGroup: z.strictObject({ name: actionGroupName, resourceGroup: nameOf("resource group") }).optional(),
  notificationChannels: z
    .array(
      z
        .string()
        .regex(
          /^projects\/[^/\s]+\/notificationChannels\/\d+$/,
          "is no notification channel; write projects/<project>/notificationChannels/<number>",
        ),
    )
    .optional(),
  runbookUrl: secureUrl.optional(),
}) satisfies z.ZodType<AlertSettings>;

export const budgetSchema = z.strictObject({
  monthly: whole.positive(),
  billingAccount: z
    .string()
    .regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, "is no billing account; write it as 0X0X0X-0X0X0X-0X0X0X")
    .optional(),
}) satisfies z.ZodType<BudgetSettings>;

/**
 * Whether an environment has alerts: those of a development environment wake nobody, and so there are none unless it says
 * whom.
 */
export function hasAlerts({
  stage,
  alerts,
}: {
  readonly stage: string;
  readonly alerts?: AlertSettings;
}): boolean {
  return stage !== "development" || alerts !== undefined;
}
