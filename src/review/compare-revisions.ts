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

/** A line for each item whose judgement changed, and what is newly found. */
export function compareChecklists(
  environment: string,
  before: readonly JudgedItem[],
  after: readonly JudgedItem[],
): string[] {
  const was = new Map(before.map((item) => [item.id, item]));
  const changed = after.flatMap((item) => {
    const earlier = was.get(item.id);
    const [from, to] = [earlier === undefined ? "not asked" : wordOf(earlier), wordOf(item)];
    const known = earlier?.findings.map(({ message }) => message) ?? [];
    const found = item.findings.map(({ message }) => message).filter((message) => !known.includes(message));
    if (from === to && found.length === 0) return [];
    const details = found.slice(0, 3).join("; ");
    const rest = found.length > 3 ? `; and ${found.length - 3} more` : "";
    const newly = found.length === 0 ? "" : `: ${escaped(details)}${rest}`;
    return [`${environment}, ${item.title} (\`${item.id}\`): ${from} → ${to}${newly}`];
  });
  const gone = before
    .filter(({ id }) => !after.some((item) => item.id === id))
    .map((item) => `${environment}, ${item.title} (\`${item.id}\`): ${wordOf(item)} → not asked any more`);
  return [...changed, ...gone];
}

function wordOf({ outcome, level }: JudgedItem): string {
  return outcome === "failed" ? (level ?? outcome) : outcome;
}

/** Text as Markdown shows it, and no picture, link or mention comes of it. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]<>|#]/g, "\\$&").replaceAll("@", "&#64;");
}
