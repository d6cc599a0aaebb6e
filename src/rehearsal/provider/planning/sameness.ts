import { isDateTime, isGoDuration } from "../validation/text-shapes";
import { canonical, fromJson, isList, isObject, type ObjectValue, type Value } from "../value";

/** Both sides of a change, for who has to look at more than one argument. */
export interface ChangeSides {
  readonly prior: ObjectValue;
  readonly proposed: ObjectValue;
}

/** Whether a provider takes two values of an argument for the same, and so keeps the old one. */
export type Sameness = (before: Value, after: Value, sides: ChangeSides) => boolean;

/** Compares texts by what they come down to. */
function byText(normalize: (text: string) => string | undefined): Sameness {
  return (before, after) => {
    const [one, other] = [normalize(textOf(before)), normalize(textOf(after))];
    return one !== undefined && one === other;
  };
}

/** What the code of several providers' types takes for the same, by a name that the types' rules use. */
export const samenesses = {
  /** Whatever the case. */
  case: byText((text) => text.toLowerCase()),
  /** Azure's regions: "West Europe" is `westeurope`. */
  location: byText((text) => text.toLowerCase().replaceAll(" ", "")),
  json: byText((text) => {
    try {
      return canonical(fromJson(JSON.parse(text)));
    } catch {
      return undefined;
    }
  }),
  /** The same moment, whatever the time zone. */
  moment: byText((text) => (isDateTime(text) ? String(Date.parse(text)) : undefined)),
  /** The same minute. */
  minute: byText((text) => (isDateTime(text) ? String(Math.floor(Date.parse(text) / 60_000)) : undefined)),
  /** Policies of API Management: XML with expressions that no parser takes. Spaces and entities don't count. */
  policy: byText((text) =>
    withoutSpaces(text)
      .replaceAll("&quot;", '"')
      .replaceAll("&gt;", ">")
      .replaceAll("&lt;", "<")
      .replaceAll("&amp;", "&")
      .replaceAll("&apos;", "'"),
  ),
  spaces: byText(withoutSpaces),
  xml: byText((text) => withoutSpaces(text.replaceAll(/>\s+</g, "><"))),
  trimmed: byText((text) => text.trim()),
  base64: byText((text) =>
    text
      .replaceAll(/[\r\n=]/g, "")
      .replaceAll("+", "-")
      .replaceAll("/", "_"),
  ),
  duration: byText(secondsOf),
  /** Quantities of Kubernetes: `1000m` is `1`. */
  quantity: byText(quantityOf),
  order: ((before, after) =>
    isList(before) &&
    isList(after) &&
    canonical(before.map(canonical).sort()) === canonical(after.map(canonical).sort())) satisfies Sameness,
  "empty-or-false": ((before, after) => before === null && after !== true) satisfies Sameness,
  /** A block that says nothing is none. */
  "empty-block": ((before, after) => isSilent(before) && isSilent(after)) satisfies Sameness,
  /** Members of IAM policies, of which some keep their case. */
  member: ((before, after) =>
    ![before, after].some((member) => CASE_SENSITIVE_MEMBER.test(textOf(member))) &&
    textOf(before).toLowerCase() === textOf(after).toLowerCase()) satisfies Sameness,
  /** Google's references: a name is as good as a URL that ends with it, and only what follows `projects/` counts. */
  "self-link-or-name": ((before, after) =>
    textOf(after).includes("/")
      ? samePath(before, after)
      : lastPart(textOf(before)) === textOf(after)) satisfies Sameness,
  "self-link": samePath as Sameness,
  name: byText(lastPart),
  /** A project's number stands for its name. */
  project: ((before, after) =>
    textOf(before).replaceAll(/projects\/\d+/g, "projects/equal") ===
    textOf(after).replaceAll(/projects\/[^/]+/g, "projects/equal")) satisfies Sameness,
} as const;

export type SamenessName = keyof typeof samenesses;

const CASE_SENSITIVE_MEMBER = /allAuthenticatedUsers|allUsers|^principal(Set|Hierarchy)?:/;

function textOf(value: Value): string {
  return typeof value === "string" ? value : value === null ? "" : String(value);
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/[\n\r\t ]/g, "");
}

function lastPart(text: string): string {
  return text.split("/").at(-1) ?? "";
}

function samePath(before: Value, after: Value): boolean {
  const [one, other] = [before, after].map((value) => /projects\/(.*)$/s.exec(textOf(value))?.[1]);
  return one !== undefined && one === other;
}

const SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

function secondsOf(text: string): string | undefined {
  if (!isGoDuration(text)) return undefined;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  return String(parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (SECONDS[unit] ?? 0), 0));
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function quantityOf(text: string): string | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text);
  return match
    ? String(Number((Number(match[1]) * (SUFFIXES[match[2] ?? ""] ?? 1)).toPrecision(12)))
    : undefined;
}

/** Whether there is nothing inside, however deep. */
export function isSilent(value: Value | undefined): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  if (isList(value)) return value.every(isSilent);
  return isObject(value) && Object.values(value).every(isSilent);
}
