/** Anything that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A place in an object that is being judged: what stands there, what the API server calls the place, and the list
 * that problems go to. Refusals have the API server's words, so that they can be searched for.
 */
export class Field {
  constructor(
    readonly value: Json | undefined,
    readonly path: string,
    private readonly problems: string[],
  ) {}

  /** Whether something stands there; an empty text, list or object does. */
  get isSet(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Whether nothing stands there, or nothing but an empty text, list or object, zero or false. */
  get isEmpty(): boolean {
    if (!this.isSet || this.value === "" || this.value === 0 || this.value === false) return true;
    if (Array.isArray(this.value)) return this.value.length === 0;
    return isJsonObject(this.value) && Object.keys(this.value).length === 0;
  }

  /** The text there, empty where there is none. */
  get text(): string {
    return typeof this.value === "string" ? this.value : "";
  }

  /** The number there, zero where there is none. */
  get number(): number {
    return typeof this.value === "number" ? this.value : 0;
  }

  /** The member of that name of an object; several names lead further in. */
  at(...names: readonly string[]): Field {
    let field: Field = this;
    for (const name of names) {
      const value = isJsonObject(field.value) ? field.value[name] : undefined;
      field = new Field(value, field.path === "" ? name : `${field.path}.${name}`, this.problems);
    }
    return field;
  }

  /** The elements of a list. */
  items(): Field[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((value, index) => new Field(value, `${this.path}[${index}]`, this.problems));
  }

  /** The entries of a map, in the order of their keys. */
  entries(): [key: string, value: Field][] {
    if (!isJsonObject(this.value)) return [];
    return Object.entries(this.value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => [key, new Field(value, `${this.path}[${key}]`, this.problems)]);
  }

  /** The same value under another name, where the API server reports it elsewhere. */
  as(path: string): Field {
    return new Field(this.value, path, this.problems);
  }

  /** The same place with another value, where the API server fills in what is missing. */
  with(value: Json | undefined): Field {
    return new Field(value, this.path, this.problems);
  }

  invalid(detail: string, shown: Json | undefined = this.value): void {
    this.report(`Invalid value: ${show(shown)}${detail && `: ${detail}`}`);
  }

  required(detail = ""): void {
    this.report(`Required value${detail && `: ${detail}`}`);
  }

  forbidden(detail: string): void {
    this.report(`Forbidden: ${detail}`);
  }

  duplicate(shown: Json | undefined = this.value): void {
    this.report(`Duplicate value: ${show(shown)}`);
  }

  unsupported(supported: readonly string[], shown: Json | undefined = this.value): void {
    const values = supported.map((value) => JSON.stringify(value)).join(", ");
    this.report(`Unsupported value: ${show(shown)}: supported values: ${values}`);
  }

  tooLong(bytes: number): void {
    this.report(`Too long: may not be more than ${bytes} bytes`);
  }

  tooMany(actual: number, most: number): void {
    this.report(`Too many: ${actual}: must have at most ${most} ${most === 1 ? "item" : "items"}`);
  }

  /** Whether these rules have nothing to say. */
  isSound(rules: () => void): boolean {
    const before = this.problems.length;
    rules();
    return this.problems.length === before;
  }

  /** Every one of these messages, about the value. */
  invalidAll(messages: readonly string[], shown: Json | undefined = this.value): void {
    for (const message of messages) this.invalid(message, shown);
  }

  /** A refusal in words of its own. */
  report(words: string): void {
    const problem = `${this.path || "<nil>"}: ${words}`;
    if (!this.problems.includes(problem)) this.problems.push(problem);
  }
}

/** How the API server prints a value: texts quoted, the rest as it is in JSON. */
export function show(value: Json | undefined): string {
  return value === undefined ? "null" : JSON.stringify(value);
}

/** Refuses a text that isn't one of these. What is missing passes, unless it is asked for. */
export function allowOnly(field: Field, supported: readonly string[], isRequired = false): void {
  if (field.text === "") {
    if (isRequired) field.required();
    return;
  }
  if (!supported.includes(field.text)) field.unsupported(supported);
}

/** Refuses a text that isn't one of these, an empty one too. What is missing passes. */
export function allowGiven(field: Field, supported: readonly string[]): void {
  if (field.isSet && !supported.includes(field.text)) field.unsupported(supported);
}

export const NOT_NEGATIVE = "must be greater than or equal to 0";

export function refuseNegative(field: Field): void {
  if (field.number < 0) field.invalid(NOT_NEGATIVE);
}

/** Refuses what occurs twice, told apart by a key. */
export function refuseTwice(fields: readonly Field[], keyOf: (field: Field) => string | undefined): void {
  const seen = new Set<string>();
  for (const field of fields) {
    const key = keyOf(field);
    if (key === undefined || key === "") continue;
    if (seen.has(key)) field.duplicate();
    seen.add(key);
  }
}

export const IMMUTABLE = "field is immutable";

/** Refuses a change of a value that stays as it was made. Objects are equal whatever the order of their keys. */
export function refuseChange(field: Field, prior: Field, detail: string = IMMUTABLE): void {
  if (canonicalJson(field.value) !== canonicalJson(prior.value)) field.invalid(detail);
}

/** A text that equal values share; what is missing, null and an empty list or object are the same. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.length === 0 ? "" : `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value)
      .map(([key, child]): [string, string] => [key, canonicalJson(child)])
      .filter(([, text]) => text !== "")
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return members.length === 0
      ? ""
      : `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
