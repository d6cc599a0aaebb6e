/** What the repository ships where only its user knows the value: well-formed, so that everything can be rehearsed. */
const placeholders: readonly RegExp[] = [
  /^0{8}-0{4}-0{4}-0{4}-0{12}$/,
  /^sha256:0{64}$/,
  /(?:^|[.@])example\.com$/,
  /^a2a(?:state|fleetimages)?$/,
  /^rg-a2a-(?:registry|state)$/,
  /^a2a-example(?:[-/]|$)/,
  /^0{12}$/,
  // Address ranges that are reserved for documentation (RFC 5737).
  /^203\.0\.113\.\d+(?:\/\d+)?$/,
];

/** The placeholders that a piece of plain data still holds, each once. */
export function findPlaceholders(data: unknown): string[] {
  return [...new Set(stringsIn(data).filter((text) => placeholders.some((pattern) => pattern.test(text))))];
}

function stringsIn(data: unknown): string[] {
  if (typeof data === "string") return [data];
  if (typeof data !== "object" || data === null) return [];
  return Object.values(data).flatMap(stringsIn);
}
