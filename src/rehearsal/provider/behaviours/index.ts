import type { Behaviour } from "../behaviour";
import { fixedClock } from "./fixed-clock";
import { randomValues } from "./random-values";

/**
 * What the clouds do, one file a theme. To add a behaviour: write a file here that exports one, put it on this
 * list, and give it its twin tests in test/rehearsal/provider.
 */
const behaviours: readonly Behaviour[] = [...randomValues, fixedClock];

const byType = new Map<string, readonly Behaviour[]>();
for (const behaviour of behaviours) {
  for (const type of behaviour.types) byType.set(type, [...(byType.get(type) ?? []), behaviour]);
}

/** The behaviours of a type, in the order of the list. */
export function behavioursOf(type: string): readonly Behaviour[] {
  return byType.get(type) ?? [];
}
