import type { Path } from "../path";
import type { AttributeSchema, NestingMode, TypeRules } from "../schema/schema";
import { canonical, isList, isObject, isUnknown, type ObjectValue, UNKNOWN, type Value } from "../value";
import { sortByText } from "./equal-blocks";
import { elementFields, type Fields, isReadOnly, isSetType } from "./fields";
import type { PlanOptions } from "./plan-change";
import { type Sameness, type SamenessName, samenesses } from "./sameness";
import { type StoredForm, type StoredFormName, storedForms } from "./stored-forms";
import { isNothing, textOf, zeroTextOf } from "./zero-values";

/** Where the planner is: the path that the rules have, and the one that Terraform is told. */
interface Place {
  readonly rule: string;
  readonly path: Path;
  /** Terraform has no way to point at an element of a set, so that the path ends there. */
  readonly isInSet: boolean;
}

const ROOT: Place = { rule: "", path: [], isInSet: false };

/**
 * Walks over a change the way the schema of Terraform's SDK does, and notes what makes it a change and what makes
 * it a replacement. A value of before is undefined where the block itself is new.
 *
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/v2.38.1/helper/schema/schema.go
 */
export class ChangePlanner {
  readonly replacements: Path[] = [];
  hasChanges = false;
  /** Whether a write-only argument is given. */
  writesOnly = false;
  private readonly forcesNew: ReadonlySet<string>;
  private readonly computedBlocks: ReadonlySet<string>;
  private readonly defaults: Readonly<Record<string, Value>>;
  private readonly same: ReadonlyMap<string, Sameness>;
  private readonly stored: ReadonlyMap<string, StoredForm>;

  constructor(
    rules: TypeRules,
    private readonly sides: { readonly prior: ObjectValue | null; readonly proposed: ObjectValue },
    private readonly options: PlanOptions,
  ) {
    this.forcesNew = new Set(rules.forceNew);
    this.computedBlocks = new Set(rules.computedBlocks);
    const shared = Object.entries(rules.same ?? {}).flatMap(([name, paths]) =>
      paths.map((path): [string, Sameness] => [path, samenesses[name as SamenessName]]),
    );
    this.same = new Map([...shared, ...Object.entries(options.same ?? {})]);
    this.stored = new Map(
      Object.entries(rules.stored ?? {}).flatMap(([name, paths]) =>
        paths.map((path): [string, StoredForm] => [path, storedForms[name as StoredFormName]]),
      ),
    );
    this.defaults = { ...(rules.defaults as Record<string, Value>), ...options.defaults };
  }

  planBlock(
    fields: Fields,
    prior: ObjectValue | undefined,
    proposed: ObjectValue,
    place = ROOT,
  ): ObjectValue {
    const planned: Record<string, Value> = { ...proposed };
    for (const [name, attribute] of Object.entries(fields.attributes ?? {})) {
      const before = prior && (prior[name] ?? null);
      planned[name] = this.planAttribute(attribute, before, proposed[name] ?? null, inside(place, name));
    }
    for (const [name, nested] of Object.entries(fields.block_types ?? {})) {
      // How long Terraform waits is no part of the thing.
      if (place === ROOT && name === "timeouts") continue;
      const before = prior && (prior[name] ?? null);
      const after = proposed[name] ?? null;
      planned[name] = this.planElements(
        nested.block,
        nested.nesting_mode,
        before,
        after,
        inside(place, name),
      );
    }
    return planned;
  }

  private planAttribute(
    attribute: AttributeSchema,
    before: Value | undefined,
    proposed: Value,
    place: Place,
  ): Value {
    if (attribute.write_only) {
      if (proposed !== null) this.writesOnly = true;
      return null;
    }
    const after = this.inStoredForm(proposed ?? this.defaults[place.rule] ?? null, place);
    // What isn't said stays as it is; in a new thing or block, the cloud says it.
    const isUnsaid = after === null || (this.options.isLegacy && before === undefined && isNothing(after));
    if (attribute.computed && isUnsaid) {
      return before === undefined ? UNKNOWN : before;
    }
    const fields = elementFields(attribute);
    if (fields) {
      const mode = attribute.nested_type?.nesting_mode ?? (isSetType(attribute.type) ? "set" : "list");
      return this.planElements(fields, mode, before, after, place);
    }
    if (this.isSame(attribute, before, after, place)) return before ?? after;
    this.note(place);
    return after;
  }

  private inStoredForm(value: Value, { rule }: Place): Value {
    const form = typeof value === "string" ? this.stored.get(rule) : undefined;
    return form === undefined ? value : form(value as string);
  }

  /** Whether an argument stays as it is: it keeps its value, or never had one. */
  private isSame(attribute: AttributeSchema, known: Value | undefined, after: Value, place: Place): boolean {
    const isThere = known !== undefined;
    const before = known ?? null;
    if (before === null) {
      // In blocks that were there, the SDK has zero values in the place of nothing.
      const isInBlock = place.rule.includes(".") && isThere;
      const isNone = isNothing(after) || (isInBlock && (after === 0 || after === false));
      return after === null || (this.options.isLegacy && isNone)
        ? true
        : this.isTakenForSame(before, after, place);
    }
    if (canonical(sorted(attribute, before)) === canonical(sorted(attribute, after))) return true;
    if (this.options.isLegacy) {
      const text = after === null ? zeroTextOf(attribute.type) : textOf(after);
      if (text !== undefined && text === textOf(before)) return true;
      if (isNothing(before) && isNothing(after)) return true;
      // An empty text can't take away what the cloud has decided.
      if (attribute.computed && after === "") return true;
    }
    return this.isTakenForSame(before, after, place);
  }

  private isTakenForSame(before: Value, after: Value, place: Place): boolean {
    const { prior, proposed } = this.sides;
    return prior !== null && (this.same.get(place.rule)?.(before, after, { prior, proposed }) ?? false);
  }

  private planElements(
    fields: Fields,
    mode: NestingMode,
    before: Value | undefined,
    after: Value,
    place: Place,
  ): Value {
    if (isUnknown(after)) {
      this.note(place);
      return after;
    }
    if (after === null && isNothing(before)) return after;
    // What isn't said of a block that the cloud fills in stays as it is.
    if (this.computedBlocks.has(place.rule) && isNothing(after) && !isNothing(before)) return before ?? null;
    const hasBefore = before !== undefined && canonical(before) !== canonical(after);
    if (hasBefore && this.isTakenForSame(before, after, place)) return before;
    if (after === null) {
      this.note(place);
      return after;
    }
    if (mode === "set") return this.planSet(fields, listOf(before), listOf(after), place);
    if (mode === "list") return this.planList(fields, listOf(before), listOf(after), place);
    if (mode === "map") return this.planMap(fields, before, after, place);
    if (isObject(after)) return this.planBlock(fields, isObject(before) ? before : undefined, after, place);
    if (isObject(before)) this.note(place);
    return after;
  }

  private planList(
    fields: Fields,
    before: readonly Value[],
    after: readonly Value[],
    place: Place,
  ): readonly Value[] {
    if (before.length !== after.length) this.note(place);
    for (const [index, old] of before.entries()) {
      if (index >= after.length && isObject(old)) this.noteRemoved(fields, old, element(place, index));
    }
    return after.map((next, index) => {
      if (!isObject(next)) return next;
      const old = before[index];
      return this.planBlock(fields, isObject(old) ? old : undefined, next, element(place, index));
    });
  }

  /** Elements of a set are told apart by all that can be said about them. */
  private planSet(
    fields: Fields,
    before: readonly Value[],
    after: readonly Value[],
    place: Place,
  ): readonly Value[] {
    const left = this.distinct(fields, before, place).map(([key, old]) => ({ key, old }));
    const within = { ...place, isInSet: true };
    const next = this.distinct(fields, after, place);
    if (left.length !== next.length) this.note(place);
    const planned = next.map(([key, next]) => {
      const at = left.findIndex((each) => each.key === key);
      const [same] = at === -1 ? [] : left.splice(at, 1);
      if (same) return same.old;
      this.hasChanges = true;
      return isObject(next) ? this.planBlock(fields, undefined, next, within) : next;
    });
    for (const { old } of left) {
      this.hasChanges = true;
      if (isObject(old)) this.noteRemoved(fields, old, within);
    }
    return planned;
  }

  /** Elements that differ, with what tells them apart. */
  private distinct(fields: Fields, elements: readonly Value[], place: Place): [string, Value][] {
    return [...new Map(elements.map((element) => [this.keyOf(fields, element, place), element]))];
  }

  private planMap(fields: Fields, before: Value | undefined, after: Value, place: Place): Value {
    if (!isObject(after)) {
      if (isObject(before)) this.note(place);
      return after;
    }
    const old = isObject(before) ? before : {};
    if (Object.keys(old).some((key) => !(key in after))) this.note(place);
    return Object.fromEntries(
      Object.entries(after).map(([key, next]) => {
        const known = old[key];
        return [
          key,
          isObject(next) ? this.planBlock(fields, isObject(known) ? known : undefined, next, place) : next,
        ];
      }),
    );
  }

  private keyOf(fields: Fields, value: Value, place: Place): string {
    if (!isObject(value)) return canonical(value);
    const said = this.sayable(fields, value, place.rule);
    return this.options.setKeys?.[place.rule]?.(said) ?? canonical(said);
  }

  /** What people can say of a block, defaults included, without what is nothing. */
  private sayable(fields: Fields, value: ObjectValue, rule: string): ObjectValue {
    const said: Record<string, Value> = {};
    for (const [name, attribute] of Object.entries(fields.attributes ?? {})) {
      if (isReadOnly(attribute)) continue;
      const current = value[name] ?? this.defaults[`${rule}.${name}`] ?? null;
      const inner = elementFields(attribute);
      const items = inner && isList(current) ? current : undefined;
      const shown =
        items && inner
          ? items.map((item) => (isObject(item) ? this.sayable(inner, item, `${rule}.${name}`) : item))
          : current;
      if (isNothing(shown) || shown === 0 || shown === false) continue;
      said[name] = sorted(attribute, shown);
    }
    for (const [name, nested] of Object.entries(fields.block_types ?? {})) {
      const items = listOf(value[name] ?? null).map((item) =>
        isObject(item) ? this.sayable(nested.block, item, `${rule}.${name}`) : item,
      );
      if (items.length > 0) said[name] = nested.nesting_mode === "set" ? sortByText(items) : items;
    }
    return said;
  }

  /** A block that goes takes its arguments with it, some of which may force a replacement. */
  private noteRemoved(fields: Fields, old: ObjectValue, place: Place): void {
    for (const [name, attribute] of Object.entries(fields.attributes ?? {})) {
      const inner = elementFields(attribute);
      if (attribute.computed || isNothing(old[name])) continue;
      // Where there is no block, a default is what its argument is all the same.
      if (canonical(old[name] ?? null) === canonical(this.defaults[inside(place, name).rule] ?? null))
        continue;
      if (inner) this.noteRemovedElements(inner, old[name] ?? null, inside(place, name));
      else this.note(inside(place, name));
    }
    for (const [name, nested] of Object.entries(fields.block_types ?? {})) {
      this.noteRemovedElements(nested.block, old[name] ?? null, inside(place, name));
    }
  }

  private noteRemovedElements(fields: Fields, old: Value, place: Place): void {
    const items = listOf(old);
    if (items.length > 0) this.note(place);
    for (const [index, item] of items.entries()) {
      if (isObject(item)) this.noteRemoved(fields, item, element(place, index));
    }
  }

  private note({ rule, path }: Place): void {
    this.hasChanges = true;
    if (this.forcesNew.has(rule)) this.replacements.push(path);
  }
}

function inside(place: Place, name: string): Place {
  return {
    rule: place.rule ? `${place.rule}.${name}` : name,
    path: place.isInSet ? place.path : [...place.path, name],
    isInSet: place.isInSet,
  };
}

function element(place: Place, index: number): Place {
  return place.isInSet ? place : { ...place, path: [...place.path, index] };
}

function listOf(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : isObject(value) ? [value] : [];
}

/** The order of a set doesn't count. */
function sorted(attribute: AttributeSchema, value: Value): Value {
  return isSetType(attribute.type) && isList(value) ? sortByText(value) : value;
}
