/** What Go's `net/url` finds in a URL. */
export interface GoUrl {
  /** In lower case; empty where the text has none. */
  readonly scheme: string;
  readonly host: string;
  /** With escapes resolved. */
  readonly path: string;
}

/**
 * A URL as Go's `url.Parse` reads it, or `url.ParseRequestURI` for what is asked of a server: stricter than browsers
 * about blanks in front and ports, laxer about blanks in the path. Undefined where Go returns an error.
 *
 * @see https://pkg.go.dev/net/url#Parse
 */
export function readGoUrl(text: string, isRequest = false): GoUrl | undefined {
  const whole = isRequest ? text : text.replace(/#.*$/s, "");
  if (/\p{Cc}/u.test(whole.replaceAll(/[\u0080-\u009f]/g, "")) || (isRequest && text === ""))
    return undefined;
  if (whole.startsWith(":")) return undefined;
  const [, given = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):)?([^?]*)/is.exec(whole) ?? [];
  const scheme = given.toLowerCase();
  if (!rest.startsWith("/")) return readRootless(scheme, rest, isRequest);
  const hasHost = rest.startsWith("//") && (scheme !== "" || (!isRequest && !rest.startsWith("///")));
  const [, authority = "", escaped = ""] = hasHost ? (/^\/\/([^/]*)(.*)$/s.exec(rest) ?? []) : ["", "", rest];
  const path = withoutEscapes(escaped);
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  return path === undefined || !isHost(host) ? undefined : { scheme, host, path };
}

/** `mailto:someone`, or a path that begins without a slash. */
function readRootless(scheme: string, rest: string, isRequest: boolean): GoUrl | undefined {
  if (scheme !== "") return { scheme, host: "", path: "" };
  const [first = ""] = rest.split("/");
  const path = withoutEscapes(rest);
  return isRequest || first.includes(":") || path === undefined ? undefined : { scheme, host: "", path };
}

/** A name or an address in brackets, with a port of digits where it has one. */
function isHost(host: string): boolean {
  const [, name = "", port] = /^(\[[^\]]*\]|[^:]*(?::.*(?=:))?)(?::(.*))?$/s.exec(host) ?? [];
  const isNamed = /^[\w\-.~!$&'()*+,;=:[\]<>"\u0080-\uffff]*$/.test(name);
  return isNamed && (port === undefined || /^\d*$/.test(port));
}

function withoutEscapes(text: string): string | undefined {
  return /%(?![0-9a-f]{2})/i.test(text) ? undefined : text.replaceAll(/%([0-9a-f]{2})/gi, decodeByte);
}

function decodeByte(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
