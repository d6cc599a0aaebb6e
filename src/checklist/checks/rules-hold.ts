import type { Check } from "../checklist-item";

/** What the fleet's own rules say, by their ids: `<kind>:*` stands for all of a kind (`platform-limit:*`). */
export function rulesHold(...ids: readonly string[]): Check {
  const isMeant = (rule: string) =>
    ids.some((id) => (id.endsWith("*") ? rule.startsWith(id.slice(0, -1)) : rule === id));
  return ({ problems, warnings }) => [
    ...problems
      .filter(({ rule }) => isMeant(rule))
      .map(({ rule, message }) => ({ level: "error" as const, message: `${message} [${rule}]` })),
    ...warnings
      .filter(({ rule }) => isMeant(rule))
      .map(({ rule, message, excused }) => ({
        level: "warning" as const,
        message: `${message} [${rule}]`,
        ...(excused === undefined ? {} : { excused }),
      })),
  ];
}
