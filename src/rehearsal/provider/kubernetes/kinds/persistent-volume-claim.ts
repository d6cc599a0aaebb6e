import { canonicalJson, type Field, isJsonObject, type Json } from "../field";
import { dnsLabel, dnsSubdomain } from "../formats/names";
import { quantityOf, showQuantity } from "../formats/quantity";
import type { KindRules } from "../kind-rules";
import { judgeAnnotations, judgeMetadata } from "./metadata";
import { NOT_POSITIVE } from "./scheduling";
import { judgeLabels, judgeSelector } from "./selector";

const MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export const persistentVolumeClaim: KindRules = {
  kinds: ["v1/PersistentVolumeClaim"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    judgeClaimSpec(spec);
    if (!prior) return;
    const before = prior.at("spec");
    // A class may be named where there was none.
    const isNamed = before.at("storageClassName").isSet;
    const now = isNamed ? spec : spec.with(withoutClass(spec));
    if (fixedPart(now) !== fixedPart(before)) {
      spec.forbidden(
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
      );
    }
    const size = storageOf(spec);
    const oldSize = storageOf(before);
    if (size !== undefined && oldSize !== undefined && size < oldSize) {
      spec.at("resources", "requests", "storage").forbidden("field can not be less than status.capacity");
    }
  },
};

/** A claim grows once it is bound, which it is by the time somebody changes it; everything else stays. */
function fixedPart(spec: Field): string {
  if (!isJsonObject(spec.value)) return "";
  const { volumeName: _name, volumeAttributesClassName: _class, ...rest } = spec.value;
  const resources = spec.at("resources").value;
  const requests = spec.at("resources", "requests").value;
  const others = isJsonObject(requests) ? { ...requests, storage: null } : null;
  const fixed: Json = isJsonObject(resources) ? { ...resources, requests: others } : null;
  const source = spec.at("dataSource").value ?? spec.at("dataSourceRef").value;
  const sources = { dataSource: source, dataSourceRef: spec.at("dataSourceRef").value ?? source };
  return canonicalJson({ volumeMode: "Filesystem", ...rest, ...sources, resources: fixed });
}

function withoutClass({ value }: Field): Json {
  if (!isJsonObject(value)) return null;
  const { storageClassName: _class, ...rest } = value;
  return rest;
}

function storageOf(spec: Field): bigint | undefined {
  return quantityOf(spec.at("resources", "requests", "storage").value);
}

export function judgeClaimSpec(spec: Field): void {
  const modes = spec.at("accessModes");
  if (modes.isEmpty) modes.required("at least 1 access mode is required");
  judgeSelector(spec.at("selector"));
  const texts = modes.items().map(({ text }) => text);
  for (const text of texts) if (!MODES.includes(text)) modes.unsupported(MODES, text);
  if (
    texts.includes("ReadWriteOncePod") &&
    texts.some((text) => text !== "ReadWriteOncePod" && MODES.includes(text))
  ) {
    modes.forbidden("may not use ReadWriteOncePod with other access modes");
  }
  const storage = spec.at("resources", "requests", "storage").as(`${spec.path}.resources[storage]`);
  const amount = quantityOf(storage.value);
  if (!storage.isSet) storage.required();
  else if (amount !== undefined && amount <= 0n) storage.invalid(NOT_POSITIVE, showQuantity(storage.value));
  const storageClass = spec.at("storageClassName");
  if (!storageClass.isEmpty) storageClass.invalidAll(dnsSubdomain(storageClass.text));
  const attributes = spec.at("volumeAttributesClassName");
  if (!attributes.isEmpty) attributes.invalidAll(dnsSubdomain(attributes.text));
  // Of the older way to name an origin, what it was never meant for is dropped.
  const older = isClaimOrSnapshot(spec.at("dataSource")) ? spec.at("dataSource") : undefined;
  const origin = spec.at("dataSourceRef");
  if (older) judgeOrigin(older);
  if (origin.isSet) judgeOrigin(origin);
  else if (older) judgeOrigin(origin.with(older.value));
  const isInside = origin.at("namespace").isEmpty;
  if (older && origin.isSet && isInside && canonicalJson(older.value) !== canonicalJson(origin.value)) {
    spec.invalid("must match dataSourceRef", {});
  }
  const mode = spec.at("volumeMode");
  if (mode.isSet && !["Block", "Filesystem"].includes(mode.text)) mode.unsupported(["Block", "Filesystem"]);
}

function isClaimOrSnapshot(source: Field): boolean {
  const kind = `${source.at("apiGroup").text}/${source.at("kind").text}`;
  return kind === "/PersistentVolumeClaim" || kind === "snapshot.storage.k8s.io/VolumeSnapshot";
}

/** What a new volume is filled from. */
function judgeOrigin(source: Field): void {
  for (const name of ["name", "kind"]) if (source.at(name).isEmpty) source.at(name).required();
  const kind = source.at("kind").text;
  const group = source.at("apiGroup");
  if (!group.isEmpty) group.invalidAll(dnsSubdomain(group.text));
  else if (kind !== "PersistentVolumeClaim") {
    source.invalid("must be 'PersistentVolumeClaim' when referencing the default apiGroup", kind);
  }
  const namespace = source.at("namespace");
  if (!namespace.isEmpty) namespace.invalidAll(dnsLabel(namespace.text));
}

/** A claim that is made with each pod. */
export function judgeClaimTemplate(template: Field): void {
  judgeLabels(template.at("metadata", "labels"));
  judgeAnnotations(template.at("metadata", "annotations"));
  judgeClaimSpec(template.at("spec"));
}
