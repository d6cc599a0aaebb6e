import { creator } from "@secretlint/secretlint-rule-preset-recommend";

/** Where in a text something looks like a secret. */
type Range = readonly [start: number, end: number];

/** What a rule of secretlint is to us: a function of a text that reports ranges. */
interface DetectorRule {
  readonly meta: { readonly id: string };
  create(context: object, options: object): { file?(source: { readonly content: string }): unknown };
}

/** What secretlint has no rule for. */
const others: readonly RegExp[] = [
  // User and password, or a password alone, in front of a host.
  /:\/\/[^/\s:@'"]*:[^/\s@'"]+@/g,
  /[?&;](?:password|passwd|pwd|secret|token|api_?key|access_?key|sig)=[^&;\s'"]+/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
  /\b(?:AccountKey|SharedAccessKey)=[\w+/=%-]+/g,
  // Azure's client secrets.
  /\b[\w.~-]{3}[78]Q~[\w.~-]{31,34}/g,
  /\b(?:sk|rk|pk)-(?:[A-Za-z0-9]+-)*[A-Za-z0-9_-]{20,}/g,
  /\b[sr]k_live_\w{8,}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}/g,
  /\bxox[abprs]-[\w-]{10,}/g,
  /\bA(?:KIA|SIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\bya29\.[\w-]{20,}/g,
  // A signed token.
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g,
];

/**
 * Says where a text holds what looks like a secret, whatever its name: by the rules of secretlint, which knows how
 * vendors shape their keys, and by what those leave out.
 */
export function findSecrets(text: string): Range[] {
  if (text.length < SHORTEST) return [];
  const found: Range[] = others.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: { length } }): Range => [index, index + length]),
  );
  for (const look of detector()) found.push(...look(text));
  return found;
}

/** A text in which nothing looks like a secret any more. */
export function hideSecrets(text: string): string {
  let hidden = "";
  let shownUpTo = 0;
  for (const [start, end] of findSecrets(text).toSorted(([a], [b]) => a - b)) {
    if (start >= shownUpTo) hidden += `${text.slice(shownUpTo, start)}***`;
    shownUpTo = Math.max(shownUpTo, end);
  }
  return hidden + text.slice(shownUpTo);
}

/** Nothing shorter has a shape that vendors give to keys. */
const SHORTEST = 8;

type Look = (text: string) => Range[];
let loaded: readonly Look[] | undefined;

/**
 * Secretlint's recommended rules. They are driven by hand, because its engine is asynchronous and whether a fleet is
 * right isn't; the rules themselves are functions of a text.
 */
function detector(): readonly Look[] {
  if (loaded !== undefined) return loaded;
  const rules: DetectorRule[] = [];
  const preset = creator as unknown as { create(context: object, options: object): void };
  preset.create({ registerRule: (rule: DetectorRule) => rules.push(rule) }, {});
  loaded = rules
    // Comments in a text switch nothing off.
    .filter(({ meta }) => !meta.id.includes("filter"))
    .map((rule) => {
      let ranges: Range[] = [];
      const { file } = rule.create(
        {
          createTranslator: () => (messageId: string) => ({ messageId, message: messageId }),
          report: ({ range }: { readonly range: Range }) => ranges.push(range),
          ignore: () => undefined,
          sharedOptions: {},
          getSourceFilePath: () => undefined,
        },
        {},
      );
      return (content) => {
        ranges = [];
        file?.({ content, filePath: "settings", ext: "", contentType: "text" } as { content: string });
        return ranges;
      };
    });
  return loaded;
}

/** Words that make a name a secret's whatever its value is. */
const strong =
  /^(?:pass|password|passwd|pwd|passphrase|secret|credentials?|apikey|connectionstring)$|(?:apikey|password|passwd|secretkey|accesskey|authtoken)$/;
const strongPairs =
  /(?:^|_)(?:api|access|private|secret|signing|encryption|account|master|shared)_key$|(?:^|_)(?:auth|access|bearer|refresh|api)_token$|(?:^|_)connection_string$/;

/** What makes a key or a token no secret: `PARTITION_KEY`, `STOP_TOKEN`, `JWT_PUBLIC_KEY`, `MAX_TOKEN`. */
const harmless =
  /(?:^|_)(?:public|partition|stop|routing|sort|primary|foreign|cache|idempotency|max|min|limit|eos|bos|pad|unk|start|end|message|tokenizer)(?:_|$)/;

/** Whether a value is a secret by what it is called. A number, a switch, a path or a reference is none. */
export function isSecretByName(name: string, value: string): boolean {
  const words = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  const last = words.split("_").at(-1) ?? "";
  if (harmless.test(words) || /^(?:\d{0,6}(?:\.\d+)?|true|false|\/\S*|\$\(\w+\))$/i.test(value)) return false;
  if (strong.test(last) || strongPairs.test(words)) return true;
  // A key or a token can be a word that people chose; a secret one is long and of letters and digits.
  return (
    /^(?:key|token|sas|dsn)$/.test(last) && value.length >= 12 && /\d/.test(value) && /[A-Za-z]/.test(value)
  );
}
