import type { Diagnostic } from "./diagnostic";
import type { Path } from "./plan";
import type { BlockSchema, TextRule, TypeSchema } from "./schema/schema";
import { at, hasUnknown, isList, isObject, isUnknown, type ObjectValue, type Value } from "./value";

/** What the provider would say about a configuration, from its rules. What isn't known yet is left alone. */
export function validateConfig(
  schema: TypeSchema,
  config: ObjectValue,
  acceptsWriteOnly: boolean,
): Diagnostic[] {
  const { rules = {} } = schema;
  const visit = (path: string, check: (value: Value, name: string) => string | undefined) =>
    findValues(schema.block, config, path.split(".")).flatMap(([found, where]) => {
      const message = check(found, path.split(".").at(-1) ?? path);
      return message === undefined ? [] : [problem(message, "", where)];
    });
  return [
    ...Object.entries(rules.allowed ?? {}).flatMap(([path, allowed]) =>
      visit(path, (value, name) =>
        checkAllowed(value, name, allowed, rules.ignoreCase?.includes(path) ?? false),
      ),
    ),
    ...Object.entries(rules.range ?? {}).flatMap(([path, range]) =>
      visit(path, (value, name) => checkRange(value, name, range)),
    ),
    ...Object.entries(rules.text ?? {}).flatMap(([path, rule]) =>
      visit(path, (value, name) => checkText(value, name, rule)),
    ),
    ...findCombinationProblems(schema, config),
    ...(acceptsWriteOnly ? [] : findWriteOnly(schema, config)),
  ];
}

function checkAllowed(
  value: Value,
  name: string,
  allowed: readonly (string | number)[],
  ignoresCase: boolean,
): string | undefined {
  const fold = (item: Value | number) => (ignoresCase ? String(item).toLowerCase() : String(item));
  if (allowed.some((item) => fold(item) === fold(value))) return undefined;
  return `expected ${name} to be one of [${allowed.map((item) => JSON.stringify(item)).join(" ")}], got ${String(value)}`;
}

function checkRange(
  value: Value,
  name: string,
  [lowest, highest]: readonly [number | null, number | null],
): string | undefined {
  const number = Number(value);
  if (Number.isNaN(number)) return undefined;
  if ((lowest === null || number >= lowest) && (highest === null || number <= highest)) return undefined;
  if (highest === null) return `expected ${name} to be at least (${lowest}), got ${number}`;
  if (lowest === null) return `expected ${name} to be at most (${highest}), got ${number}`;
  return `expected ${name} to be in the range (${lowest} - ${highest}), got ${number}`;
}

function checkText(value: Value, name: string, rule: TextRule): string | undefined {
  if (typeof value !== "string") return undefined;
  const { minLength = 0, maxLength, characters, first, last, doubleHyphen = true } = rule;
  if (value.length < minLength || (maxLength !== undefined && value.length > maxLength)) {
    const range = maxLength === undefined ? `at least ${minLength}` : `between ${minLength} and ${maxLength}`;
    return `expected length of ${name} to be ${range} characters, got ${value.length} in "${value}"`;
  }
  if (value === "") return undefined;
  const isOf = (classes: string, text: string) => new RegExp(`^${characterClass(classes)}+$`, "u").test(text);
  if (characters !== undefined && !isOf(characters, value)) {
    return `"${name}" may only contain characters of [${characters}], got "${value}"`;
  }
  if (first !== undefined && !isOf(first, value.slice(0, 1))) {
    return `"${name}" must begin with a character of [${first}], got "${value}"`;
  }
  if (last !== undefined && !isOf(last, value.slice(-1))) {
    return `"${name}" must end with a character of [${last}], got "${value}"`;
  }
  if (!doubleHyphen && value.includes("--")) {
    return `"${name}" may not contain two hyphens in a row, got "${value}"`;
  }
  return undefined;
}

/** In the rules' classes a hyphen stands for itself unless it is between two letters or digits. */
function characterClass(characters: string): string {
  const escaped = characters.replaceAll(/([a-z0-9])-([a-z0-9])|(.)/gis, (_, from, to, single) =>
    from === undefined ? `\\u{${(single as string).codePointAt(0)?.toString(16)}}` : `${from}-${to}`,
  );
  return `[${escaped}]`;
}

function findCombinationProblems({ rules = {} }: TypeSchema, config: ObjectValue): Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [path, others] of Object.entries(rules.conflictsWith ?? {})) {
    if (!isSet(config, path)) continue;
    for (const other of others) {
      if (!isSet(config, other) || hasUnknown(valueAt(config, other) ?? null)) continue;
      problems.push(
        problem(
          "Conflicting configuration arguments",
          `"${path}": conflicts with ${other}`,
          pathOf(config, path),
        ),
      );
    }
  }
  for (const [path, others] of Object.entries(rules.requiredWith ?? {})) {
    if (!isSet(config, path) || others.every((other) => isSet(config, other))) continue;
    const all = [...new Set([path, ...others])].sort().join(",");
    problems.push(
      problem(
        "Missing required argument",
        `"${path}": all of \`${all}\` must be specified`,
        pathOf(config, path),
      ),
    );
  }
  for (const group of rules.exactlyOneOf ?? []) {
    const reachable = group.filter((path) => hasParent(config, path));
    const given = group.filter((path) => isSet(config, path));
    const known = given.filter((path) => !hasUnknown(valueAt(config, path) ?? null));
    const [first] = reachable;
    if (first === undefined) continue;
    const all = group.join(",");
    if (given.length === 0) {
      problems.push(
        problem(
          "Invalid combination of arguments",
          `"${first}": one of \`${all}\` must be specified`,
          parentOf(config, first),
        ),
      );
    } else if (known.length > 1) {
      const detail = `"${known[0]}": only one of \`${all}\` can be specified, but \`${known.join(",")}\` were specified.`;
      problems.push(problem("Invalid combination of arguments", detail, pathOf(config, known[0] as string)));
    }
  }
  for (const group of rules.atLeastOneOf ?? []) {
    const [first] = group.filter((path) => hasParent(config, path));
    if (first === undefined || group.some((path) => isSet(config, path))) continue;
    const detail = `"${first}": one of \`${group.join(",")}\` must be specified`;
    problems.push(problem("Missing required argument", detail, parentOf(config, first)));
  }
  return problems;
}

function findWriteOnly({ block }: TypeSchema, config: ObjectValue): Diagnostic[] {
  return Object.entries(block.attributes ?? {})
    .filter(([name, attribute]) => attribute.write_only && (config[name] ?? null) !== null)
    .map(([name]) =>
      problem(
        "Write-only Attribute Not Allowed",
        `The resource contains a non-null value for write-only attribute "${name}". Write-only attributes are only supported in Terraform 1.11 and later.`,
        [name],
      ),
    );
}

function problem(summary: string, detail: string, path: Path): Diagnostic {
  return { severity: "error", summary, detail, path };
}

/** Paths in the rules leave out the index of a single block: `template.container` for `template.0.container`. */
function valueAt(config: ObjectValue, path: string): Value | undefined {
  return at(config, indexed(config, path).join("."));
}

function indexed(config: ObjectValue, path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  let current: Value | undefined = config;
  for (const step of path.split(".")) {
    if (isList(current) && !/^\d+$/.test(step)) {
      steps.push(0);
      current = current[0];
    }
    steps.push(/^\d+$/.test(step) ? Number(step) : step);
    current = at(current, step);
  }
  return steps;
}

function isSet(config: ObjectValue, path: string): boolean {
  const value = valueAt(config, path);
  return value !== undefined && value !== null && !(isList(value) && value.length === 0);
}

function hasParent(config: ObjectValue, path: string): boolean {
  const parent = indexed(config, path).slice(0, -1);
  return parent.length === 0 || isObject(at(config, parent.join(".")));
}

function parentOf(config: ObjectValue, path: string): Path {
  return existing(config, indexed(config, path).slice(0, -1));
}

function pathOf(config: ObjectValue, path: string): Path {
  return existing(config, indexed(config, path));
}

/** Terraform points at the place only where it exists. */
function existing(config: ObjectValue, path: Path): Path {
  let end = path.length;
  while (end > 0 && (at(config, path.slice(0, end).join(".")) ?? null) === null) end -= 1;
  return path.slice(0, end);
}

/** Known values at a path without indexes, in all blocks, each with where it stands. */
function findValues(
  block: Pick<BlockSchema, "attributes" | "block_types">,
  value: Value,
  steps: readonly string[],
  path: Path = [],
): [Value, Path][] {
  const [step, ...rest] = steps;
  if (step === undefined || !isObject(value)) return [];
  const found = value[step] ?? null;
  const here = [...path, step];
  if (found === null || isUnknown(found)) return [];
  const attribute = block.attributes?.[step];
  const inner = block.block_types?.[step]?.block ?? attribute?.nested_type;
  const mode = block.block_types?.[step]?.nesting_mode ?? attribute?.nested_type?.nesting_mode;
  if (rest.length > 0) {
    if (!inner) return [];
    if (!isList(found)) return findValues(inner, found, rest, here);
    // Terraform has no way to point at an element of a set.
    return found.flatMap((item, index) =>
      findValues(inner, item, rest, mode === "set" ? here : [...here, index]).map(
        ([deep, where]): [Value, Path] => [deep, mode === "set" ? here : where],
      ),
    );
  }
  if (!isList(found)) return isObject(found) ? [] : [[found, here]];
  const isSetType = Array.isArray(attribute?.type) && attribute.type[0] === "set";
  return found.flatMap((item, index): [Value, Path][] =>
    item === null || isUnknown(item) || typeof item === "object"
      ? []
      : [[item, isSetType ? here : [...here, index]]],
  );
}
