import { at, canonical, isList, isObject, isUnknown, type ObjectValue, type Value } from "../value";
import { isNothing } from "./zero-values";

/** Arguments as a provider's code reads them: what isn't there, or isn't known yet, is the zero value. */
export class Arguments {
  /**
   * @param defaults static defaults by path without indexes: they count where a block isn't there, too
   * @param omitted blocks that nobody has written, of which defaults count more than what the cloud has filled in
   */
  constructor(
    readonly values: ObjectValue,
    private readonly defaults: Readonly<Record<string, unknown>> = {},
    private readonly omitted: readonly string[] = [],
  ) {}

  /** What stands at a dotted path with indexes: `template.0.min_replicas`. */
  get(path: string): Value {
    const value = at(this.values, path);
    const [block = ""] = path.split(".");
    if (value !== undefined && !this.omitted.includes(block)) return value;
    return (this.defaults[path.replaceAll(/\.\d+(?=\.|$)/g, "")] as Value) ?? value ?? null;
  }

  text(path: string): string {
    const value = this.get(path);
    return typeof value === "string" ? value : "";
  }

  flag(path: string): boolean {
    return this.get(path) === true;
  }

  number(path: string): number {
    const value = Number(this.get(path));
    return Number.isNaN(value) ? 0 : value;
  }

  list(path: string): readonly Value[] {
    const value = this.get(path);
    return isList(value) ? value : [];
  }

  /** The blocks at a path, each to be read like a resource. */
  blocks(path: string): readonly Arguments[] {
    return this.list(path)
      .filter(isObject)
      .map((block) => new Arguments(block));
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
    defaults: Readonly<Record<string, unknown>> = {},
  ) {
    this.before = new Arguments(prior ?? {});
    const omitted = Object.keys(planned).filter((name) => isList(config[name]) && config[name].length === 0);
    this.after = new Arguments(planned, defaults, omitted);
    this.config = new Arguments(config);
  }

  get isNew(): boolean {
    return this.prior === null;
  }

  /** Whether an argument differs from before, where nothing and the zero value are the same. */
  hasChanged(path: string): boolean {
    const one = this.before.get(path);
    const other = this.after.get(path);
    const isZero = (value: Value) => isNothing(value) || value === 0 || value === false;
    return canonical(one) !== canonical(other) && !(isZero(one) && isZero(other));
  }
}
