import type { TextRule } from "../schema/schema";
import type { Value } from "../value";

/** The length of a text and the characters that it may have. */
export function checkText(value: Value, name: string, rule: TextRule): string | undefined {
  if (typeof value !== "string") return undefined;
  // Whether a text may be empty is a rule of its own.
  if (value === "") return undefined;
  const { minLength = 0, maxLength, characters, first, last, doubleHyphen = true } = rule;
  if (value.length < minLength || (maxLength !== undefined && value.length > maxLength)) {
    const range = maxLength === undefined ? `at least ${minLength}` : `between ${minLength} and ${maxLength}`;
    return `expected length of ${name} to be ${range} characters, got ${value.length} in "${value}"`;
  }
  const isOf = (classes: string, text: string) => characterClass(classes).test(text);
  if (characters !== undefined && !isOf(characters, value)) {
    return `"${name}" may only contain characters of [${characters}], got "${value}"`;
  }
  if (first !== undefined && !isOf(first, value.slice(0, 1))) {
    return `"${name}" must begin with a character of [${first}], got "${value}"`;
  }
  if (last !== undefined && !isOf(last, value.slice(-1))) {
    return `"${name}" must end with a character of [${last}], got "${value}"`;
  }
  if (!doubleHyphen && value.includes("--")) {
    return `"${name}" may not contain two hyphens in a row, got "${value}"`;
  }
  return undefined;
}

/**
 * In the rules' classes a hyphen stands for itself unless it is between two letters or digits. They were found with ASCII
 * alone: one that has nearly all of its signs leaves some out, and other alphabets aren't among these.
 */
function characterClass(characters: string): RegExp {
  const escaped = characters.replaceAll(/([a-z0-9])-([a-z0-9])|(.)/gis, (_, from, to, single) =>
    from === undefined ? `\\u{${(single as string).codePointAt(0)?.toString(16)}}` : `${from}-${to}`,
  );
  const isOpen = [...'"<>\\^`{|}~'].every((sign) => characters.includes(sign));
  const beyond = characters.includes("A-Z") ? "\\u0080-\\u{10ffff}" : "\\p{Ll}\\p{Lo}";
  return new RegExp(`^[${escaped}${isOpen ? beyond : ""}]+$`, "u");
}
