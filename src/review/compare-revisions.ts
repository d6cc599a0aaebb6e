/** What is compared of a fleet before and after a change, besides its plans. */
export interface Comparison {
  /** A line for each item of the checklist that is judged otherwise than before. */
  readonly checklist: readonly string[];
  /** A line for each environment. */
  readonly costs: readonly string[];
  readonly pictures: readonly {
    readonly environment: string;
    readonly before: string;
    readonly after: string;
  }[];
}

/** The part of `npm run checklist -- --format json` that is compared. */
export interface JudgedItem {
  readonly id: string;
  readonly title: string;
  readonly outcome: string;
  readonly level?: string;
  readonly findings: readonly { readonly message: string }[];
}

/** Ids that one line names. */
const MOST_IDS = 5;

/** A line for each change of judgement and what is newly found; items of which the same is said share one. */
export function compareChecklists(
  environment: string,
  before: readonly JudgedItem[],
  after: readonly JudgedItem[],
): string[] {
  const was = new Map(before.map((item) => [item.id, item]));
  const changes = new Map<string, JudgedItem[]>();
  const note = (item: JudgedItem, said: string) => changes.set(said, [...(changes.get(said) ?? []), item]);
  for (const item of after) {
    const earlier = was.get(item.id);
    const [from, to] = [earlier === undefined ? "not asked" : wordOf(earlier), wordOf(item)];
    const known = earlier?.findings.map(({ message }) => message) ?? [];
    const messages = item.findings.map(({ message }) => message);
    const found = [...new Set(messages)].filter((message) => !known.includes(message));
    if (from === to && found.length === 0) continue;
    const rest = found.length > 3 ? `; and ${found.length - 3} more` : "";
    const newly = found.length === 0 ? "" : `: ${escaped(found.slice(0, 3).join("; "))}${rest}`;
    note(item, `${from} → ${to}${newly}`);
  }
  for (const item of before) {
    if (!after.some(({ id }) => id === item.id)) note(item, `${wordOf(item)} → not asked any more`);
  }
  return [...changes].map(([said, items]) => `${environment}, ${namesOf(items)}: ${said}`);
}

function namesOf(items: readonly JudgedItem[]): string {
  const [first] = items;
  if (first !== undefined && items.length === 1) return `${first.title} (\`${first.id}\`)`;
  const ids = items.slice(0, MOST_IDS).map(({ id }) => `\`${id}\``);
  const rest = items.length > MOST_IDS ? `, and ${items.length - MOST_IDS} more` : "";
  return `${items.length} items (${ids.join(", ")}${rest})`;
}

function wordOf({ outcome, level }: JudgedItem): string {
  return outcome === "failed" ? (level ?? outcome) : outcome;
}

/** Text as Markdown shows it, and no picture, link or mention comes of it. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]<>|#]/g, "\\$&").replaceAll("@", "&#64;");
}
