import { z } from "zod";
import { text } from "../shapes";

/** A rule that an environment breaks on purpose, until a day. */
export interface Acknowledgement {
  /** Id of the rule, as it stands in brackets behind a refusal: `pinned-images`. */
  readonly rule: string;
  /** Agent that breaks it, by the name that the refusal has. @default - any, and the environment itself */
  readonly agent?: string;
  /** Why it is right here, for whoever reads it next. */
  readonly reason: string;
  /** Last day on which it holds (`2026-12-31`): it has to be decided again then. */
  readonly until: string;
}

export const acknowledgementsSchema = z.array(
  z.strictObject({ rule: text, agent: text.optional(), reason: text, until: z.iso.date() }),
) satisfies z.ZodType<readonly Acknowledgement[]>;
