import type { Field } from "./field";

/** An object that is being created or changed, as the rules of its kind see it. */
export interface Judged {
  readonly object: Field;
  /** As it is in the cluster; undefined when it is being created. */
  readonly prior: Field | undefined;
}

/** What the API server refuses about objects of some kinds, beyond the types of their fields. */
export interface KindRules {
  /** `apps/v1/Deployment`, `v1/Service`. */
  readonly kinds: readonly string[];
  readonly judge: (judged: Judged) => void;
}
