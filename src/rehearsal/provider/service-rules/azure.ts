import { hasUnknown, isList, isObject, type ObjectValue, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

const MOST_TAGS = 50;
const LONGEST_TAG = 512;
const LONGEST_TAG_VALUE = 256;

function findTagProblem(tags: ObjectValue): string | undefined {
  if (Object.keys(tags).length > MOST_TAGS) {
    return `a maximum of ${MOST_TAGS} tags can be applied to each resource`;
  }
  for (const [key, value] of Object.entries(tags)) {
    const [keyLength, length] = [key, String(value)].map((text) => Buffer.byteLength(text)) as [
      number,
      number,
    ];
    if (keyLength > LONGEST_TAG) {
      return `the maximum length for a tag key is ${LONGEST_TAG} characters: "${key}" is ${keyLength} characters`;
    }
    if (typeof value === "string" && length > LONGEST_TAG_VALUE) {
      return `the maximum length for a tag value is ${LONGEST_TAG_VALUE} characters: the value for "${key}" is ${length} characters`;
    }
  }
  return undefined;
}

/** Tags of a resource and of what its blocks stand for. */
function* findTags(value: Value): Generator<ObjectValue> {
  if (isList(value)) for (const item of value) yield* findTags(item);
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === "tags" && isObject(inner)) yield inner;
    else yield* findTags(inner);
  }
}

/** What all of azurerm's types have in common. */
export const azure: ServiceRules = {
  types: ["azurerm_*"],
  invalid: {
    "more or longer tags than Azure keeps": ({ config }) =>
      Object.entries(config.values)
        // A block that holds anything unknown is looked at no further.
        .filter(([name, value]) => name === "tags" || !hasUnknown(value))
        .flatMap(([name, value]) => [...findTags({ [name]: value })])
        .map(findTagProblem)
        .find((problem) => problem !== undefined),
  },
};
