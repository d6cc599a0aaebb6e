import type { ChoiceTraits, Kinded, NamedSecret } from "./choice-traits";
import type { Place } from "./cloud-traits";

/** What the core has to know of a kind of task store. */
export interface TaskStoreTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** For messages: `Azure Managed Redis`. */
  readonly title: string;
  readonly place: Place;
  /** Whether all replicas of an agent see the same tasks. */
  readonly shared: boolean;
  /**
   * What keeps the agents that share it apart: a login of its own for each, or the names of keys alone, which an agent that
   * is taken over need not respect.
   */
  readonly apart: "login" | "names";
  /**
   * Secrets that people fill in before it can be used.
   *
   * @param agents names of those that use it
   */
  secrets(settings: Settings, agents: readonly string[]): readonly NamedSecret[];
}
