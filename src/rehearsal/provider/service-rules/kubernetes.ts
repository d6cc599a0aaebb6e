import { parseQuantity } from "../kubernetes/formats/quantity";
import type { Sameness } from "../planning/sameness";
import type { Replacement, ServiceRules } from "./service-rules";

/** What can't be changed any more is made anew, its mark included. */
const immutableContent: Replacement = ({ before }) =>
  before.flag("immutable") ? ["data", "binary_data", "immutable"] : [];

/** With a revision of write-only content, what else there is of content doesn't count. */
const isWriteOnly: Sameness = (_before, _after, { proposed }) =>
  Number(proposed.data_wo_revision ?? 0) > 0 || Number(proposed.binary_data_wo_revision ?? 0) > 0;

const REQUESTS = "spec.0.resources.0.requests";
const LIMITS = "spec.0.resources.0.limits";

/** A volume can grow where it is, as long as its limits stay. */
const claimReplacement: Replacement = (change) => {
  const { before, after } = change;
  if (before.text(`${REQUESTS}.storage`) === "" || change.hasChanged(LIMITS)) return [LIMITS];
  const [old, next] = [before, after].map((side) => side.text(`${REQUESTS}.storage`)) as [string, string];
  return next !== "" && parseQuantity(next) < parseQuantity(old) ? [REQUESTS] : [];
};

export const kubernetes: readonly ServiceRules[] = [
  {
    types: ["kubernetes_config_map", "kubernetes_config_map_v1"],
    replacements: { "content that can't be changed": immutableContent },
  },
  {
    types: ["kubernetes_secret", "kubernetes_secret_v1"],
    same: { data: isWriteOnly },
    replacements: { "content that can't be changed": immutableContent },
  },
  {
    types: ["kubernetes_persistent_volume_claim", "kubernetes_persistent_volume_claim_v1"],
    replacements: { "a smaller volume, or other limits": claimReplacement },
  },
];
