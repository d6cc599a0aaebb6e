import { type Field, refuseChange } from "../field";
import { bytesOf, type Check, dnsLabel, dnsSubdomain, qualifiedName } from "../formats/names";
import { judgeLabels } from "./selector";

const ANNOTATIONS_BYTES = 256 * 1024;

/**
 * What every object has: a name in the form of its kind, labels, annotations, finalizers and owners.
 *
 * @param hasOwnFinalizers whether finalizers may have any name, as those of custom resources may
 */
export function judgeMetadata(
  metadata: Field,
  isNamespaced: boolean,
  name: Check = dnsSubdomain,
  hasOwnFinalizers = false,
): void {
  const own = metadata.at("name");
  const generated = metadata.at("generateName");
  if (own.isEmpty && generated.isEmpty) own.required("name or generateName is required");
  if (!own.isEmpty) own.invalidAll(name(own.text));
  // A hyphen at the end is fine, as letters are put after it. The API server tries it with one in the place of two signs.
  if (!generated.isEmpty) generated.invalidAll(name(generated.text.replace(/.-$/s, "a")));
  const namespace = metadata.at("namespace");
  // Kinds of the whole cluster lose it without a word.
  if (isNamespaced && !namespace.isEmpty) namespace.invalidAll(dnsLabel(namespace.text));
  judgeLabels(metadata.at("labels"));
  judgeAnnotations(metadata.at("annotations"));
  judgeOwners(metadata.at("ownerReferences"));
  judgeFinalizers(metadata.at("finalizers"), hasOwnFinalizers);
}

/** What stays of an object's metadata as long as it exists. */
export function judgeMetadataChange(metadata: Field, prior: Field): void {
  const grace = metadata.at("deletionGracePeriodSeconds");
  if (grace.isSet) refuseChange(grace, prior.at("deletionGracePeriodSeconds"));
  // Nobody but the API server says when an object goes.
  const deletion = metadata.at("deletionTimestamp");
  if (deletion.isSet) refuseChange(deletion, prior.at("deletionTimestamp"));
  // It tells an object from another of its name that was there before.
  const uid = metadata.at("uid");
  if (!uid.isEmpty && !prior.at("uid").isEmpty) refuseChange(uid, prior.at("uid"));
}

export function judgeAnnotations(annotations: Field): void {
  let bytes = 0;
  for (const [key, value] of annotations.entries()) {
    // In keys of annotations, capitals are fine everywhere.
    annotations.invalidAll(qualifiedName(key.toLowerCase()), key);
    bytes += bytesOf(key) + bytesOf(value.text);
  }
  if (bytes > ANNOTATIONS_BYTES) annotations.tooLong(ANNOTATIONS_BYTES);
}

function judgeOwners(owners: Field): void {
  for (const owner of owners.items()) {
    const version = owner.at("apiVersion");
    const parts = version.text.split("/");
    if (parts.length > 2 || parts.at(-1) === "") {
      owners.at("apiVersion").invalid("version must not be empty", version.text);
    }
    for (const name of ["kind", "name", "uid"]) {
      if (owner.at(name).isEmpty) owners.at(name).invalid("must not be empty", "");
    }
  }
  const controllers = owners.items().filter((owner) => owner.at("controller").value === true);
  if (controllers.length > 1) {
    const [one, other] = controllers.map((owner) => owner.at("name").text);
    owners.invalid(
      `Only one reference can have Controller set to true. Found "true" in references for ${one} and ${other}`,
    );
  }
}

function judgeFinalizers(finalizers: Field, hasOwn: boolean): void {
  for (const { text } of finalizers.items()) judgeFinalizer(finalizers, text, hasOwn);
}

export function judgeFinalizer(finalizers: Field, text: string, hasOwn = false): void {
  finalizers.invalidAll(qualifiedName(text), text);
  if (!hasOwn && !text.includes("/") && !["kubernetes", "orphan", "foregroundDeletion"].includes(text)) {
    finalizers.invalid("name is neither a standard finalizer name nor is it fully qualified", text);
  }
}
