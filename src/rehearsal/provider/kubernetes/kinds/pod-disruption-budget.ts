import { allowOnly } from "../field";
import { pathSegment } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeSelector } from "./selector";
import { judgeShare } from "./workload";

export const podDisruptionBudget: KindRules = {
  kinds: ["policy/v1/PodDisruptionBudget"],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), true, pathSegment, true);
    const spec = object.at("spec");
    const available = spec.at("minAvailable");
    const unavailable = spec.at("maxUnavailable");
    if (available.isSet && unavailable.isSet) {
      spec.invalid("minAvailable and maxUnavailable cannot be both set");
    }
    judgeShare(available);
    judgeShare(unavailable);
    judgeSelector(spec.at("selector"));
    allowOnly(spec.at("unhealthyPodEvictionPolicy"), ["AlwaysAllow", "IfHealthyBudget"]);
  },
};
