import type { ChoiceTraits, Kinded, NamedSecret } from "./choice-traits";
import type { CloudTraits, Place } from "./cloud-traits";
import type { Environment } from "./environment";

/** What the core has to know of a kind of registry. */
export interface RegistryTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** For messages: `Artifact Registry`. */
  readonly title: string;
  readonly place: Place;
  /** Cloud that the environment needs a side of, because images have no name without it; null where there is none. */
  readonly needs: CloudTraits | null;
  /** Stack that makes it, deployed once and before all environments; null where it exists. */
  readonly stack: string | null;
  /** Host name that images are pulled from, with the path in front of repositories where it has one. */
  server(settings: Settings, environment: Environment): string;
  /** Where images are pushed to, where the registry itself fetches them from another. @default - `server` */
  pushServer?(settings: Settings): string | undefined;
  /** Secrets that people fill in before images can be pulled. */
  secrets(settings: Settings): readonly NamedSecret[];
}
