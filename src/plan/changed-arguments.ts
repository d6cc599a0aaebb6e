import { hideSecrets } from "../find-secrets";

/** The change of one resource as `terraform show -json` writes it. */
export interface PlannedChange {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
}

/** One argument that a plan changes, as people may see it: what is sensitive is not in here. */
export interface ChangedArgument {
  /** Where it is: `template.0.container.inventory.image`. Elements that have a name are under it. */
  readonly path: string;
  /** Undefined where it wasn't there. */
  readonly before: string | undefined;
  /** Undefined where it won't be there any more. */
  readonly after: string | undefined;
  /** Whether the resource has to be made anew for it. */
  readonly forcesReplacement: boolean;
}

/** Arguments that providers take and never give back: a plan shows none of them, and if one did, this doesn't. */
const WRITE_ONLY = /_wo$/;

const SENSITIVE = "(sensitive)";
const UNKNOWN = "(known after apply)";

/** A value before and after, with the marks that Terraform has for it. */
interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly hiddenBefore: unknown;
  readonly hiddenAfter: unknown;
}

const SIDES = ["before", "after", "unknown", "hiddenBefore", "hiddenAfter"] as const;

/**
 * The arguments that a plan changes, down to single values, also within JSON that is kept as text. Elements of a list
 * are compared by their names where they have any: one more variable is one change, not a shift of all behind it.
 */
export function changedArguments(change: PlannedChange): ChangedArgument[] {
  const found: ChangedArgument[] = [];
  visit([], [], {
    before: change.before ?? {},
    after: change.after ?? {},
    unknown: change.after_unknown,
    hiddenBefore: change.before_sensitive,
    hiddenAfter: change.after_sensitive,
  });
  return found;

  function visit(shown: readonly string[], raw: readonly (string | number)[], pair: Pair): void {
    const isHidden = pair.hiddenBefore === true || pair.hiddenAfter === true;
    if (pair.unknown === true || isHidden) {
      note(shown, raw, pair);
      return;
    }
    const inner = {
      ...pair,
      before: fromJson(pair.before, pair.after),
      after: fromJson(pair.after, pair.before),
    };
    if (!isContainer(inner.before) && !isContainer(inner.after)) {
      note(shown, raw, pair);
      return;
    }
    // Of a whole block that comes or goes, every value is looked at on its own: some may be sensitive.
    for (const { name, keys, child } of children(inner)) visit([...shown, name], [...raw, ...keys], child);
  }

  function note(shown: readonly string[], raw: readonly (string | number)[], pair: Pair): void {
    if (pair.unknown !== true && JSON.stringify(pair.before ?? null) === JSON.stringify(pair.after ?? null))
      return;
    const isHidden =
      pair.hiddenBefore === true || pair.hiddenAfter === true || WRITE_ONLY.test(shown.at(-1) ?? "");
    found.push({
      path: shown.join("."),
      before: isHidden ? SENSITIVE : textOf(pair.before),
      after: pair.unknown === true ? UNKNOWN : isHidden ? SENSITIVE : textOf(pair.after),
      forcesReplacement: (change.replace_paths ?? []).some(
        (path) =>
          path.slice(0, raw.length).every((step, index) => String(step) === String(raw[index])) ||
          raw.slice(0, path.length).every((step, index) => String(step) === String(path[index])),
      ),
    });
  }
}

interface Child {
  /** As people see it. */
  readonly name: string;
  /** The steps that lead to it in the plan. */
  readonly keys: readonly (string | number)[];
  readonly child: Pair;
}

function children(pair: Pair): Child[] {
  const named = namesOf(pair.before, pair.hiddenBefore);
  const namedAfter = namesOf(pair.after, pair.hiddenAfter);
  if (named !== undefined && namedAfter !== undefined) {
    return [...new Set([...named, ...namedAfter])].map((name) => {
      const [from, to] = [named.indexOf(name), namedAfter.indexOf(name)];
      return {
        name,
        keys: [to >= 0 ? to : from],
        child: {
          before: at(pair.before, from),
          after: at(pair.after, to),
          unknown: at(pair.unknown, to),
          hiddenBefore: at(pair.hiddenBefore, from),
          hiddenAfter: at(pair.hiddenAfter, to),
        },
      };
    });
  }
  // What isn't known yet is no part of `after`: only the marks tell that it will be there.
  const keys = new Set(
    [pair.before, pair.after, pair.unknown].flatMap((side) => (isContainer(side) ? Object.keys(side) : [])),
  );
  return [...keys].map((key) => ({
    name: key,
    keys: [key],
    child: Object.fromEntries(SIDES.map((side) => [side, at(pair[side], key)])) as unknown as Pair,
  }));
}

/** Names of a list's elements where each has one of its own, and none is sensitive; undefined for anything else. */
function namesOf(list: unknown, hidden: unknown): string[] | undefined {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return undefined;
  const names = list.map((element, index) =>
    at(at(hidden, index), "name") === undefined || at(at(hidden, index), "name") === false
      ? at(element, "name")
      : undefined,
  );
  if (names.length === 0) return [];
  const isNamed = names.every((name): name is string => typeof name === "string" && name !== "");
  return isNamed && new Set(names).size === names.length ? names : undefined;
}

type Container = Readonly<Record<string | number, unknown>>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function at(value: unknown, key: string | number): unknown {
  if (value === true) return true;
  return isContainer(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What a text holds, where both sides are JSON, or one is and the other isn't there. */
function fromJson(value: unknown, other: unknown): unknown {
  const parsed = parse(value);
  return parsed !== undefined && (other === undefined || other === null || parse(other) !== undefined)
    ? parsed
    : value;
}

function parse(value: unknown): Container | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isContainer(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  // Nobody marked it, and it looks like a secret all the same.
  return hideSecrets(typeof value === "string" ? value : JSON.stringify(value));
}
