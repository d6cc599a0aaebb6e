import type { PlannedChange } from "../planning/planned-change";
import { hasUnknown, isObject, type ObjectValue, textAt, UNKNOWN, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

/** The label by which Google counts what Terraform has made. */
const ATTRIBUTION = "goog-terraform-provisioned";

/** Labels that Terraform looks after: the provider's, its own, and those of the resource. */
function labelsOf({ after, isNew, provider }: PlannedChange): Readonly<Record<string, Value>> {
  if (!("terraform_labels" in after.values)) return {};
  const labels = after.get("labels");
  if (hasUnknown(labels) || hasUnknown(provider.default_labels ?? null)) {
    return { terraform_labels: UNKNOWN, effective_labels: UNKNOWN };
  }
  const before = mapOf(after.values.effective_labels);
  const isCounted = isNew || ATTRIBUTION in before;
  const terraform: ObjectValue = {
    ...mapOf(provider.default_labels),
    ...(isCounted && provider.add_terraform_attribution_label !== false && { [ATTRIBUTION]: "true" }),
    ...mapOf(labels),
  };
  const old = mapOf(after.values.terraform_labels);
  const kept = Object.entries(before).filter(([name]) => !(name in old) || name in terraform);
  return { terraform_labels: terraform, effective_labels: { ...Object.fromEntries(kept), ...terraform } };
}

function annotationsOf({ after }: PlannedChange): Readonly<Record<string, Value>> {
  if (!("effective_annotations" in after.values)) return {};
  const annotations = after.get("annotations");
  if (hasUnknown(annotations)) return { effective_annotations: UNKNOWN };
  return { effective_annotations: { ...mapOf(after.values.effective_annotations), ...mapOf(annotations) } };
}

/** The provider's own project, where there is none yet and the resource names none. */
function projectOf({ after, config, provider }: PlannedChange): Readonly<Record<string, Value>> {
  const project = textAt(provider, "project");
  const isOpen = "project" in after.values && !config.isGiven("project") && after.text("project") === "";
  return isOpen && project !== undefined ? { project } : {};
}

function mapOf(value: Value | undefined): ObjectValue {
  return isObject(value) ? value : {};
}

/** Types of which the provider's code decides nothing else. */
const NOTHING_ELSE = [
  "google_cloud_run_v2_service",
  "google_compute_network",
  "google_compute_region_network_endpoint_group",
  "google_compute_target_http_proxy",
  "google_compute_target_https_proxy",
  "google_compute_url_map",
];

/** What all of google's types have in common. */
export const google: ServiceRules = {
  types: ["google_*", ...NOTHING_ELSE],
  settled: (change) => ({ ...labelsOf(change), ...annotationsOf(change), ...projectOf(change) }),
};
