/**
 * Schedules as CronJobs take them. Libraries on npm read more than the parser that Kubernetes uses (seconds, `L`,
 * Sunday as 7), so that what they accept says nothing about what the API server does.
 */

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Bounds[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  {
    low: 1,
    high: 12,
    names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { low: 0, high: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const DESCRIPTORS = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/** What is wrong with a schedule; undefined when it is fine. */
export function findScheduleProblem(schedule: string): string | undefined {
  try {
    checkSchedule(schedule);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function checkSchedule(text: string): void {
  if (text === "") throw new Error("empty spec string");
  let schedule = text;
  const [, zone] = /^(?:CRON_)?TZ=(\S*)/.exec(schedule) ?? [];
  if (zone !== undefined) {
    if (zone !== "" && !isTimeZone(zone))
      throw new Error(`provided bad location ${zone}: unknown time zone ${zone}`);
    schedule = schedule.replace(/^\S+/, "").trim();
  }
  if (schedule.startsWith("@")) {
    checkDescriptor(schedule);
    return;
  }
  const fields = schedule.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`);
  }
  fields.forEach((field, index) => {
    const bounds = FIELDS[index];
    if (bounds === undefined) return;
    for (const part of field.split(",").filter((each) => each !== "")) checkPart(part, bounds);
  });
}

function checkDescriptor(descriptor: string): void {
  if (DESCRIPTORS.has(descriptor)) return;
  const [, duration] = /^@every (.*)$/.exec(descriptor) ?? [];
  if (duration === undefined) throw new Error(`unrecognized descriptor: ${descriptor}`);
  if (!isGoDuration(duration)) {
    throw new Error(
      `failed to parse duration ${descriptor}: time: invalid duration ${JSON.stringify(duration)}`,
    );
  }
}

function checkPart(part: string, bounds: Bounds): void {
  const [range = "", step, ...moreSteps] = part.split("/");
  const [first = "", last, ...moreEnds] = range.split("-");
  const isStar = first === "*" || first === "?";
  const start = isStar ? bounds.low : parseEnd(first, bounds);
  let end = start;
  if (isStar) end = bounds.high;
  else if (moreEnds.length > 0) throw new Error(`too many hyphens: ${part}`);
  else if (last !== undefined) end = parseEnd(last, bounds);
  if (moreSteps.length > 0) throw new Error(`too many slashes: ${part}`);
  const stride = step === undefined ? 1 : parseCount(step);
  if (step !== undefined && last === undefined && !isStar) end = bounds.high;
  if (start < bounds.low)
    throw new Error(`beginning of range (${start}) below minimum (${bounds.low}): ${part}`);
  if (end > bounds.high) throw new Error(`end of range (${end}) above maximum (${bounds.high}): ${part}`);
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${part}`);
  if (stride === 0) throw new Error(`step of range should be a positive number: ${part}`);
}

function parseEnd(text: string, { names = [] }: Bounds): number {
  const index = text === "" ? -1 : names.indexOf(text.toLowerCase());
  return index >= 0 ? index : parseCount(text);
}

function parseCount(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Error(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const number = Number(text);
  if (number < 0) throw new Error(`negative number (${number}) not allowed: ${text}`);
  return number;
}

/** `1h30m`, `250ms`: a duration as Go writes it. */
export function isGoDuration(text: string): boolean {
  return /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text);
}

/** A name in the time zone database, in the database's own capitals. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    // An old name is resolved to the one of today.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone === name : /^[A-Z]/.test(name);
  } catch {
    return false;
  }
}
