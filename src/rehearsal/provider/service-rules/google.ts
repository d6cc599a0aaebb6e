import type { PlannedChange } from "../planning/planned-change";
import { hasUnknown, isObject, type ObjectValue, textAt, UNKNOWN, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

/** The label by which Google counts what Terraform has made. */
const ATTRIBUTION = "goog-terraform-provisioned";

/** Where a type keeps its labels, and whether they count what Terraform has made. */
interface Labels {
  /** @default "labels" */
  readonly name?: string;
  /** @default true */
  readonly isCounted?: boolean;
}

/** Labels that Terraform looks after: the provider's, its own, and those of the resource (or of its block). */
function labelsOf(
  { isNew, provider }: PlannedChange,
  values: ObjectValue,
  { name = "labels", isCounted = true }: Labels = {},
): Readonly<Record<string, Value>> {
  if (!("terraform_labels" in values)) return {};
  const labels = values[name] ?? null;
  if (hasUnknown(labels) || hasUnknown(provider.default_labels ?? null)) {
    return { terraform_labels: UNKNOWN, effective_labels: UNKNOWN };
  }
  const before = mapOf(values.effective_labels);
  const hasOwn =
    isCounted && provider.add_terraform_attribution_label !== false && (isNew || ATTRIBUTION in before);
  const terraform: ObjectValue = {
    ...mapOf(provider.default_labels),
    ...(hasOwn && { [ATTRIBUTION]: "true" }),
    ...mapOf(labels),
  };
  const old = mapOf(values.terraform_labels);
  const kept = Object.entries(before).filter(([label]) => !(label in old) || label in terraform);
  return { terraform_labels: terraform, effective_labels: { ...Object.fromEntries(kept), ...terraform } };
}

function annotationsOf(values: ObjectValue): Readonly<Record<string, Value>> {
  if (!("effective_annotations" in values)) return {};
  const annotations = values.annotations ?? null;
  if (hasUnknown(annotations)) return { effective_annotations: UNKNOWN };
  return { effective_annotations: { ...mapOf(values.effective_annotations), ...mapOf(annotations) } };
}

/** Labels and annotations of types that have them in a block, as Kubernetes' objects do. */
function metadataOf(change: PlannedChange): Readonly<Record<string, Value>> {
  const [metadata] = change.after.blocks("metadata");
  if (metadata === undefined) return {};
  const { values } = metadata;
  return { metadata: [{ ...values, ...labelsOf(change, values), ...annotationsOf(values) }] };
}

/** Whether an empty project is named, which means the provider's. Members of a role keep that of what the role is for. */
function namesEmptyProject({ after, config }: PlannedChange): boolean {
  const isGrant =
    "etag" in after.values && ["member", "members", "policy_data"].some((name) => name in after.values);
  return config.get("project") === "" && !isGrant;
}

/** The provider's own project, where there is none yet and the resource names none. */
function projectOf(change: PlannedChange): Readonly<Record<string, Value>> {
  const { after, config, provider } = change;
  const project = textAt(provider, "project");
  if (project === undefined) return {};
  // Some types have a project that nobody fills in.
  const isOpen = !config.isGiven("project") && !after.isKnown("project");
  return isOpen || namesEmptyProject(change) ? { project } : {};
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

/** Types whose labels don't count what Terraform has made. */
const UNCOUNTED = [
  "google_compute_forwarding_rule",
  "google_compute_global_forwarding_rule",
  "google_dataplex_datascan",
  "google_dataplex_task",
  "google_dataproc_cluster",
];

/** A type of which this isn't all that its code decides, so that it doesn't count as covered. */
const amongOthers = (type: string) => `${type}*`;

/** What all of google's types have in common, and where some differ. */
export const google: readonly ServiceRules[] = [
  {
    types: ["google_*", ...NOTHING_ELSE],
    settled: (change) => ({
      ...labelsOf(change, change.after.values),
      ...annotationsOf(change.after.values),
      ...projectOf(change),
    }),
    replacements: {
      "into the provider's project": (change) => (namesEmptyProject(change) ? ["project"] : []),
    },
  },
  {
    types: UNCOUNTED.map(amongOthers),
    settled: (change) => labelsOf(change, change.after.values, { isCounted: false }),
  },
  {
    types: [amongOthers("google_container_cluster")],
    settled: (change) => labelsOf(change, change.after.values, { name: "resource_labels" }),
  },
  {
    types: [amongOthers("google_cloud_run_domain_mapping"), amongOthers("google_cloud_run_service")],
    settled: metadataOf,
  },
];
