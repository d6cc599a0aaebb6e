import { InvalidArgumentError } from "commander";

/** Values of an option that is given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** Values that commas separate. */
export function words(text: string): string[] {
  return text.split(",").flatMap((word) => word.trim() || []);
}

/** @throws what commander shows where it is no whole number above 0 */
export function positive(text: string): number {
  return whole(text, 1, Number.MAX_SAFE_INTEGER, "Write a whole number above 0.");
}

/** @throws what commander shows where it is no port of TCP */
export function port(text: string): number {
  return whole(text, 1, 65_535, "Write a port, 1 to 65535.");
}

/** @throws what commander shows where it is no whole number of milliseconds */
export function milliseconds(text: string): number {
  return whole(text, 0, Number.MAX_SAFE_INTEGER, "Write milliseconds.");
}

function whole(text: string, least: number, most: number, otherwise: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isInteger(number) || number < least || number > most)
    throw new InvalidArgumentError(otherwise);
  return number;
}

/** The day that commands count with, in UTC: `2026-11-22`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
