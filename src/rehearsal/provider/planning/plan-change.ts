import type { Path } from "../path";
import type { TypeSchema } from "../schema/schema";
import type { ObjectValue, Value } from "../value";
import { ChangePlanner } from "./change-planner";
import type { Sameness } from "./sameness";

/** What a provider answers to a proposed change. */
export interface Plan {
  readonly planned: ObjectValue;
  readonly requiresReplace: readonly Path[];
}

export interface PlanOptions {
  /**
   * Whether the provider is built on Terraform's SDK 2, to which nothing and a zero value are mostly the same.
   *
   * @default false
   */
  readonly isLegacy?: boolean;
  /** Values of arguments that are known while planning, by dotted path, beside those of the rules. */
  readonly defaults?: Readonly<Record<string, Value>>;
  /** Whether two values of an argument mean the same to the provider, by dotted path. */
  readonly same?: Readonly<Record<string, Sameness>>;
  /** What tells the elements of a set apart, by dotted path, where it isn't all that can be said about them. */
  readonly setKeys?: Readonly<Record<string, (element: ObjectValue) => string>>;
}

/**
 * What a provider answers to a proposed change: arguments as proposed, defaults where there are none; what the
 * cloud decides stays as it was, or is unknown when the thing (or the block) is new.
 */
export function planChange(
  schema: TypeSchema,
  prior: ObjectValue | null,
  proposed: ObjectValue,
  options: PlanOptions = {},
): Plan {
  const planner = new ChangePlanner(schema.rules ?? {}, { prior, proposed }, options);
  const planned = planner.planBlock(schema.block, prior ?? undefined, proposed);
  if (!prior) return { planned, requiresReplace: [] };
  if (!planner.hasChanges) return { planned: prior, requiresReplace: [] };
  return { planned, requiresReplace: planner.replacements };
}
