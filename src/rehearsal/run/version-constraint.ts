/** One part of a constraint, such as `~> 4.0`. */
const PART = /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+)*)(-[0-9A-Za-z.-]+)?\s*$/;

/**
 * Whether a version of three numbers is one that a constraint of Terraform lets in: `>= 4.0, < 5.0`, `~> 4.55`.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/version-constraints
 * @throws when it isn't a constraint, with the part that isn't
 */
export function admits(constraint: string, version: string): boolean {
  const actual = numbersOf(version);
  return constraint.split(",").every((part) => {
    const [whole, operator = "=", wanted = "", preRelease] = PART.exec(part) ?? [];
    if (whole === undefined) throw new Error(`'${part.trim()}' is no version constraint`);
    const order = compare(actual, numbersOf(wanted));
    // What comes before a release isn't the release.
    if (preRelease !== undefined && order === 0) return operator === "!=" || operator.startsWith(">");
    switch (operator) {
      case "!=":
        return order !== 0;
      case ">":
        return order > 0;
      case ">=":
        return order >= 0;
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case "~>":
        return order >= 0 && startsWith(actual, numbersOf(wanted).slice(0, -1));
      default:
        return order === 0;
    }
  });
}

function numbersOf(version: string): number[] {
  return version.split(".").map(Number);
}

/** Numbers that aren't written are 0. */
function compare(one: readonly number[], other: readonly number[]): number {
  const length = Math.max(one.length, other.length);
  const differences = Array.from({ length }, (_, index) => (one[index] ?? 0) - (other[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

function startsWith(numbers: readonly number[], start: readonly number[]): boolean {
  return start.every((number, index) => numbers[index] === number);
}
