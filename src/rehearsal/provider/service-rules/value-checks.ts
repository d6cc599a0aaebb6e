import type { Sameness } from "../planning/sameness";
import { isResourceId } from "../validation/resource-id";
import { goExpression } from "../validation/text-format";
import type { ValueCheck } from "../validation/validate-config";

/** Checks, and a sameness, that several services share. */

/** @param message with `{name}` and `{value}` for those of the argument */
export function matching(expression: string, message: string): ValueCheck {
  return texts((text) => goExpression(expression).test(text), message);
}

/** @param message with `{name}` and `{value}` for those of the argument */
export function texts(accepts: (text: string) => boolean, message: string): ValueCheck {
  return (value, name) =>
    typeof value !== "string" || accepts(value)
      ? undefined
      : message.replaceAll("{name}", name).replaceAll("{value}", value);
}

/** An id of one of some patterns, which the provider takes without its first slash too. */
export function idOf(...patterns: readonly string[]): ValueCheck {
  return texts(
    (text) => {
      const rooted = text.replace(/^(?=subscriptions\/)/, "/");
      return patterns.some((pattern) => isResourceId(rooted, pattern));
    },
    `expected "{name}" to be an id like ${patterns.join(" or ")}, got "{value}"`,
  );
}

/** An id of anything in a subscription, or one of some patterns, which need no slash in front. */
export function anyId(...patterns: readonly string[]): ValueCheck {
  const any =
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{namespace}/{resourceType}/{resourceName}";
  const check = idOf(any, ...patterns);
  return (value, name) => {
    const isRootless = typeof value === "string" && !value.startsWith("/");
    if (!isRootless) return check(value, name);
    return patterns.some((pattern) => isResourceId(`/${value}`, pattern))
      ? undefined
      : `cannot parse "${name}" as a resource id: parse "${value}": invalid URI for request`;
  };
}

/** A check that some words pass without being looked at. */
export function unlessOneOf(words: readonly string[], check: ValueCheck): ValueCheck {
  return (value, name) => (words.some((word) => word === value) ? undefined : check(value, name));
}

/** A default that the cloud fills in is what was asked for by saying nothing. */
export const emptyOr =
  (value: string): Sameness =>
  (before, after) =>
    (!before && after === value) || (!after && before === value);

/** An IPv4 address with or without the bits of a prefix, as azurerm reads it. */
export const ipv4OrPrefix = matching(
  "^([0-9]{1,3}\\.){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$",
  '{name} must start with IPV4 address and/or slash, number of bits (0-32) as prefix. Example: 127.0.0.1/8. Got "{value}"',
);

export const integerText = matching(
  "^[+-]?\\d+$",
  "expected {name} to be a string representation of an integer, got {value}",
);
