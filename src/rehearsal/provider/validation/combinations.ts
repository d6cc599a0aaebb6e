import type { Diagnostic } from "../diagnostic";
import type { Path } from "../path";
import type { BlockSchema, TypeSchema } from "../schema/schema";
import { hasUnknown, isList, isObject, isUnknown, type ObjectValue } from "../value";
import { existing, findPlacesOf, stepsOf, valueAt } from "./config-values";
import { problemAt } from "./problem";

/** What may not stand together, and what not alone. */
export function findCombinationProblems(schema: TypeSchema, config: ObjectValue): Diagnostic[] {
  return [
    ...findConflicts(schema, config),
    ...findMissingCompanions(schema, config),
    ...findChoices(schema, config),
  ];
}

function* findConflicts(schema: TypeSchema, config: ObjectValue): Generator<Diagnostic> {
  for (const [path, others] of Object.entries(schema.rules?.conflictsWith ?? {})) {
    for (const place of findPlacesOf(config, path)) {
      // One that isn't known yet may turn out to be none, and so may the other one.
      if (!isSet(schema, config, place) || hasUnknown(valueAt(config, place) ?? null)) continue;
      for (const other of others) {
        const where = stepsOf(other);
        if (!isSet(schema, config, where) || isUnknown(valueAt(config, where))) continue;
        yield problemAt(
          existing(config, place),
          "Conflicting configuration arguments",
          `"${place.join(".")}": conflicts with ${other}`,
        );
      }
    }
  }
}

function* findMissingCompanions(schema: TypeSchema, config: ObjectValue): Generator<Diagnostic> {
  for (const [path, others] of Object.entries(schema.rules?.requiredWith ?? {})) {
    for (const place of findPlacesOf(config, path)) {
      if (!isSet(schema, config, place) || others.every((other) => isSet(schema, config, stepsOf(other))))
        continue;
      const all = [...new Set([place.join("."), ...others])].sort().join(",");
      yield problemAt(
        existing(config, place),
        "Missing required argument",
        `"${place.join(".")}": all of \`${all}\` must be specified`,
      );
    }
  }
}

/** Exactly one, or at least one, of a group. */
function* findChoices(schema: TypeSchema, config: ObjectValue): Generator<Diagnostic> {
  for (const group of schema.rules?.exactlyOneOf ?? []) {
    const [first] = group.map(stepsOf).filter((place) => isReached(config, place));
    if (first === undefined) continue;
    const all = group.join(",");
    const given = group.filter((path) => isSet(schema, config, stepsOf(path)));
    const known = given.filter((path) => !hasUnknown(valueAt(config, stepsOf(path)) ?? null));
    if (given.length === 0) {
      yield problemAt(
        existing(config, first.slice(0, -1)),
        "Invalid combination of arguments",
        `"${first.join(".")}": one of \`${all}\` must be specified`,
      );
    } else if (known.length > 1) {
      yield problemAt(
        existing(config, stepsOf(known[0] as string)),
        "Invalid combination of arguments",
        `"${known[0]}": only one of \`${all}\` can be specified, but \`${known.join(",")}\` were specified.`,
      );
    }
  }
  for (const group of schema.rules?.atLeastOneOf ?? []) {
    const [first] = group.map(stepsOf).filter((place) => isReached(config, place));
    if (first === undefined || group.some((path) => isSet(schema, config, stepsOf(path)))) continue;
    yield problemAt(
      existing(config, first.slice(0, -1)),
      "Missing required argument",
      `"${first.join(".")}": one of \`${group.join(",")}\` must be specified`,
    );
  }
}

/** An argument that has a value, known or not, be it an empty list; a block that is there. */
function isSet({ block }: TypeSchema, config: ObjectValue, place: Path): boolean {
  const value = valueAt(config, place) ?? null;
  return value !== null && !(isList(value) && value.length === 0 && isBlock(block, place));
}

function isBlock(block: BlockSchema, place: Path): boolean {
  const [name, ...rest] = place.filter((step) => typeof step === "string");
  const nested = name === undefined ? undefined : block.block_types?.[name];
  return nested !== undefined && (rest.length === 0 || isBlock(nested.block, rest));
}

/** Whether the provider gets to look at a place: its block is there, and all of it is known. */
function isReached(config: ObjectValue, place: Path): boolean {
  if (place.length === 1) return true;
  return !hasUnknown(config[String(place[0])] ?? null) && isObject(valueAt(config, place.slice(0, -1)));
}
