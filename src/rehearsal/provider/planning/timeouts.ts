import { isGoDuration } from "../validation/text-shapes";
import { isObject, type ObjectValue } from "../value";

/** What a provider built on the SDK says to a timeout that is no duration: it reads them while it plans. */
export function findTimeoutProblem({ timeouts }: ObjectValue): string | undefined {
  if (!isObject(timeouts)) return undefined;
  const [wrong] = Object.entries(timeouts).filter(
    ([, text]) => typeof text === "string" && !isGoDuration(text),
  );
  if (wrong === undefined) return undefined;
  const [name, text] = wrong;
  const why = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(String(text))
    ? "missing unit in duration"
    : "invalid duration";
  return `Error parsing "${name}" timeout: time: ${why} "${text}"`;
}
