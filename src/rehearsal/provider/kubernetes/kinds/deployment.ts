import { type Field, IMMUTABLE, refuseChange, refuseNegative } from "../field";
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

const PROGRESS_SECONDS = 600;

export const deployment: KindRules = {
  kinds: ["apps/v1/Deployment"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    refuseNegative(spec.at("replicas"));
    judgeReplicated(spec, "deployment");
    judgeStrategy(spec.at("strategy"));
    refuseNegative(spec.at("minReadySeconds"));
    refuseNegative(spec.at("revisionHistoryLimit"));
    const progress = withDefault(spec.at("progressDeadlineSeconds"), PROGRESS_SECONDS);
    refuseNegative(progress);
    if (progress.number <= spec.at("minReadySeconds").number)
      progress.invalid("must be greater than minReadySeconds");
    if (prior) refuseChange(spec.at("selector"), prior.at("spec", "selector"), IMMUTABLE);
  },
};

export const replicaSet: KindRules = {
  kinds: ["apps/v1/ReplicaSet"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    refuseNegative(spec.at("replicas"));
    refuseNegative(spec.at("minReadySeconds"));
    judgeReplicated(spec, "deployment");
    if (prior) refuseChange(spec.at("selector"), prior.at("spec", "selector"));
  },
};

function judgeReplicated(spec: Field, kind: string): void {
  const selector = spec.at("selector");
  if (!selector.isSet) selector.required();
  else {
    judgeSelector(selector);
    refuseEmptySelector(selector, kind);
  }
  judgeTemplateLabels(spec);
  judgePodTemplate(spec.at("template"));
  judgeRunsForEver(spec, "ReplicaSet");
}

function judgeStrategy(strategy: Field): void {
  const { text } = strategy.at("type");
  const rolling = strategy.at("rollingUpdate");
  if (text === "Recreate") {
    if (rolling.isSet) rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  if (text !== "" && text !== "RollingUpdate") {
    strategy.unsupported(["Recreate", "RollingUpdate"]);
    return;
  }
  const unavailable = withDefault(rolling.at("maxUnavailable"), "25%");
  const surge = withDefault(rolling.at("maxSurge"), "25%");
  judgeShare(unavailable);
  // More than one whole set of pods may be started beside the old one.
  if ((shareOf(surge) ?? 0) <= 100) judgeShare(surge);
  if ((shareOf(unavailable) ?? 0) === 0 && (shareOf(surge) ?? 0) === 0) {
    unavailable.invalid("may not be 0 when `maxSurge` is 0");
  }
}
