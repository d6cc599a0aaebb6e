import { type Field, refuseChange, refuseNegative } from "../field";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgePodTemplate } from "./pod";
import { judgeSelector } from "./selector";
import {
  judgeRunsForEver,
  judgeShare,
  judgeTemplateLabels,
  refuseEmptySelector,
  shareOf,
  withDefault,
} from "./workload";

export const daemonSet: KindRules = {
  kinds: ["apps/v1/DaemonSet"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    judgeSelector(spec.at("selector"));
    judgeTemplateLabels(spec);
    if (spec.at("selector").isSet) refuseEmptySelector(spec.at("selector"), "daemonset");
    judgePodTemplate(spec.at("template"));
    judgeRunsForEver(spec, "DaemonSet");
    refuseNegative(spec.at("minReadySeconds"));
    refuseNegative(spec.at("revisionHistoryLimit"));
    judgeStrategy(spec.at("updateStrategy"));
    if (prior) refuseChange(spec.at("selector"), prior.at("spec", "selector"));
  },
};

function judgeStrategy(strategy: Field): void {
  const { text } = strategy.at("type");
  if (text === "OnDelete") return;
  if (text !== "" && text !== "RollingUpdate") {
    strategy.unsupported(["RollingUpdate", "OnDelete"]);
    return;
  }
  const unavailable = withDefault(strategy.at("rollingUpdate", "maxUnavailable"), 1);
  const surge = withDefault(strategy.at("rollingUpdate", "maxSurge"), 0);
  judgeShare(unavailable);
  judgeShare(surge);
  const hasUnavailable = (shareOf(unavailable) ?? 0) !== 0;
  const hasSurge = (shareOf(surge) ?? 0) !== 0;
  if (hasUnavailable && hasSurge) surge.invalid("may not be set when maxUnavailable is non-zero");
  if (!hasUnavailable && !hasSurge) unavailable.required("cannot be 0 when maxSurge is 0");
}
