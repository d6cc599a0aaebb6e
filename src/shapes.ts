import { Cron } from "croner";
import { z } from "zod";

/** Text of one line that says something. */
export const text = z
  .string()
  .min(1)
  .regex(
    /^\S(?:.*\S)?$/,
    "starts or ends with a blank, or has several lines; write it on one line, without blanks around it",
  );

/** Whether a text would be found in any record, whatever somebody put into it: `constructor`, `__proto__`. */
export function isInheritedName(name: string): boolean {
  return name in Object.prototype;
}

/** A name of somebody's choosing: what is looked up by it is never what all objects have. */
export const chosenName = z.string().refine((name) => !isInheritedName(name), {
  message: "is a name that every object of JavaScript has already; choose another",
});

/** Name of a secret in a vault. What a vault makes of it is asked of that. */
export const secretName = text.and(chosenName);

export const whole = z.int();

export const port = z.int().min(1).max(65_535);

export const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a UUID");

/** A label of DNS. @see https://www.rfc-editor.org/rfc/rfc1123 */
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const host = `(?=[^/:]{1,253}(?:[/:]|$))(?:${label}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;
const address = "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";

export const hostName = z
  .string()
  .regex(
    new RegExp(`^${host}$`),
    "is not a host name; write it without scheme, port and path, in lower case, each part of at most 63 letters, digits and hyphens",
  );

/** A host as something inside of a network is called: by a whole name, a Service's, or an address. */
export const hostOrAddress = z
  .string()
  .regex(
    new RegExp(`^(?:${host}|${label}|${address})$`),
    "is neither a host name nor an IPv4 address; write one, without scheme, port and path",
  );

/** A registry's host, with port and path where it has them. */
export const registryServer = z
  .string()
  .regex(
    new RegExp(`^(?:${host}|${label}|${address})(?::\\d{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`),
    "is not a registry; write its host, with port and path where it has them, without scheme: ghcr.io/acme",
  );

/** An absolute URL with a host, and without anything secret in it. */
function urlOf(
  schemes: readonly string[],
  example: string,
  refine: (url: URL, given: string) => string | undefined = () => undefined,
) {
  return z.string().superRefine((given, context) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    // The parser takes blanks and other spellings out, and what is written goes on as it is.
    const isUrl =
      url !== undefined &&
      schemes.includes(url.protocol) &&
      /^[a-z]+:\/\/[^/\s<>"'\\^`{|}][^\s<>"'\\^`{|}]*$/.test(given);
    const problem = isUrl
      ? (findUrlProblem(url) ?? refine(url, given))
      : `is not a URL with ${schemes.map((each) => `${each}//`).join(" or ")}; write it like ${example}`;
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: given });
  });
}

function findUrlProblem({ username, password, hostname }: URL): string | undefined {
  if (username !== "" || password !== "") {
    return "holds a user or a password, which would be in the plan and in the state; take them out, and name a secret instead";
  }
  return new RegExp(`^(?:${host}|${label}|${address}|\\[.*\\])$`).test(hostname)
    ? undefined
    : `has the host '${hostname}', which is none; correct it`;
}

export const httpUrl = urlOf(["http:", "https:"], "http://litellm.models:4000");

export const secureUrl = urlOf(["https:"], "https://host.example.com");

/** The URL below which an agent has its card. */
export const agentUrl = urlOf(["https:"], "https://host.example.com", ({ pathname }) =>
  pathname.includes("/.well-known/")
    ? "is the address of a card, and callers append that to the base URL; write the base URL"
    : undefined,
);

/** Such a URL stands in policies of the gateway, where some characters cannot; clients compare it letter by letter. */
export const httpsUrl = urlOf(["https:"], "https://login.example.com/tenant", (url) =>
  /[&]/.test(url.href)
    ? "holds '&', which cannot stand in the gateway's policies; write it without"
    : undefined,
);

/** Where an issuer says what it is, below its URL. */
const DISCOVERY = "/.well-known/openid-configuration";

/** The URL of an issuer's keys. */
export const jwksUrl = httpsUrl.refine((given) => !given.includes(DISCOVERY), {
  message: `is the discovery document (${DISCOVERY}), not the keys; write what stands in it as 'jwks_uri'`,
});

/** The URL of an issuer, as tokens name it letter by letter. @see https://openid.net/specs/openid-connect-core-1_0.html#Terminology */
export const issuerUrl = urlOf(["https:"], "https://login.example.com/tenant", ({ search, hash }, given) => {
  if (search !== "" || hash !== "") return "has a query or a fragment, which an issuer has not; remove it";
  if (given.includes(DISCOVERY)) {
    return `is the address of its discovery document; write it without ${DISCOVERY}, as its tokens do`;
  }
  if (given.endsWith("//")) return "ends with more than one '/'; write it as its tokens do";
  return undefined;
});

/** Whether a host is the whole name of a Service, which only its cluster knows. */
export function isServiceName(host: string): boolean {
  return /\.svc(?:\.cluster\.local)?$/.test(host);
}

/** Name of an HTTP header. @see https://www.rfc-editor.org/rfc/rfc9110#name-field-names */
export const headerName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/,
    "is no name of a header; use letters, digits and hyphens, such as x-api-key",
  );

/** Names of objects in Kubernetes. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const kubernetesName = z
  .string()
  .regex(
    new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`),
    "is no name of a Kubernetes object; use lower case letters, digits, '-' and '.', starting and ending with a letter or digit",
  );

export const kubernetesLabel = z
  .string()
  .regex(
    new RegExp(`^${label}$`),
    "is no name of a namespace; use at most 63 lower case letters, digits and hyphens, starting and ending with a letter or digit",
  );

/** An image by its whole name. What may stand behind it is a rule's business. */
export const imageName = z
  .string()
  .regex(
    new RegExp(
      `^(?:(?:${host}|${label}|${address})(?::\\d{1,5})?/)?[a-z0-9]+(?:(?:[.]|_{1,2}|-+|/)[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
    ),
    "is no image; write registry/repository:version or registry/repository@sha256:…",
  );

/** A bucket, at Amazon, Google and those who speak like them. @see https://cloud.google.com/storage/docs/buckets#naming */
export const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/,
    "is no name of a bucket; use 3 to 63 lower case letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
  );

/** A schedule of Kubernetes: five fields of numbers, ranges, lists and steps, that some day comes. */
export const cronSchedule = z.string().superRefine((given, context) => {
  const problem = findScheduleProblem(given);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: given });
});

function findScheduleProblem(given: string): string | undefined {
  const example = "write one such as '17 2 * * *'";
  if (!/^(?:[\d*/,-]+ ){4}[\d*/,-]+$/.test(given)) {
    return `is not a cron expression of five fields in numbers; ${example}`;
  }
  try {
    return new Cron(given, { timezone: "UTC" }).nextRun(new Date(0)) === null
      ? `never comes; ${example}`
      : undefined;
  } catch {
    return `holds a number that its field has not (minute 0 to 59, hour 0 to 23, day 1 to 31, month 1 to 12, weekday 0 to 7); ${example}`;
  }
}

/** Names and plain values: variables. */
export const texts = z.record(z.string(), z.string());

/** Tags, as Azure takes them. @see https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
export const tags = z
  .record(
    z
      .string()
      .regex(
        /^[^<>%&\\?/]{1,512}$/,
        "a name that Azure refuses; use at most 512 characters, none of < > % & \\ ? /",
      ),
    z.string().max(256),
  )
  .refine(
    (each) => new Set(Object.keys(each).map((name) => name.toLowerCase())).size === Object.keys(each).length,
    {
      message: "has two names that differ in case alone, which Azure takes for one; remove one of them",
    },
  )
  .refine((each) => Object.keys(each).length <= 45, {
    message: "has more than 45 entries, and Azure keeps 50 with the fleet's own; remove some",
  });

/** Lists of names by name: who may call whom. */
export const names = z.record(z.string(), z.array(text));

/** Cores of a replica: Kubernetes counts in thousandths, and no process starts on fewer than some of them. */
export const cores = z.number().min(0.01).max(416);

/** Memory of a replica, in MiB: below it no language's runtime starts. The most is that of Azure's largest machines. */
export const memoryMiB = z.int().min(32).max(11_960_320);
