import { canonicalJson, type Field } from "../field";
import { bytesOf, configKey } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

export const DATA_BYTES = 1024 * 1024;

export const configMap: KindRules = {
  kinds: ["v1/ConfigMap"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const data = object.at("data");
    const binary = object.at("binaryData");
    const binaryKeys = new Set(binary.entries().map(([key]) => key));
    let bytes = 0;
    for (const [key, value] of data.entries()) {
      value.invalidAll(configKey(key), key);
      if (binaryKeys.has(key)) value.invalid("duplicate of key present in binaryData", key);
      bytes += bytesOf(value.text);
    }
    for (const [key, value] of binary.entries()) {
      value.invalidAll(configKey(key), key);
      bytes += Buffer.from(value.text, "base64").length;
    }
    if (bytes > DATA_BYTES) object.as("[]").tooLong(DATA_BYTES);
    if (prior) refuseChangeOfImmutable(object, prior, ["data", "binaryData"]);
  },
};

/** What its author has declared immutable stays as it is, and immutable. */
export function refuseChangeOfImmutable(object: Field, prior: Field, names: readonly string[]): void {
  if (prior.at("immutable").value !== true) return;
  const words = "field is immutable when `immutable` is set";
  if (object.at("immutable").value !== true) object.at("immutable").forbidden(words);
  for (const name of names) {
    if (canonicalJson(object.at(name).value) !== canonicalJson(prior.at(name).value))
      object.at(name).forbidden(words);
  }
}
