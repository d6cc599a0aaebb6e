import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Addresses and ranges, read as leniently as Kubernetes 1.34 reads fields that it has had for long. */

export const IP_PROBLEM = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
export const CIDR_PROBLEM = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

export interface Range {
  readonly family: "ipv4" | "ipv6";
  readonly address: string;
  readonly prefix: number;
}

/** The family of an address; undefined where it is none. */
export function familyOf(text: string): "ipv4" | "ipv6" | undefined {
  if (isIPv4(withoutLeadingZeros(text))) return "ipv4";
  return isIPv6(text) && !text.includes("%") ? "ipv6" : undefined;
}

export function parseCidr(text: string): Range | undefined {
  const [, address, length] = /^([^/]+)\/(\d{1,4})$/.exec(text) ?? [];
  if (address === undefined || length === undefined) return undefined;
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const prefix = Number(length);
  if (prefix > (family === "ipv4" ? 32 : 128)) return undefined;
  return { family, address: family === "ipv4" ? withoutLeadingZeros(address) : address, prefix };
}

/** Whether the inner range lies within the outer one and is smaller. */
export function isInside(inner: Range, outer: Range): boolean {
  if (inner.family !== outer.family || inner.prefix <= outer.prefix) return false;
  const list = new BlockList();
  list.addSubnet(outer.address, outer.prefix, outer.family);
  return list.check(inner.address, inner.family);
}

/** Whether an address lies within a range; one of the older family may be written as one of the newer. */
export function isIn(address: string, range: Range): boolean {
  const [family, own] = meaningOf(address);
  if (family !== range.family) return false;
  const list = new BlockList();
  list.addSubnet(range.address, range.prefix, range.family);
  return list.check(own, family);
}

const MAPPED = "::ffff:";

/** What an address stands for: its family, and how it is written there. */
export function meaningOf(text: string): ["ipv4" | "ipv6" | undefined, address: string] {
  const family = familyOf(text);
  if (family !== "ipv6") return [family, withoutLeadingZeros(text)];
  const address = canonicalIpv6(text);
  if (!address.startsWith(MAPPED)) return ["ipv6", address];
  const [high = 0, low = 0] = address
    .slice(MAPPED.length)
    .split(":")
    .map((part) => Number.parseInt(part, 16));
  return ["ipv4", [high >> 8, high & 255, low >> 8, low & 255].join(".")];
}

/** The one way in which programs write an address: zeros left out where most of them are, small letters. */
export function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function withoutLeadingZeros(text: string): string {
  return text.replace(/(^|\.)0+(?=\d)/g, "$1");
}
