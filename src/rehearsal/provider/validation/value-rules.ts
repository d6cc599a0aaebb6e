import type { Value } from "../value";

/** One of some values. */
export function checkAllowed(
  value: Value,
  name: string,
  allowed: readonly (string | number)[],
  ignoresCase: boolean,
): string | undefined {
  const fold = (item: Value | number) => (ignoresCase ? String(item).toLowerCase() : String(item));
  if (allowed.some((item) => fold(item) === fold(value))) return undefined;
  return `expected ${name} to be one of [${allowed.map((item) => JSON.stringify(item)).join(" ")}], got ${String(value)}`;
}

export function checkRange(
  value: Value,
  name: string,
  [lowest, highest]: readonly [number | null, number | null],
): string | undefined {
  const number = Number(value);
  if (Number.isNaN(number)) return undefined;
  if ((lowest === null || number >= lowest) && (highest === null || number <= highest)) return undefined;
  if (highest === null) return `expected ${name} to be at least (${lowest}), got ${number}`;
  if (lowest === null) return `expected ${name} to be at most (${highest}), got ${number}`;
  return `expected ${name} to be in the range (${lowest} - ${highest}), got ${number}`;
}

/** In one of some intervals, which were tried up to 70,000. */
export function checkIntervals(
  value: Value,
  name: string,
  intervals: readonly (readonly [number | null, number | null])[],
): string | undefined {
  const number = Number(value);
  const holds = ([low, high]: readonly [number | null, number | null]) =>
    (low === null || number >= low) && (high === null || number <= high);
  if (Number.isNaN(number) || intervals.some(holds)) return undefined;
  const shown = intervals.map(([low, high]) => (low === high ? `${low}` : `${low ?? ""}-${high ?? ""}`));
  return `expected ${name} to be in [${shown.join(" ")}], got ${number}`;
}

export function checkMultiple(value: Value, name: string, divisor: number): string | undefined {
  const number = Number(value);
  if (Number.isNaN(number) || number % divisor === 0) return undefined;
  return `expected ${name} to be divisible by ${divisor}, got: ${number}`;
}

export function checkItems(
  items: readonly Value[],
  name: string,
  [fewest, most]: readonly [number | null, number | null],
): string | undefined {
  if (fewest !== null && items.length < fewest) {
    return `Not enough list items: attribute ${name} requires ${fewest} item minimum, but config has only ${items.length} declared`;
  }
  if (most !== null && items.length > most) {
    return `Too many list items: attribute ${name} supports ${most} item maximum, but config has ${items.length} declared`;
  }
  return undefined;
}

export function checkNotEmpty(value: Value, name: string): string | undefined {
  return value === "" ? `expected "${name}" to not be an empty string, got ${value}` : undefined;
}

export function checkNotBlank(value: Value, name: string): string | undefined {
  return typeof value === "string" && value.trim() === ""
    ? `expected "${name}" to not be an empty string or whitespace`
    : undefined;
}

export function checkWhole(value: Value): string | undefined {
  return typeof value === "number" && !Number.isInteger(value)
    ? `Attribute must be a whole number, got ${value}`
    : undefined;
}
