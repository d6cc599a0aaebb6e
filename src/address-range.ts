/** Ranges of IPv4 addresses in CIDR notation; a single address is a range of its own. */

/** Bits of a range's address that all in it share. */
export function prefixOf(cidr: string): number {
  return Number(cidr.split("/")[1] ?? 32);
}

/** An address as a number; of a range, the one that it is written with. */
export function addressNumber(cidr: string): number {
  const [address = ""] = cidr.split("/");
  return address.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** A number as the address that it is. */
export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The first address of a range, as a number. */
export function firstAddress(cidr: string): number {
  const value = addressNumber(cidr);
  return value - (value % 2 ** (32 - prefixOf(cidr)));
}

/** Whether a range holds an address. */
export function holdsAddress(cidr: string, address: string): boolean {
  return firstAddress(cidr) === firstAddress(`${address}/${prefixOf(cidr)}`);
}

/** Whether a range is in those that nobody on the internet has. @see https://www.rfc-editor.org/rfc/rfc6890 */
export function isPrivateRange(cidr: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
    cidr,
  );
}

/** The widest range that anybody owns: what is wider admits strangers. */
export const WIDEST_PREFIX = 8;

/** Whether a range is more than anybody owns. */
export function isTooWide(cidr: string): boolean {
  return prefixOf(cidr) < WIDEST_PREFIX;
}
