/**
 * A pattern of a CRD, which is written in Go's syntax: a leading `(?i)` there is a flag here.
 *
 * For Ajv's `code.regExp`.
 */
export function goPattern(pattern: string, flags: string): RegExp {
  const insensitive = pattern.includes("(?i)");
  return new RegExp(pattern.replace("(?i)", ""), insensitive ? `${flags}i` : flags);
}
// Ajv prints it into modules that it writes to disk, which nothing here does.
goPattern.code = "goPattern";
