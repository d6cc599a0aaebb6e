import { readGoUrl } from "./go-url";

const PLACEHOLDER = /\{[^{}]+\}/;

/**
 * Whether a text is an id of a pattern such as `/subscriptions/{subscriptionId}/resourceGroups/{name}`. What the
 * pattern spells out counts to the letter; a placeholder stands for anything without a slash. One slash at the end is
 * none.
 */
export function isResourceId(text: string, pattern: string): boolean {
  if (pattern.startsWith("https://")) return isVaultObjectId(text, pattern);
  if (pattern.includes("{namespace}")) return isAnyResourceId(text);
  return new RegExp(`^${expressionOf(pattern)}/?$`).test(text);
}

function expressionOf(pattern: string): string {
  return pattern
    .split(/(\{[^{}]+\})/)
    .map((part) => (PLACEHOLDER.test(part) ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
}

/** Pairs of words, one of which names the subscription: all that the provider asks of an id of any kind. */
function isAnyResourceId(text: string): boolean {
  const steps = stepsOf(text);
  return (
    steps.length % 2 === 0 &&
    steps.every((step) => step !== "") &&
    steps.some((step, index) => index % 2 === 0 && step === "subscriptions")
  );
}

/** Ids of secrets, keys and certificates are URLs below their vault, in whichever cloud that is. */
function isVaultObjectId(text: string, pattern: string): boolean {
  if (/\.managedhsm\./i.test(text)) return false;
  const wanted = pattern.replace(/^https:\/\/[^/]+\//, "").split("/");
  const given = stepsOf(text);
  return (
    given.length === wanted.length &&
    wanted.every((part, index) => (PLACEHOLDER.test(part) ? given[index] !== "" : part === given[index]))
  );
}

/** The steps of the path of a URL, or of a path. */
function stepsOf(text: string): readonly string[] {
  const path = readGoUrl(text, true)?.path;
  return path?.replace(/^\//, "").replace(/\/$/, "").split("/") ?? [];
}
