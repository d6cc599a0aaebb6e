import type { Behaviour } from "../behaviour";
import { type ObjectValue, textAt, type Value } from "../value";

/** The rehearsal's time stands still, so that two runs print the same. */
const NOW = new Date("2026-11-01T00:00:00Z");

function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function parts(date: Date): Record<string, Value> {
  return {
    rfc3339: rfc3339(date),
    unix: date.getTime() / 1000,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

function shifted(from: Date, attributes: ObjectValue, prefix: string): Date {
  const amount = (unit: string) => Number(attributes[`${prefix}_${unit}`] ?? 0);
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + amount("years"));
  date.setUTCMonth(date.getUTCMonth() + amount("months"));
  const seconds =
    amount("days") * 86_400 + amount("hours") * 3600 + amount("minutes") * 60 + amount("seconds");
  return new Date(date.getTime() + seconds * 1000);
}

/** Points in time of the time provider. Nothing rotates within a rehearsal. */
export const fixedClock: Behaviour = {
  types: ["time_static", "time_offset", "time_rotating", "time_sleep"],
  computed({ type, attributes }) {
    const given = textAt(attributes, "rfc3339") ?? textAt(attributes, "base_rfc3339");
    const start = given === undefined ? NOW : new Date(given);
    const moment = type === "time_offset" ? shifted(start, attributes, "offset") : start;
    return {
      id: rfc3339(start),
      ...parts(moment),
      base_rfc3339: rfc3339(start),
      rotation_rfc3339: rfc3339(shifted(start, attributes, "rotation")),
    };
  },
};
