import type { Sameness } from "../planning/sameness";
import { canonical, isObject, type ObjectValue, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

/** Annotations that Google adds by itself. */
const ADDED_ANNOTATION =
  /serving\.knative\.dev\/(creator|lastModifier)$|run\.googleapis\.com\/(ingress-status|operation-id)$|cloud\.googleapis\.com\/location/;

/** Labels that Google adds by itself. */
const ADDED_LABEL = /cloud\.googleapis\.com\/location|run\.googleapis\.com\/overrideAt/;

/** Whether all that is gone is what Google has added. */
function addedByCloud(isAdded: (key: string, value: Value) => boolean): Sameness {
  return (before, after) => {
    const [old, next] = [before, after].map((map) => (isObject(map) ? map : {})) as [
      ObjectValue,
      ObjectValue,
    ];
    const kept = Object.entries(old).filter(([key, value]) => key in next || !isAdded(key, value));
    return canonical(Object.fromEntries(kept)) === canonical(next);
  };
}

export const googleRun: readonly ServiceRules[] = [
  {
    types: ["google_cloud_run_domain_mapping"],
    same: {
      "metadata.annotations": addedByCloud(
        (key, value) =>
          ADDED_ANNOTATION.test(key) || (key.endsWith("run.googleapis.com/ingress") && value === "all"),
      ),
      "metadata.labels": addedByCloud((key) => ADDED_LABEL.test(key)),
    },
    refusals: {
      "a mapping without metadata": ({ after, config }) =>
        config.list("metadata").length === 0 && after.list("metadata").length === 0
          ? 'Insufficient "metadata" blocks. 1 "metadata" block is required.'
          : undefined,
    },
  },
];
