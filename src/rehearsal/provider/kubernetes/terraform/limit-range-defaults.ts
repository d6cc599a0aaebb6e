import type { Behaviour } from "../../behaviour";
import { at, blocksAt, isObject, type ObjectValue, textAt } from "../../value";

/** Amounts in a limit, by what is measured; none where it isn't known or not said. */
function amountsOf(limit: ObjectValue, name: string): ObjectValue {
  const amounts = at(limit, name);
  return isObject(amounts) ? amounts : {};
}

/**
 * What the API server makes of a container's limits: who is asked for no limit is given the most, and who asks for
 * nothing the limit. The provider reads it back, so what somebody has said of the others is a change in every plan.
 */
function filled(limit: ObjectValue): ObjectValue {
  if (textAt(limit, "type") !== "Container") return limit;
  const limits = { ...amountsOf(limit, "max"), ...amountsOf(limit, "default") };
  const requests = { ...amountsOf(limit, "min"), ...limits, ...amountsOf(limit, "default_request") };
  return {
    ...limit,
    default: Object.keys(limits).length > 0 ? limits : (limit.default ?? null),
    default_request: requests,
  };
}

export const limitRangeDefaults: Behaviour = {
  types: ["kubernetes_limit_range", "kubernetes_limit_range_v1"],
  computed: () => ({ "spec.limit.default_request": (limit) => amountsOf(filled(limit), "default_request") }),
  filledByCloud({ attributes }) {
    const [spec] = blocksAt(attributes, "spec");
    if (spec === undefined) return undefined;
    return { spec: [{ ...spec, limit: blocksAt(spec, "limit").map(filled) }] };
  },
};
