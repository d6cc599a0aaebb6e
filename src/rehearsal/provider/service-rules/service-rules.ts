import type { PlannedChange } from "../planning/planned-change";
import type { Sameness } from "../planning/sameness";
import type { ValueCheck } from "../validation/validate-config";
import type { ObjectValue, Value } from "../value";

/** Says what is wrong with a change, in the provider's words; undefined when nothing is. */
export type Refusal = (change: PlannedChange) => string | undefined;

/** The arguments (dotted, with indexes) whose change makes the provider replace the thing this time. */
export type Replacement = (change: PlannedChange) => readonly string[];

/** What tells an element of a set apart from the others. */
export type SetKey = (element: ObjectValue) => string;

/**
 * What a provider decides in code about some types, beyond their schema and the rules of their arguments. All of
 * what it decides: a type that is named here counts as one whose plan can be trusted.
 */
export interface ServiceRules {
  /** Types it applies to; a star at the end stands for anything: `azurerm_*`, which says nothing of being complete. */
  readonly types: readonly string[];
  /** Checks of single values, by path without indexes. */
  readonly values?: Readonly<Record<string, ValueCheck>>;
  /** What is refused while validating, by what it is that is refused. */
  readonly invalid?: Readonly<Record<string, Refusal>>;
  /** Values that mean the same, by path without indexes, where it isn't in one of the ways that types share. */
  readonly same?: Readonly<Record<string, Sameness>>;
  /** Sets, by path without indexes, whose elements are told apart by less than all that can be said about them. */
  readonly setKeys?: Readonly<Record<string, SetKey>>;
  /** Computed attributes that a plan already knows, or that a change makes unknown. */
  readonly settled?: (change: PlannedChange) => Readonly<Record<string, Value>>;
  /** What is refused while planning, by what it is that is refused. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
  /** What is refused when it is about to be created, before anything is asked of the cloud. */
  readonly creationRefusals?: Readonly<Record<string, Refusal>>;
  /** What makes a change a replacement, by the reason. */
  readonly replacements?: Readonly<Record<string, Replacement>>;
}
