import { type Field, isJsonObject, NOT_NEGATIVE } from "../field";
import { qualifiedName } from "../formats/names";
import { isWhole, quantityOf, showQuantity } from "../formats/quantity";

/** Requests and limits of CPU, memory and the like. */

const OF_CONTAINERS = ["cpu", "memory", "ephemeral-storage"];

export const WHOLE = "must be an integer";

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** CPU and memory may be promised more often than they are there; huge pages and devices may not. */
function mayOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith("hugepages-");
}

export function judgeResources(resources: Field): void {
  const limits = resources.at("limits");
  const requests = resources.at("requests");
  const limitOf = isJsonObject(limits.value) ? limits.value : {};
  for (const [name, amount] of limits.entries()) judgeAmount(name, amount);
  for (const [name, amount] of requests.entries()) {
    judgeAmount(name, amount);
    const limit = limitOf[name];
    const wanted = quantityOf(amount.value);
    const allowed = quantityOf(limit);
    if (limit === undefined) {
      if (!mayOvercommit(name)) limits.required("Limit must be set for non overcommitable resources");
    } else if (wanted === undefined || allowed === undefined) {
    } else if (!mayOvercommit(name) && wanted !== allowed) {
      requests.invalid(
        `must be equal to ${name} limit of ${showQuantity(limit)}`,
        showQuantity(amount.value),
      );
    } else if (wanted > allowed) {
      requests.invalid(
        `must be less than or equal to ${name} limit of ${showQuantity(limit)}`,
        showQuantity(amount.value),
      );
    }
  }
  const names = [...limits.entries(), ...requests.entries()].map(([name]) => name);
  const isHuge = names.some((name) => name.startsWith("hugepages-"));
  if (isHuge && !names.includes("cpu") && !names.includes("memory")) {
    resources.forbidden("HugePages require cpu or memory");
  }
}

function judgeAmount(name: string, amount: Field): void {
  judgeResourceName(name, amount);
  judgeNotNegative(amount);
  const value = quantityOf(amount.value);
  const isCounted = !isNative(name) || name === "pods";
  if (value !== undefined && isCounted && !isWhole(value)) amount.invalid(WHOLE, showQuantity(amount.value));
}

function judgeResourceName(name: string, amount: Field): void {
  const problems = qualifiedName(name);
  amount.invalidAll(problems, name);
  if (problems.length > 0) return;
  if (!name.includes("/")) {
    if (OF_CONTAINERS.includes(name) || name.startsWith("hugepages-")) return;
    amount.invalid("must be a standard resource type or fully qualified", name);
    amount.invalid("must be a standard resource for containers", name);
  } else if (
    !isNative(name) &&
    (name.startsWith("requests.") || qualifiedName(`requests.${name}`).length > 0)
  ) {
    amount.invalid("doesn't follow extended resource name standard", name);
  }
}

export function judgeNotNegative(amount: Field): void {
  const value = quantityOf(amount.value);
  if (value !== undefined && value < 0n) amount.invalid(NOT_NEGATIVE, showQuantity(amount.value));
}
