import { z } from "zod";

/** Settings that a `kind` tells apart. */
export interface Kinded {
  readonly kind: string;
}

/** What is known of one kind of something that environments choose: its name, and what its settings look like. */
export interface ChoiceTraits<Settings extends Kinded> {
  readonly kind: Settings["kind"];
  readonly schema: z.ZodType<Settings>;
}

/** The settings of all kinds in a list. */
export type SettingsOf<Traits> = Traits extends ChoiceTraits<infer Settings> ? Settings : never;

/** A secret that a setting names. */
export interface NamedSecret {
  /** The setting: `urlSecret`. */
  readonly property: string;
  readonly name: string;
}

/** Settings of any kind in a list, told apart by `kind`. */
export function oneOf<Traits extends ChoiceTraits<Kinded>>(
  list: readonly Traits[],
): z.ZodType<SettingsOf<Traits>> {
  // Each is an object with a literal `kind`, which is more than the type of a schema says.
  const schemas = list.map(({ schema }) => schema) as unknown as [z.ZodObject, ...z.ZodObject[]];
  return z.discriminatedUnion("kind", schemas) as unknown as z.ZodType<SettingsOf<Traits>>;
}

/**
 * What a list knows of one kind.
 *
 * @throws Error when the list has no such kind: settings whose shape was checked name none.
 */
export function traitsIn<Traits extends Kinded>(list: readonly Traits[], kind: string): Traits {
  const found = list.find((traits) => traits.kind === kind);
  if (found !== undefined) return found;
  throw new Error(`there is no '${kind}' among ${list.map((traits) => traits.kind).join(", ")}`);
}
