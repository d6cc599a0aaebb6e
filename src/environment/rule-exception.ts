import { z } from "zod";
import { text } from "../shapes";

/** A rule that an environment breaks for a while, knowingly. */
export interface RuleException {
  /** Why, for whoever reads it later. */
  readonly reason: string;
  /** Last day on which it holds (`2027-03-31`). */
  readonly until: string;
  /** Who answers for it, and is asked before it ends. @default - nobody is named, which the checklist says */
  readonly owner?: string;
  /** Agents that it is for, by name. @default - all that the rule is about */
  readonly agents?: readonly string[];
}

/**
 * Exceptions, by the id of the rule. An id with a slash is an item of a checklist (`agent/https`, `checkov/CKV_AZURE_41`),
 * which holds no build up: the checklist judges it.
 */
export type RuleExceptions = Readonly<Record<string, RuleException>>;

export const exceptionsSchema = z.record(
  z.string(),
  z.strictObject({
    reason: text,
    until: z.iso.date(),
    owner: text.optional(),
    agents: z.array(text).min(1).optional(),
  }),
) satisfies z.ZodType<RuleExceptions>;
