import type { Verified } from "./check";

/**
 * What the program that asks from inside said, once it has said all: found in lines as a log has them, with a time in
 * front, in any order, more than once. Undefined before that.
 */
export function readInsideResults(lines: Iterable<string>): Verified[] | undefined {
  const results = new Map<number, Verified>();
  let count: number | undefined;
  for (const line of lines) {
    const said = objectIn(line);
    if (said === undefined) continue;
    if (said.verified === "all") count = said.of;
    else results.set(said.at, said.verified);
  }
  if (count === undefined || results.size < count) return undefined;
  return [...results].toSorted(([one], [other]) => one - other).map(([, result]) => result);
}

type Said =
  | { readonly verified: Verified; readonly at: number }
  | { readonly verified: "all"; readonly of: number };

function objectIn(line: string): Said | undefined {
  try {
    const said = JSON.parse(line.slice(line.indexOf("{")));
    return said.verified === undefined ? undefined : said;
  } catch {
    // Not JSON, or its end is still on its way.
    return undefined;
  }
}
