import { closest, distance } from "fastest-levenshtein";

/**
 * What to do about a name that nothing has: `correct the name to 'orders'` where one that exists is close to it,
 * otherwise `correct the name`. Close is a third of the letters, so that short names aren't taken for each other.
 */
export function correctTheName(given: string, names: readonly string[]): string {
  const nearest = names.length === 0 ? undefined : closest(given, names);
  if (nearest === undefined) return "correct the name";
  const near = distance(given, nearest) <= Math.max(1, Math.floor(nearest.length / 3));
  return near ? `correct the name to '${nearest}'` : "correct the name";
}
