import type { Diagnostic } from "../diagnostic";
import type { Path } from "../path";
import { elementFields, type Fields, isReadOnly } from "../planning/fields";
import type { BlockSchema, TypeRules, TypeSchema } from "../schema/schema";
import { isList, isObject, type ObjectValue, type Value } from "../value";
import { findCombinationProblems } from "./combinations";
import { findLists, findValues } from "./config-values";
import { problemAt } from "./problem";
import { findFormatProblem } from "./text-format";
import { checkText } from "./text-rule";
import {
  checkAllowed,
  checkIntervals,
  checkItems,
  checkMultiple,
  checkNotBlank,
  checkNotEmpty,
  checkRange,
  checkWhole,
} from "./value-rules";

/** Says what is wrong with a value; undefined when nothing is. */
export type ValueCheck = (value: Value, name: string) => string | undefined;

/**
 * What the provider would say about a configuration, from its rules. What isn't known yet is left alone, and so is
 * a block that holds such a value: the provider sees it again before it creates or changes anything.
 *
 * @param checks of single values, by path without indexes, where the rules don't have the whole truth
 */
export function validateConfig(
  schema: TypeSchema,
  config: ObjectValue,
  acceptsWriteOnly: boolean,
  checks: Readonly<Record<string, ValueCheck>> = {},
): Diagnostic[] {
  return [
    ...findOwnId(schema, config),
    ...findComputed(schema, config),
    ...findValueProblems(schema, config, checks),
    ...findCombinationProblems(schema, config),
    ...(acceptsWriteOnly ? [] : findWriteOnly(schema, config)),
  ];
}

/** Every type of the SDK has an id that the schema calls optional, and that nobody may set. */
function findOwnId({ block }: TypeSchema, { id }: ObjectValue): Diagnostic[] {
  return isOfSdk(block) && (id ?? null) !== null ? [problemAt(["id"], "Invalid or unknown key")] : [];
}

function isOfSdk({ attributes }: BlockSchema): boolean {
  return attributes?.id?.optional === true && attributes.id.computed === true;
}

/** Values for what only the provider says: Terraform itself lets them through. */
function findComputed({ block }: TypeSchema, config: ObjectValue): Diagnostic[] {
  const message = isOfSdk(block) ? unconfigurable : readOnly;
  return [...computedPaths(block, config, [])].map((path) => problemAt(path, ...message(path)));
}

function* computedPaths(
  { attributes = {}, block_types = {} }: Fields,
  config: ObjectValue,
  path: Path,
): Generator<Path> {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (isReadOnly(attribute) && (config[name] ?? null) !== null) yield [...path, name];
  }
  for (const [name, { block }] of Object.entries(block_types)) {
    const value = config[name] ?? null;
    if (isList(value)) {
      for (const [index, element] of value.entries()) {
        if (isObject(element)) yield* computedPaths(block, element, [...path, name, index]);
      }
    } else if (isObject(value)) yield* computedPaths(block, value, [...path, name]);
  }
}

const unconfigurable = (path: Path): [string, string] => [
  "Value for unconfigurable attribute",
  `Can't configure a value for "${path.join(".")}": its value will be decided automatically based on the result of applying this configuration.`,
];

const readOnly = (): [string, string] => [
  "Invalid Configuration for Read-Only Attribute",
  "Cannot set value for this attribute as the provider has marked it as read-only. Remove the configuration line setting the value.",
];

/** The part of it that is about single values, whatever else a configuration would miss. */
export function findValueProblems(
  { block, rules = {} }: TypeSchema,
  config: ObjectValue,
  checks: Readonly<Record<string, ValueCheck>>,
): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const whole = numberPaths(block)
    .filter((path) => !rules.floats?.includes(path))
    .map((path): [string, ValueCheck] => [path, checkWhole]);
  for (const [path, check] of [...whole, ...checksOf(rules, checks), ...Object.entries(checks)]) {
    const name = path.split(".").at(-1) ?? path;
    for (const [value, where] of findValues(block, config, path)) {
      const message = check(value, name);
      if (message !== undefined) problems.push(problemAt(where, message));
    }
  }
  for (const [path, range] of Object.entries(rules.items ?? {})) {
    for (const [items, where] of findLists(block, config, path)) {
      const message = checkItems(items, path, range);
      if (message !== undefined) problems.push(problemAt(where, message));
    }
  }
  return [...problems, ...findFieldProblems(block, rules, config)];
}

const knownNumbers = new WeakMap<BlockSchema, readonly string[]>();

/** Paths without indexes of all numbers. */
function numberPaths(block: BlockSchema): readonly string[] {
  const known = knownNumbers.get(block);
  if (known) return known;
  const paths = [...findNumbers(block, "")];
  knownNumbers.set(block, paths);
  return paths;
}

function* findNumbers(fields: Fields, prefix: string): Generator<string> {
  for (const [name, attribute] of Object.entries(fields.attributes ?? {})) {
    const { type } = attribute;
    const inner = elementFields(attribute);
    if (inner) yield* findNumbers(inner, `${prefix}${name}.`);
    else if (type === "number" || (Array.isArray(type) && type[1] === "number")) yield `${prefix}${name}`;
  }
  for (const [name, { block }] of Object.entries(fields.block_types ?? {})) {
    yield* findNumbers(block, `${prefix}${name}.`);
  }
}

/** What Terraform would check of a block, for blocks that the schema has as attributes. */
function* findFieldProblems(
  block: BlockSchema,
  rules: TypeRules,
  config: ObjectValue,
): Generator<Diagnostic> {
  for (const path of rules.requiredFields ?? []) {
    const [name, ...above] = path.split(".").reverse() as [string, ...string[]];
    for (const [elements, where] of findLists(block, config, above.reverse().join("."))) {
      const isMissing = elements.some((element) => isObject(element) && (element[name] ?? null) === null);
      if (isMissing) {
        yield problemAt(
          where,
          "Missing required argument",
          `The argument "${path}" is required, but no definition was found.`,
        );
      }
    }
  }
  for (const path of rules.readOnlyFields ?? []) {
    for (const [, where] of findValues(block, config, path)) {
      yield problemAt(where, ...unconfigurable(path.split(".")));
    }
  }
}

/** The rules as checks by path. A check of our own stands in for what was only seen of a form. */
function* checksOf(
  rules: TypeRules,
  own: Readonly<Record<string, ValueCheck>>,
): Generator<[string, ValueCheck]> {
  for (const [path, allowed] of Object.entries(rules.allowed ?? {})) {
    const ignoresCase = rules.ignoreCase?.includes(path) ?? false;
    yield [path, (value, name) => checkAllowed(value, name, allowed, ignoresCase)];
  }
  for (const [path, range] of Object.entries(rules.range ?? {})) {
    yield [path, (value, name) => checkRange(value, name, range)];
  }
  for (const [path, intervals] of Object.entries(rules.numbers ?? {})) {
    yield [path, (value, name) => checkIntervals(value, name, intervals)];
  }
  for (const [path, divisor] of Object.entries(rules.multipleOf ?? {})) {
    yield [path, (value, name) => checkMultiple(value, name, divisor)];
  }
  for (const path of rules.notEmpty ?? []) {
    yield [path, rules.notBlank?.includes(path) === true ? checkNotBlank : checkNotEmpty];
  }
  for (const [path, rule] of Object.entries(rules.text ?? {})) {
    if (path in own) continue;
    const accepts = rules.format?.[path]?.accepts ?? [];
    yield [
      path,
      // The classes of characters were tried one by one: a value that was accepted counts more.
      (value, name) => (accepts.some((each) => each === value) ? undefined : checkText(value, name, rule)),
    ];
  }
  for (const [path, format] of Object.entries(rules.format ?? {})) {
    if (path in own) continue;
    const isRooted = format.kind !== "resource-id" || rules.rootedIds?.includes(path) === true;
    yield [
      path,
      (value, name) =>
        typeof value === "string"
          ? findFormatProblem(isRooted ? value : value.replace(/^(?=subscriptions\/)/, "/"), name, format)
          : undefined,
    ];
  }
}

function findWriteOnly({ block }: TypeSchema, config: ObjectValue): Diagnostic[] {
  return Object.entries(block.attributes ?? {})
    .filter(([name, attribute]) => attribute.write_only && (config[name] ?? null) !== null)
    .map(([name]) =>
      problemAt(
        [name],
        "Write-only Attribute Not Allowed",
        `The resource contains a non-null value for write-only attribute "${name}". Write-only attributes are only supported in Terraform 1.11 and later.`,
      ),
    );
}
