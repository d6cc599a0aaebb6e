/** Amounts as Kubernetes writes them: `250m`, `1.5Gi`, `2e3`. */

const NANO = 10n ** 9n;

/** What a unit multiplies with, as numerator and denominator. */
const UNITS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 1000n],
  "": [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [1n << 10n, 1n],
  Mi: [1n << 20n, 1n],
  Gi: [1n << 30n, 1n],
  Ti: [1n << 40n, 1n],
  Pi: [1n << 50n, 1n],
  Ei: [1n << 60n, 1n],
};

const FORM = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const FORM_PROBLEM =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/**
 * An amount in billionths, rounded up as Kubernetes does.
 *
 * @throws with the API server's words when the text is no amount
 */
export function parseQuantity(text: string): bigint {
  const parts = FORM.exec(text);
  const number = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(parts?.[1] ?? ".");
  if (parts === null || number === null || (number[2] ?? "") + (number[3] ?? "") === "")
    throw new Error(FORM_PROBLEM);
  const [numerator, denominator] = unitOf(parts[2] ?? "");
  const [, sign, whole = "", fraction = ""] = number;
  const digits = BigInt(whole + fraction);
  const dividend = digits * NANO * numerator;
  const divisor = 10n ** BigInt(fraction.length) * denominator;
  const amount = (dividend + divisor - 1n) / divisor;
  return sign === "-" ? -amount : amount;
}

function unitOf(suffix: string): readonly [bigint, bigint] {
  const unit = UNITS[suffix];
  if (unit !== undefined) return unit;
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > 1000)
    throw new Error("unable to parse quantity's suffix");
  const power = 10n ** BigInt(Math.abs(Number(exponent)));
  return Number(exponent) < 0 ? [1n, power] : [power, 1n];
}

/** The amount of something already known to be one; a number counts as itself. */
export function quantityOf(value: unknown): bigint | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  try {
    return parseQuantity(String(value));
  } catch {
    return undefined;
  }
}

/** An amount the way the API server prints it back: decimal units stay decimal, binary ones binary. */
export function showQuantity(value: unknown): string {
  const amount = quantityOf(value);
  if (amount === undefined) return String(value);
  const isBinary = /i$/.test(String(value)) && amount % NANO === 0n;
  const negative = amount < 0n;
  let rest = negative ? -amount : amount;
  const sign = negative ? "-" : "";
  if (rest === 0n) return "0";
  if (isBinary) {
    rest /= NANO;
    const units = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let step = 0;
    while (step < units.length - 1 && rest % 1024n === 0n) {
      rest /= 1024n;
      step += 1;
    }
    return `${sign}${rest}${units[step]}`;
  }
  const units = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
  let step = 0;
  while (step < units.length - 1 && rest % 1000n === 0n) {
    rest /= 1000n;
    step += 1;
  }
  return `${sign}${rest}${units[step]}`;
}

/** Whether it is a number without a fraction. */
export function isWhole(amount: bigint): boolean {
  return amount % NANO === 0n;
}
