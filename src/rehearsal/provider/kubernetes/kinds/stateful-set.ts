import {
  canonicalJson,
  type Field,
  isJsonObject,
  type Json,
  type JsonObject,
  refuseNegative,
} from "../field";
import { dnsLabel } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeClaimSpec } from "./persistent-volume-claim";
import { judgePodTemplate } from "./pod";
import { judgeSelector } from "./selector";
import { judgeRunsForEver, judgeTemplateLabels, refuseEmptySelector } from "./workload";

const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];
const MUTABLE_WORDS =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export const statefulSet: KindRules = {
  kinds: ["apps/v1/StatefulSet"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true, prior ? undefined : dnsLabel);
    const spec = object.at("spec");
    const management = spec.at("podManagementPolicy");
    if (!["", "OrderedReady", "Parallel"].includes(management.text)) {
      management.invalid("must be 'OrderedReady' or 'Parallel'");
    }
    judgeStrategy(spec.at("updateStrategy"));
    for (const name of ["whenDeleted", "whenScaled"]) {
      const policy = spec.at("persistentVolumeClaimRetentionPolicy", name);
      if (!["", "Retain", "Delete"].includes(policy.text)) policy.unsupported(["Retain", "Delete"]);
    }
    for (const name of ["replicas", "minReadySeconds", "revisionHistoryLimit"]) refuseNegative(spec.at(name));
    refuseNegative(spec.at("ordinals", "start").as("spec.ordinals.start"));
    const selector = spec.at("selector");
    if (!selector.isSet) selector.required();
    else {
      judgeSelector(selector);
      refuseEmptySelector(selector, "statefulset");
    }
    judgeTemplateLabels(spec);
    judgePodTemplate(withClaims(spec));
    judgeRunsForEver(spec, "StatefulSet");
    if (prior) {
      const fixed = (field: Field) => canonicalJson(without(filled(field), MUTABLE));
      if (fixed(spec) !== fixed(prior.at("spec"))) spec.forbidden(MUTABLE_WORDS);
      return;
    }
    for (const claim of spec.at("volumeClaimTemplates").items()) judgeClaimSpec(claim.at("spec"));
    const service = spec.at("serviceName");
    if (!service.isEmpty) service.invalidAll(dnsLabel(service.text));
  },
};

/** The spec with what the API server fills in; claims have a state and a kind once they are stored. */
function filled(spec: Field): Json {
  const claims = spec
    .at("volumeClaimTemplates")
    .items()
    .map((claim) => ({
      metadata: without(claim.at("metadata").value, ["creationTimestamp"]),
      spec: { volumeMode: "Filesystem", ...(claim.at("spec").value as JsonObject) },
    }));
  return {
    podManagementPolicy: "OrderedReady",
    ...(spec.value as JsonObject),
    volumeClaimTemplates: claims,
  };
}

/** Every claim template is a volume of the pods, in place of one of the same name. */
function withClaims(spec: Field): Field {
  const template = spec.at("template");
  const claims = spec
    .at("volumeClaimTemplates")
    .items()
    .map((claim) => claim.at("metadata", "name").text);
  if (!isJsonObject(template.value) || claims.length === 0) return template;
  const pod = template.at("spec");
  const own = pod
    .at("volumes")
    .items()
    .filter((volume) => !claims.includes(volume.at("name").text));
  const volumes: Json[] = [
    ...own.map(({ value }) => value ?? null),
    ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  ];
  return template.with({ ...template.value, spec: { ...(pod.value as object), volumes } });
}

function without(value: Json | undefined, names: readonly string[]): Json {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function judgeStrategy(strategy: Field): void {
  const { text } = strategy.at("type");
  const rolling = strategy.at("rollingUpdate");
  if (text === "OnDelete") {
    if (rolling.isSet) rolling.invalid("only allowed for updateStrategy 'RollingUpdate'");
    return;
  }
  if (text !== "" && text !== "RollingUpdate") {
    strategy.invalid("must be 'RollingUpdate' or 'OnDelete'");
    return;
  }
  refuseNegative(rolling.at("partition"));
}
