import { findScheduleProblem } from "../kubernetes/formats/cron";
import { dnsLabel, labelValue, pathSegment, qualifiedName } from "../kubernetes/formats/names";
import { parseQuantity } from "../kubernetes/formats/quantity";
import type { Sameness } from "../planning/sameness";
import type { ValueCheck } from "../validation/validate-config";
import { hasUnknown, isList, isObject, type ObjectValue, type Value } from "../value";
import type { Replacement, ServiceRules } from "./service-rules";
import { texts } from "./value-checks";

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

/** Labels and annotations of an object and of the pods that it makes, wherever their metadata are. */
function findMetadataProblem(value: Value, path: string): string | undefined {
  if (isList(value)) {
    return first(value.map((element, index) => findMetadataProblem(element, `${path}.${index}`)));
  }
  if (!isObject(value)) return undefined;
  return first(
    Object.entries(value).map(([name, inner]) => {
      const here = path === "" ? name : `${path}.${name}`;
      if (name !== "metadata" || !isList(inner)) return findMetadataProblem(inner, here);
      const [metadata] = inner;
      return isObject(metadata) ? findMarkProblem(metadata, `${here}.0`) : undefined;
    }),
  );
}

function findMarkProblem({ labels, annotations }: ObjectValue, path: string): string | undefined {
  const problems = [
    ...textsIn(annotations).map(
      ([key]) => [`${path}.annotations`, key, qualifiedName(key.toLowerCase())] as const,
    ),
    ...textsIn(labels).flatMap(([key, text]) => [
      [`${path}.labels`, key, qualifiedName(key)] as const,
      [`${path}.labels`, text, labelValue(text)] as const,
    ]),
  ];
  return first(
    problems.map(([where, text, [problem]]) =>
      problem === undefined ? undefined : `${where} (${JSON.stringify(text)}) ${problem}`,
    ),
  );
}

function textsIn(map: Value | undefined): (readonly [string, string])[] {
  return isObject(map)
    ? Object.entries(map).map(([key, text]) => [key, typeof text === "string" ? text : ""])
    : [];
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

const wholeNumber = texts(
  (text) => /^(?:[+-]?\d+)?$/.test(text),
  "{name}: cannot parse '{value}' as int: strconv.ParseInt: parsing \"{value}\": invalid syntax",
);

const numberOrPercent = texts(
  (text) => /^(?:[+-]?\d+|\+?(?:\d{1,2}|100)%)?$/.test(text),
  "{name}: cannot parse '{value}' as int or percent: strconv.ParseInt: parsing \"{value}\": invalid syntax",
);

/** The provider's parser is older than the API server's: it knows no time zones. */
const schedule = texts(
  (text) => findScheduleProblem(text) === undefined && !/^(?:CRON_)?TZ=/.test(text),
  '"{name}" should be an valid Cron expression',
);

/** Names in paths of URLs, which is all that is asked of roles. */
const pathName: ValueCheck = (value) => {
  const [problem] = typeof value === "string" ? pathSegment(value) : [];
  return problem === undefined ? undefined : `metadata.0.name ${problem}`;
};

/** What a name begins with: of two signs at its end, the last a hyphen, it is tried with a letter in their place. */
const namePrefix: ValueCheck = (value, name) => {
  const [problem] = typeof value === "string" && value !== "" ? dnsLabel(value.replace(/.-$/s, "a")) : [];
  return problem === undefined ? undefined : `${name} ${problem}`;
};

/** Where objects have metadata: at the top, and of what they make. */
const METADATA = [
  "metadata",
  "spec.job_template.metadata",
  "spec.job_template.spec.template.metadata",
  "spec.template.metadata",
  "spec.volume_claim_template.metadata",
];

export const kubernetes: readonly ServiceRules[] = [
  {
    types: ["kubernetes_*"],
    values: Object.fromEntries(METADATA.map((metadata) => [`${metadata}.generate_name`, namePrefix])),
    invalid: {
      // A block that holds anything unknown is looked at no further.
      "labels and annotations that the API server would refuse": ({ config }) =>
        first(
          Object.entries(config.values)
            .filter(([, value]) => !hasUnknown(value))
            .map(([name, value]) => findMetadataProblem({ [name]: value }, "")),
        ),
    },
  },
  {
    types: ["deployment", "stateful_set"].flatMap((name) => [`kubernetes_${name}`, `kubernetes_${name}_v1`]),
    values: { "spec.replicas": wholeNumber },
  },
  {
    types: ["role", "role_binding", "cluster_role", "cluster_role_binding"].flatMap((name) => [
      `kubernetes_${name}`,
      `kubernetes_${name}_v1`,
    ]),
    values: { "metadata.name": pathName, "metadata.generate_name": pathName },
  },
  {
    types: ["kubernetes_cron_job*"],
    values: { "spec.schedule": schedule },
  },
  {
    types: ["kubernetes_pod_disruption_budget", "kubernetes_pod_disruption_budget_v1"],
    values: { "spec.max_unavailable": numberOrPercent, "spec.min_available": numberOrPercent },
  },
  {
    types: ["kubernetes_config_map", "kubernetes_config_map_v1"],
    invalid: {
      "binary content that isn't in base 64": ({ config }) =>
        first(
          textsIn(config.get("binary_data")).map(([key, text]) =>
            /^(?:[A-Za-z0-9+/\s]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*$/.test(text)
              ? undefined
              : `${key} (${JSON.stringify(text)}) ${key}: must be a base64-encoded string`,
          ),
        ),
    },
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
