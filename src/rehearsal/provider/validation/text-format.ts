import { isIPv4 } from "node:net";
import type { TextFormat, TextFormatKind } from "../schema/schema";
import { isResourceId } from "./resource-id";
import {
  isBase64,
  isCidr,
  isDate,
  isDateTime,
  isDomain,
  isEmail,
  isGoDuration,
  isIp,
  isIsoDuration,
  isJson,
  isPort,
  isTime,
  isUrl,
  isUuid,
} from "./text-shapes";

/**
 * What is wrong with the form of a text, in the provider's words where they are known; undefined when nothing is.
 */
export function findFormatProblem(text: string, name: string, format: TextFormat): string | undefined {
  if (hasFormat(text, format)) return undefined;
  return (
    format.message?.replaceAll("{value}", text) ??
    `"${name}" must be ${DESCRIPTIONS[format.kind]}, got "${text}"`
  );
}

/** What was tried with the real provider counts more than our reading of its form. */
function hasFormat(text: string, format: TextFormat): boolean {
  if (format.accepts?.includes(text)) return true;
  if (format.refuses?.includes(text)) return false;
  const { pattern, and = [], not = [] } = format;
  if (format.kind === "resource-id") {
    return [pattern ?? "", ...(format.alternatives ?? [])].some((each) => isResourceId(text, each));
  }
  if (pattern !== undefined) {
    return (
      [pattern, ...and].every((expression) => goExpression(expression).test(text)) &&
      !not.some((expression) => goExpression(expression).test(text))
    );
  }
  return SHAPES[format.kind](text, format);
}

const SHAPES: Readonly<Record<TextFormatKind, (text: string, format: TextFormat) => boolean>> = {
  base64: isBase64,
  cidr: isCidr,
  date: isDate,
  "date-time": isDateTime,
  domain: isDomain,
  email: isEmail,
  "go-duration": isGoDuration,
  "https-url": (text) => isUrl(text, ["https"]),
  ip: isIp,
  "ip-or-cidr": (text) => isIp(text) || isCidr(text),
  ipv4: (text) => isIPv4(text),
  "iso-8601-duration": isIsoDuration,
  // Where Go reads it into a structure of its own, nothing but an object will do.
  json: (text, { message = "" }) =>
    isJson(text) && (!message.startsWith("Could not unmarshal") || /^\s*(\{|null\s*$|$)/.test(text)),
  other: () => true,
  port: isPort,
  regex: () => true,
  "resource-id": () => true,
  time: (text, { accepts = [] }) =>
    accepts.includes("10:30:00")
      ? isTime(text, 99) && text.length === 8
      : isTime(text, 23) && text.length === 5,
  url: (text) => isUrl(text),
  uuid: isUuid,
};

const DESCRIPTIONS: Readonly<Record<TextFormatKind, string>> = {
  base64: "Base64",
  cidr: "a range of addresses such as 10.0.0.0/16",
  date: "a date such as 2027-01-15",
  "date-time": "an RFC 3339 date and time",
  domain: "a domain name",
  email: "an e-mail address",
  "go-duration": "a duration such as 1h30m",
  "https-url": "a URL with https",
  ip: "an IP address",
  "ip-or-cidr": "an IP address or a range of addresses",
  ipv4: "an IPv4 address",
  "iso-8601-duration": "an ISO 8601 duration such as PT1H",
  json: "JSON",
  other: "of a form that the provider accepts",
  port: "a port",
  regex: "of the form that the provider asks for",
  "resource-id": "the id of a resource",
  time: "a time of day",
  url: "a URL",
  uuid: "a UUID",
};

const expressions = new Map<string, RegExp>();

/**
 * An expression in Go's syntax.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function goExpression(source: string): RegExp {
  const known = expressions.get(source);
  if (known) return known;
  let flags = "";
  const body = source
    .replace(/^\(\?([ims]+)\)/, (_, given: string) => {
      flags = given;
      return "";
    })
    .replaceAll("(?P<", "(?<")
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$")
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => POSIX_CLASSES[name] ?? whole);
  const isUnicode = body.includes("\\p{");
  const expression = new RegExp(isUnicode ? withLoneBrackets(body) : body, isUnicode ? `${flags}u` : flags);
  expressions.set(source, expression);
  return expression;
}

/** Brackets that open or close nothing stand for themselves in Go. JavaScript wants to be told so where it reads Unicode. */
function withLoneBrackets(body: string): string {
  return body.replaceAll(
    /(\\[pP]\{[^}]*\}|\\.|\[\^?\]?(?:\\[pP]\{[^}]*\}|\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\})|[[\]{}]/g,
    (found, whole) => (whole === undefined ? `\\${found}` : found),
  );
}

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  word: "\\w",
  space: "\\s",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
};
