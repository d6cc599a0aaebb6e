import { listOf } from "../problem";
import type { Comparison } from "./compare-revisions";
import { lastWord, type Owner } from "./owner";
import type { LostData, Review, ReviewedAction, ReviewedOwner, ReviewedResource } from "./review-plans";

/** Characters of a comment on GitHub. @see https://github.com/orgs/community/discussions/27190 */
export const COMMENT_LIMIT = 65_536;

export interface RenderedReview {
  /** What the review is of: names of environments. */
  readonly title: string;
  /** Addresses whose loss is acknowledged. */
  readonly accepted: readonly string[];
  /** Stacks of the environments that no plan was handed in of. @default [] */
  readonly unread?: readonly string[];
  /** What else is compared with how it was: the checklist, the costs. @default - nothing is */
  readonly comparison?: Comparison;
}

/** What is left out to stay within a comment, least first. */
interface Folding {
  /** Arguments of each resource. */
  readonly arguments: number;
  /** Resources of each agent and part. */
  readonly resources: number;
  /** Entries of each list, agents and parts among them. */
  readonly entries: number;
  /** Whether pictures are shown. */
  readonly pictures: boolean;
}

const FOLDINGS: readonly Folding[] = [
  {
    arguments: Number.POSITIVE_INFINITY,
    resources: Number.POSITIVE_INFINITY,
    entries: Number.POSITIVE_INFINITY,
    pictures: true,
  },
  { arguments: 10, resources: Number.POSITIVE_INFINITY, entries: Number.POSITIVE_INFINITY, pictures: true },
  { arguments: 3, resources: 20, entries: Number.POSITIVE_INFINITY, pictures: true },
  { arguments: 1, resources: 3, entries: Number.POSITIVE_INFINITY, pictures: false },
  { arguments: 0, resources: 0, entries: Number.POSITIVE_INFINITY, pictures: false },
  { arguments: 0, resources: 0, entries: 50, pictures: false },
];

/** A review as Markdown that fits in a comment. What it leaves out for that, it says. */
export function renderReview(review: Review, props: RenderedReview): string {
  let text = "";
  for (const folding of FOLDINGS) {
    text = render(review, props, folding);
    if (text.length < COMMENT_LIMIT) break;
  }
  return text;
}

/** What keeps data, would be destroyed, and nobody has said that it may. */
export function unacknowledged({ lost }: Review, accepted: readonly string[]): readonly LostData[] {
  return lost.filter(({ address }) => !accepted.includes(address));
}

function render(review: Review, props: RenderedReview, folding: Folding): string {
  const { title, accepted, unread = [], comparison } = props;
  let folded = 0;
  const agents = review.owners.filter(({ kind }) => kind === "agent");
  const parts = review.owners.filter(({ kind }) => kind === "part");
  const refused = unacknowledged(review, accepted);
  const text = [
    `# What would change: ${title}`,
    "",
    summaryOf(agents, parts, review),
    ...(unread.length === 0
      ? []
      : ["", `Not read, because no plan of them was handed in: ${listOf(unread)}.`]),
    ...section(
      "Data that would be lost",
      review.lost.map(({ address, action, keeps }) => {
        const state = accepted.includes(address) ? "acknowledged" : "**not acknowledged**";
        return `${code(address)} is ${action}, and with it ${keeps}: ${state}`;
      }),
    ),
    ...(refused.length === 0
      ? []
      : [
          "",
          'This review fails. Where the loss is meant, say so in the environment: `exceptions: { "loss/<address>": { reason, until, owner } }`, or with `--accept-loss <address>`.',
        ]),
    ...section("Newly exposed", review.exposed.map(finding)),
    ...section(
      "Who may call whom",
      review.calls.map(({ owner, says }) => `${nameOf(owner)} ${says}`),
    ),
    ...section(
      "Images",
      review.images.map(({ owner, before, after, moves }) => {
        if (before === undefined) return `${nameOf(owner)}: ${code(after, 200)}, new`;
        const images =
          before === after ? `${code(after, 200)}, the same` : `${code(before, 200)} → ${code(after, 200)}`;
        return `${nameOf(owner)}: ${images}${moves ? ", on another platform" : ""}`;
      }),
    ),
    ...section("Roles gained", review.roles.map(role)),
    ...section("Alerts", alerts(review)),
    ...section("Checklist", comparison?.checklist ?? []),
    ...section("Costs", comparison?.costs ?? []),
    ...pictures(),
    ...section(
      "Secrets that wait for a value",
      review.secrets.map((address) => code(address)),
    ),
    ...owners("Agents", agents),
    ...owners("Shared parts", parts),
  ];
  const note =
    folded === 0
      ? []
      : ["", `Folded to fit into a comment: ${count(folded, "line")}, counted where they would stand.`];
  return `${[...text, ...note].join("\n")}\n`;

  function section(heading: string, entries: readonly string[]): string[] {
    return entries.length === 0 ? [] : ["", `## ${heading}`, "", ...list(entries, folding.entries, "")];
  }

  function pictures(): string[] {
    const changed = (comparison?.pictures ?? []).filter(({ before, after }) => before !== after);
    if (changed.length === 0) return [];
    if (!folding.pictures) {
      folded += changed.length;
      return ["", "The pictures changed and are folded; `npm run picture` draws them."];
    }
    return changed.flatMap(({ environment, before, after }) => [
      ...picture(`${environment} as it was`, before),
      ...picture(`${environment} as it will be`, after),
    ]);
  }

  function owners(heading: string, all: readonly ReviewedOwner[]): string[] {
    if (all.length === 0) return [];
    const shown = all.slice(0, folding.entries);
    folded += all.length - shown.length;
    const rest = all.length > shown.length ? ["", `… and ${all.length - shown.length} more`] : [];
    return ["", `## ${heading}`, ...shown.flatMap(owner), ...rest];
  }

  function owner({ name, resources }: ReviewedOwner): string[] {
    const shown = resources.slice(0, folding.resources);
    folded += resources.length - shown.length;
    const rest = resources.length - shown.length;
    return [
      "",
      `### ${name}: ${verbOf(resources)}`,
      "",
      ...shown.flatMap(resource),
      ...(rest > 0 ? [`- … and ${rest} more: ${countsOf(resources.slice(folding.resources))}`] : []),
    ];
  }

  function resource({ address, action, arguments: changed }: ReviewedResource): string[] {
    const forcing = changed
      .filter(({ forcesReplacement }) => forcesReplacement)
      .map(({ path }) => code(path));
    const why =
      action === "replaced" && forcing.length > 0 ? `, because of ${forcing.slice(0, 5).join(", ")}` : "";
    if (isWait(address) && action === "replaced") return [`- waits again ${code(address)}`];
    const lines = changed.map(
      ({ path, before, after, forcesReplacement }) =>
        `${code(path)}: ${difference(before, after)}${forcesReplacement ? " (forces replacement)" : ""}`,
    );
    return [`- ${action} ${code(address)}${why}`, ...list(lines, folding.arguments, "  ")];
  }

  function list(entries: readonly string[], most: number, indent: string): string[] {
    const shown = entries.slice(0, most);
    folded += entries.length - shown.length;
    const rest = entries.length - shown.length;
    return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].map((entry) => `${indent}- ${entry}`);
  }
}

function picture(title: string, text: string): string[] {
  return [
    "",
    `<details><summary>${title}</summary>`,
    "",
    "```mermaid",
    text.trimEnd(),
    "```",
    "",
    "</details>",
  ];
}

function summaryOf(
  agents: readonly ReviewedOwner[],
  parts: readonly ReviewedOwner[],
  { lost }: Review,
): string {
  if (agents.length + parts.length === 0) return "Nothing changes.";
  const resources = [...agents, ...parts].flatMap((each) => each.resources);
  const data =
    lost.length === 0
      ? "Nothing that keeps data is destroyed."
      : `**Data is lost in ${count(lost.length, "place")}.**`;
  const whom = [named(agents, "agent"), named(parts, "shared part")].filter((each) => each !== "");
  return `${whom.join(" and ")}: ${countsOf(resources)}. ${data}`;
}

/** `2 agents (billing: changed, stock: created)`; of many only how many. */
function named(owners: readonly ReviewedOwner[], noun: string): string {
  if (owners.length === 0) return "";
  const each = owners.map(({ name, resources }) => `${name}: ${verbOf(resources)}`).join(", ");
  return `${count(owners.length, noun)}${owners.length > 5 ? "" : ` (${each})`}`;
}

function finding({ owner, address, says }: Review["exposed"][number]): string {
  return `${nameOf(owner)} ${says} (${code(address)})`;
}

/** A role, on what its scope ends with: the whole of it is in the plan. */
function role({ says, ...rest }: Review["roles"][number]): string {
  return finding({ ...rest, says: says.replace(/ on \/\S+\/([^/]+\/[^/]+)$/, " on $1") });
}

/** What becomes of whose alerts, one line for each: they stand below with everything else of theirs. */
function alerts({ alerts: all }: Review): string[] {
  const groups = new Map<string, string[]>();
  for (const { owner, address, says } of all) {
    const group = `${nameOf(owner)}: ${says}`;
    groups.set(group, [...(groups.get(group) ?? []), lastWord(address).replace(/^alerts?-/, "")]);
  }
  return [...groups].map(([group, names]) => `${group} ${listOf(names)}`);
}

function nameOf({ kind, name }: Owner): string {
  return kind === "agent" ? `agent ${name}` : name;
}

const ACTIONS: readonly ReviewedAction[] = ["created", "changed", "replaced", "destroyed", "forgotten"];

/** `2 resources created, 1 replaced`, without Terraform's waits, which are nothing that anybody has. */
function countsOf(all: readonly ReviewedResource[]): string {
  const resources = all.filter(({ address }) => !isWait(address));
  const counts = ACTIONS.map((action) => ({
    action,
    many: resources.filter((each) => each.action === action).length,
  })).filter(({ many }) => many > 0);
  const [first, ...others] = counts;
  if (first === undefined) return "nothing but waits";
  return [
    `${count(first.many, "resource")} ${first.action}`,
    ...others.map(({ action, many }) => `${many} ${action}`),
  ].join(", ");
}

/** A pause that Terraform makes until a cloud has taken something in. */
function isWait(address: string): boolean {
  return /(?:^|\.)time_sleep\./.test(address);
}

/** What happens to an agent as a whole: only where everything of it is new, or gone, it is. */
function verbOf(resources: readonly ReviewedResource[]): string {
  const actions = [...new Set(resources.map(({ action }) => action))];
  return actions.length === 1 && actions[0] !== undefined ? actions[0] : "changed";
}

function count(many: number, noun: string): string {
  return `${many} ${noun}${many === 1 ? "" : "s"}`;
}

/** Characters of a value. */
const SHOWN = 100;

/** Characters that stand before what differs. */
const CONTEXT = 20;

/** What a value was and becomes: of long ones what differs, and of what must not be seen nothing. */
function difference(before: string | undefined, after: string | undefined): string {
  if (before === after && before !== undefined) return `changes ${before}`;
  const from = before === undefined || after === undefined ? 0 : firstDifference(before, after);
  const start = Math.max(before?.length ?? 0, after?.length ?? 0) > SHOWN ? Math.max(0, from - CONTEXT) : 0;
  return `${value(before, start)} → ${value(after, start)}`;
}

function firstDifference(one: string, other: string): number {
  let index = 0;
  while (index < one.length && one[index] === other[index]) index++;
  return index;
}

function value(text: string | undefined, start: number): string {
  if (text === undefined) return "nothing";
  return code(start === 0 ? text : `…${text.slice(start)}`, SHOWN);
}

/** Text that stays as it is in Markdown: on one line, and never the end of its own quotes. */
function code(text: string, most = 250): string {
  const line = text.replaceAll("`", "'").replaceAll(/\s*\n\s*/g, " ⏎ ");
  return `\`${line.length > most ? `${line.slice(0, most)}…` : line}\``;
}
