import type { BlockSchema, TypeSchema } from "../schema/schema";
import { at, canonical, isList, isObject, isUnknown, type ObjectValue, type Value } from "../value";
import { elementFields, type Fields, isSetType } from "./fields";
import { isNothing } from "./zero-values";

/**
 * What the SDK puts in the place of a text that isn't known yet, where it is part of a set's element: elements are
 * told apart by it. Everywhere else the text is empty.
 *
 * @see https://github.com/hashicorp/terraform-plugin-sdk/blob/v2.38.1/internal/configs/hcl2shim/values.go
 */
const UNKNOWN_TEXT = "74D93920-ED26-11E3-AC10-0800200C9A66";

interface Reading {
  /** Static defaults by path without indexes: they count where a block isn't there, too. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Blocks that nobody has written, of which defaults count more than what the cloud has filled in. */
  readonly omitted?: readonly string[];
  /** Which blocks are sets, by path without indexes. */
  readonly sets?: ReadonlySet<string>;
  /** Where a block of others is, so that its sets can be told. */
  readonly prefix?: string;
  readonly isInSet?: boolean;
}

/** Arguments as a provider's code reads them: what isn't there, or isn't known yet, is the zero value. */
export class Arguments {
  constructor(
    readonly values: ObjectValue,
    private readonly reading: Reading = {},
  ) {}

  /** What stands at a dotted path with indexes: `template.0.min_replicas`. */
  get(path: string): Value {
    const value = at(this.values, path);
    const { defaults = {}, omitted = [] } = this.reading;
    const [block = ""] = path.split(".");
    if (value !== undefined && !omitted.includes(block)) return value;
    return (defaults[withoutIndexes(path)] as Value) ?? value ?? null;
  }

  text(path: string): string {
    const value = this.get(path);
    if (isUnknown(value) && this.reading.isInSet) return UNKNOWN_TEXT;
    return typeof value === "string" ? value : "";
  }

  flag(path: string): boolean {
    return this.get(path) === true;
  }

  number(path: string): number {
    const value = Number(this.get(path));
    return Number.isNaN(value) ? 0 : value;
  }

  /** A list or set with a member that isn't known yet isn't known at all. */
  list(path: string): readonly Value[] {
    const value = this.get(path);
    return isList(value) && !value.some(isUnknown) ? value : [];
  }

  /** The blocks at a path, each to be read like a resource. */
  blocks(path: string): readonly Arguments[] {
    const { sets = new Set<string>(), prefix = "", isInSet = false } = this.reading;
    const here = `${prefix}${withoutIndexes(path)}`;
    const reading: Reading = { sets, prefix: `${here}.`, isInSet: isInSet || sets.has(here) };
    return this.list(path)
      .filter(isObject)
      .map((block) => new Arguments(block, reading));
  }

  texts(path: string): readonly string[] {
    return this.list(path).filter((item) => typeof item === "string");
  }

  isKnown(path: string): boolean {
    return !isUnknown(this.get(path));
  }

  /** Whether it is there, known or not. */
  isGiven(path: string): boolean {
    return this.get(path) !== null;
  }

  /** Whether it is known and isn't the zero value. */
  isSet(path: string): boolean {
    const value = this.get(path);
    return !isUnknown(value) && !isNothing(value) && value !== 0 && value !== false;
  }
}

function withoutIndexes(path: string): string {
  return path.replaceAll(/\.\d+(?=\.|$)/g, "");
}

/** A change as a provider sees it while it plans: what was, what is to be, and what was written. */
export class PlannedChange {
  /** What was; without arguments when the resource is new. */
  readonly before: Arguments;
  /** What is to be, with defaults and what the cloud decided earlier. */
  readonly after: Arguments;
  /** What was written, without either. */
  readonly config: Arguments;

  constructor(
    private readonly prior: ObjectValue | null,
    planned: ObjectValue,
    config: ObjectValue,
    /** The provider's own configuration. */
    readonly provider: ObjectValue,
    { block = {}, rules = {} }: Partial<TypeSchema> = {},
  ) {
    const sets = setsOf(block);
    this.before = new Arguments(prior ?? {}, { sets });
    // An empty text that was written is what its code reads, even where the cloud's stays.
    const emptied = Object.entries(config).filter(([, value]) => value === "");
    const omitted = Object.keys(planned).filter((name) => isList(config[name]) && config[name].length === 0);
    this.after = new Arguments(
      { ...planned, ...Object.fromEntries(emptied) },
      { defaults: rules.defaults ?? {}, omitted, sets },
    );
    this.config = new Arguments(config, { sets });
  }

  get isNew(): boolean {
    return this.prior === null;
  }

  /** Whether an argument differs from before: nothing, the zero value and what isn't known yet are the same. */
  hasChanged(path: string): boolean {
    const one = this.before.get(path);
    const other = this.after.get(path);
    const isZero = (value: Value) => isNothing(value) || isUnknown(value) || value === 0 || value === false;
    return canonical(one) !== canonical(other) && !(isZero(one) && isZero(other));
  }
}

const knownSets = new WeakMap<BlockSchema, ReadonlySet<string>>();

/** The paths, without indexes, of blocks that are sets. */
function setsOf(block: BlockSchema): ReadonlySet<string> {
  const known = knownSets.get(block);
  if (known) return known;
  const sets = new Set(findSets(block, ""));
  knownSets.set(block, sets);
  return sets;
}

function* findSets(fields: Fields, prefix: string): Generator<string> {
  for (const [name, attribute] of Object.entries(fields.attributes ?? {})) {
    const inner = elementFields(attribute);
    if (isSetType(attribute.type) || attribute.nested_type?.nesting_mode === "set") yield `${prefix}${name}`;
    if (inner) yield* findSets(inner, `${prefix}${name}.`);
  }
  for (const [name, nested] of Object.entries(fields.block_types ?? {})) {
    if (nested.nesting_mode === "set") yield `${prefix}${name}`;
    yield* findSets(nested.block, `${prefix}${name}.`);
  }
}
