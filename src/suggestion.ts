import { closest, distance } from "fastest-levenshtein";

/**
 * ` (did you mean 'orders'?)` where one of the names is close to what was given, otherwise nothing.
 * Close is a third of the letters, so that short names aren't taken for each other.
 */
export function didYouMean(given: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const nearest = closest(given, names);
  const near = distance(given, nearest) <= Math.max(1, Math.floor(nearest.length / 3));
  return near ? ` (did you mean '${nearest}'?)` : "";
}
