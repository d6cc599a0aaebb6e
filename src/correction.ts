import { closest, distance } from "fastest-levenshtein";

/**
 * What to do about a name that nothing has: `correct the name to 'orders'` where one that exists is close to it,
 * otherwise `correct the name`. Close is a third of the letters, so that short names aren't taken for each other.
 */
export function correctTheName(given: string, names: readonly string[]): string {
  // The same name, known in another place, is no correction of it.
  const others = names.filter((name) => name !== given);
  const nearest = others.length === 0 ? undefined : closest(given, others);
  if (nearest === undefined) return "correct the name";
  const near = distance(given, nearest) <= Math.max(1, Math.floor(nearest.length / 3));
  return near ? `correct the name to '${nearest}'` : "correct the name";
}
