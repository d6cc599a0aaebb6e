/** What the API server accepts as names, keys and values of labels, each with its own words for what is wrong. */

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_WITH_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*";
const DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;

/** Says what is wrong with a text; nothing when it is fine. */
export type Check = (text: string) => string[];

function pattern(words: string, expression: string, ...examples: readonly string[]): Check {
  const whole = new RegExp(`^(?:${expression})$`);
  const message = explain(words, expression, ...examples);
  return (text) => (whole.test(text) ? [] : [message]);
}

/** A rule with examples and its expression, as the API server words it. */
export function explain(words: string, expression: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${words} (regex used for validation is '${expression}')`;
  const samples = examples.map((example) => `'${example}', `).join(" or ");
  return `${words} (e.g. ${samples}regex used for validation is '${expression}')`;
}

export function tooLong(most: number): string {
  return `must be no more than ${most} characters`;
}

function atMost(most: number, check: Check): Check {
  return (text) => [...(bytesOf(text) > most ? [tooLong(most)] : []), ...check(text)];
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

const labelForm = pattern(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  "my-name",
  "123-abc",
);

export const dnsLabel: Check = atMost(63, (text) =>
  text.includes(".") && new RegExp(`^${SUBDOMAIN}$`).test(text) ? ["must not contain dots"] : labelForm(text),
);

export const dnsSubdomain: Check = atMost(
  253,
  pattern(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    SUBDOMAIN,
    "example.com",
  ),
);

export const dnsSubdomainWithUnderscore: Check = atMost(
  253,
  pattern(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    SUBDOMAIN_WITH_UNDERSCORE,
    "example.com",
  ),
);

export const wildcardSubdomain: Check = atMost(
  253,
  pattern(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    `\\*\\.${SUBDOMAIN}`,
    "*.example.com",
  ),
);

export const dns1035Label: Check = atMost(
  63,
  pattern(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    DNS_1035,
    "my-name",
    "abc-123",
  ),
);

export const labelValue: Check = atMost(
  63,
  pattern(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    LABEL_VALUE,
    "MyValue",
    "my_value",
    "12345",
  ),
);

export const configKey: Check = (text) => [
  ...(bytesOf(text) > 253 ? [tooLong(253)] : []),
  ...pattern(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "[-._a-zA-Z0-9]+",
    "key.name",
    "KEY_NAME",
    "key-name",
  )(text),
  ...directoryLike(text),
];

function directoryLike(text: string): string[] {
  if (text === ".") return [`must not be '.'`];
  if (text === "..") return [`must not be '..'`];
  return text.startsWith("..") ? [`must not start with '..'`] : [];
}

/** Names of variables: since Kubernetes 1.34 anything printable but the sign that ends them. */
export const variableName: Check = (text) => {
  if (text === "") return ["environment variable name must be non-empty"];
  return /^[ -<>-~]*$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

export const headerName: Check = pattern(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  "[-A-Za-z0-9]+",
  "X-Header-Name",
);

export const percentage: Check = pattern(
  "a valid percent string must be a numeric string followed by an ending '%'",
  "[0-9]+%",
  "1%",
  "93%",
);

const QUALIFIED_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** `name` or `example.com/name`: keys of labels and annotations. */
export const qualifiedName: Check = (text) => {
  const parts = text.split("/");
  if (parts.length > 2) {
    return [
      `a qualified name ${explain(QUALIFIED_WORDS, QUALIFIED, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const [prefix, name] = parts.length === 2 ? parts : [undefined, text];
  const problems: string[] = [];
  if (prefix === "") problems.push("prefix part must be non-empty");
  else if (prefix !== undefined)
    problems.push(...dnsSubdomain(prefix).map((message) => `prefix part ${message}`));
  if (name === "") problems.push("name part must be non-empty");
  else if (bytesOf(name ?? "") > 63) problems.push(`name part ${tooLong(63)}`);
  const isQualified = new RegExp(`^${QUALIFIED}$`).test(name ?? "");
  if (!isQualified)
    problems.push(`name part ${explain(QUALIFIED_WORDS, QUALIFIED, "MyName", "my.name", "123-abc")}`);
  return problems;
};

/** Names of ports: letters, digits and single hyphens, at most 15, at least one letter. */
export const portName: Check = (text) => {
  const problems: string[] = [];
  if (bytesOf(text) > 15) problems.push(tooLong(15));
  if (!/^[-a-z0-9]+$/.test(text))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) problems.push("must contain at least one letter (a-z)");
  if (text.includes("--")) problems.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
};

/** Names that end up as a part of a path. */
export const pathSegment: Check = (text) => {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((sign) => text.includes(sign)).map((sign) => `may not contain '${sign}'`);
};

export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}
