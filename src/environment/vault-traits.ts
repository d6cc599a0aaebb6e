import type { ChoiceTraits, Kinded } from "./choice-traits";
import type { Place } from "./cloud-traits";

/** What the core has to know of a kind of vault. */
export interface VaultTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** For messages: `Secret Manager`. */
  readonly title: string;
  readonly place: Place;
  /** Names of the secrets that it has, where it is somebody else's; null where the fleet makes what agents name. */
  holds(settings: Settings): readonly string[] | null;
}
