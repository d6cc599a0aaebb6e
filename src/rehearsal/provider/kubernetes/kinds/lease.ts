import { refuseNegative } from "../field";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

export const lease: KindRules = {
  kinds: ["coordination.k8s.io/v1/Lease"],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    const duration = spec.at("leaseDurationSeconds");
    if (duration.isSet && duration.number <= 0) duration.invalid("must be greater than 0");
    refuseNegative(spec.at("leaseTransitions"));
  },
};
