import type { Path } from "../path";
import type { TypeSchema } from "../schema/schema";
import type { ObjectValue, Value } from "../value";
import { ChangePlanner } from "./change-planner";
import type { Sameness } from "./sameness";

/** What a provider answers to a proposed change. */
export interface Plan {
  readonly planned: ObjectValue;
  readonly requiresReplace: readonly Path[];
  /**
   * Whether every difference counts, one of nothing and a zero value too.
   *
   * @default false
   */
  readonly isAlwaysNew?: boolean;
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
  /**
   * What was written. To a provider that isn't built on the SDK, a default counts whenever nothing was, whatever
   * stood there before.
   *
   * @default - the proposed change
   */
  readonly config?: ObjectValue;
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
  const wanted = options.isLegacy ? proposed : withDefaults(schema, proposed, options.config ?? proposed);
  const planner = new ChangePlanner(schema.rules ?? {}, { prior, proposed: wanted }, options);
  const planned = planner.planBlock(schema.block, prior ?? undefined, wanted);
  if (!prior) return { planned, requiresReplace: [] };
  const { hasChanges, writesOnly, replacements } = planner;
  // The state never has write-only arguments, so that to the SDK they have always changed.
  if (writesOnly && options.isLegacy) return { planned, requiresReplace: replacements, isAlwaysNew: true };
  return hasChanges ? { planned, requiresReplace: replacements } : { planned: prior, requiresReplace: [] };
}

function withDefaults({ block, rules }: TypeSchema, proposed: ObjectValue, config: ObjectValue): ObjectValue {
  const unsaid = Object.entries(rules?.defaults ?? {}).filter(
    ([name]) => block.attributes?.[name] !== undefined && (config[name] ?? null) === null,
  );
  return { ...proposed, ...(Object.fromEntries(unsaid) as ObjectValue) };
}
