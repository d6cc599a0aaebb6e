import { isIP, isIPv4 } from "node:net";
import { readGoUrl } from "./go-url";

/** Shapes of texts, as Go's standard library and the providers' SDK read them. */

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** RFC 3339 with a time zone, as Go's `time.RFC3339` has it. */
export function isDateTime(text: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})([.,]\d+)?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  return match !== null && isDate(match[1] as string) && isTime(`${match[2]}:${match[3]}:${match[4]}`, 23);
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** `HH:MM` or `HH:MM:SS`. */
export function isTime(text: string, lastHour: number): boolean {
  const match = /^(\d{2}):([0-5]\d)(:[0-5]\d)?$/.exec(text);
  return match !== null && Number(match[1]) <= lastHour;
}

/** `P1DT2H`: at least one part, fractions allowed in the last one. */
export function isIsoDuration(text: string): boolean {
  return (
    /^[+-]?P(?!$)(-?\d+([.,]\d+)?Y)?(-?\d+([.,]\d+)?M)?(-?\d+([.,]\d+)?W)?(-?\d+([.,]\d+)?D)?(T(?=[-\d])(-?\d+([.,]\d+)?H)?(-?\d+([.,]\d+)?M)?(-?\d+([.,]\d+)?S)?)?$/.test(
      text,
    ) || /^[+-]?P0$/.test(text)
  );
}

/** `1h30m`, as `time.ParseDuration` reads it. */
export function isGoDuration(text: string): boolean {
  return /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text);
}

export function isIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/** `10.0.0.0/16` or `2001:db8::/32`; bits behind the prefix may be set. */
export function isCidr(text: string): boolean {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const [, address = "", length = ""] = match ?? [];
  return isIp(address) && Number(length) <= (isIPv4(address) ? 32 : 128);
}

/** An absolute URL with a host. */
export function isUrl(text: string, schemes: readonly string[] = ["http", "https"]): boolean {
  const url = readGoUrl(text);
  return url !== undefined && url.host !== "" && schemes.includes(url.scheme);
}

/** Go's decoder reads past line breaks. */
export function isBase64(text: string): boolean {
  return /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replaceAll(/[\r\n]/g, ""));
}

/** An empty text counts as JSON to the providers' SDK. */
export function isJson(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function isEmail(text: string): boolean {
  return /^[^@\s/:]+@[^@\s/:]+$/.test(text);
}

/** Labels joined by dots. */
export function isDomain(text: string): boolean {
  return /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]$/i.test(text);
}

/** A port, or a range of ports. */
export function isPort(text: string): boolean {
  return /^\d+(-\d+)?$/.test(text) && text.split("-").every((port) => Number(port) <= 65_535);
}
