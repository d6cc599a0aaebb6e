import { CloudError } from "../cloud-error";
import type { Diagnostic } from "../diagnostic";
import type { Path } from "../path";
import type { PlannedChange } from "../planning/planned-change";
import type { Sameness } from "../planning/sameness";
import { stepsOf } from "../validation/config-values";
import { problemAt } from "../validation/problem";
import type { ValueCheck } from "../validation/validate-config";
import type { Value } from "../value";
import type { Refusal, ServiceRules, SetKey } from "./service-rules";

/** All checks of single values. */
export function valueChecks(rules: readonly ServiceRules[]): Record<string, ValueCheck> {
  return Object.assign({}, ...rules.map(({ values }) => values));
}

/** All that a type's own code takes for the same. */
export function ownSamenesses(rules: readonly ServiceRules[]): Record<string, Sameness> {
  return Object.assign({}, ...rules.map(({ same }) => same));
}

/** What is wrong with a configuration by itself. */
export function findInvalid(rules: readonly ServiceRules[], change: PlannedChange): Diagnostic[] {
  return findRefusals(rules, ({ invalid }) => invalid, change).map((message) => problemAt([], message));
}

/** What a plan knows of computed attributes, or no longer knows. */
export function settle(rules: readonly ServiceRules[], change: PlannedChange): Record<string, Value> {
  return Object.assign({}, ...rules.map(({ settled }) => settled?.(change)));
}

/** @throws CloudError with all that the provider refuses while it plans */
export function refusePlan(rules: readonly ServiceRules[], change: PlannedChange): void {
  throwTogether(findRefusals(rules, ({ refusals }) => refusals, change));
}

/** @throws CloudError with all that the provider refuses before it asks the cloud for anything */
export function refuseCreation(rules: readonly ServiceRules[], change: PlannedChange): void {
  throwTogether(findRefusals(rules, ({ creationRefusals }) => creationRefusals, change));
}

/** What makes the change a replacement. Only what has changed can; of blocks, their number. */
export function findReplacements(rules: readonly ServiceRules[], change: PlannedChange): Path[] {
  return rules
    .flatMap(({ replacements }) => Object.values(replacements ?? {}))
    .flatMap((replacement) => replacement(change))
    .filter((path) => {
      const [before, after] = [change.before.blocks(path), change.after.blocks(path)];
      return before.length + after.length > 0 ? before.length !== after.length : change.hasChanged(path);
    })
    .map(stepsOf);
}

function findRefusals(
  rules: readonly ServiceRules[],
  choose: (rules: ServiceRules) => Readonly<Record<string, Refusal>> | undefined,
  change: PlannedChange,
): string[] {
  return rules
    .flatMap((each) => Object.values(choose(each) ?? {}))
    .map((refusal) => refusal(change))
    .filter((message) => message !== undefined);
}

function throwTogether(messages: readonly string[]): void {
  if (messages.length > 0) throw new CloudError(messages.join("\n"));
}

/** All that tells elements of sets apart in a way of its own. */
export function ownSetKeys(rules: readonly ServiceRules[]): Record<string, SetKey> {
  return Object.assign({}, ...rules.map(({ setKeys }) => setKeys));
}
