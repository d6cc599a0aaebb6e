import { type Field, IMMUTABLE, isJsonObject } from "../field";
import { bytesOf, configKey } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { DATA_BYTES, refuseChangeOfImmutable } from "./config-map";
import { judgeMetadata } from "./metadata";

/** Keys that a type of secret can't be without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};
const BASIC_LOGIN = ["username", "password"];
const ACCOUNT = "kubernetes.io/service-account.name";

export const secret: KindRules = {
  kinds: ["v1/Secret"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const texts = object.at("stringData");
    const data = object.at("data");
    const keys = new Set([...data.entries(), ...texts.entries()].map(([key]) => key));
    let bytes = 0;
    for (const [key, value] of data.entries()) {
      value.invalidAll(configKey(key), key);
      bytes += Buffer.from(value.text, "base64").length;
    }
    for (const [key, value] of texts.entries()) {
      value.as(`data[${key}]`).invalidAll(configKey(key), key);
      bytes += bytesOf(value.text);
    }
    if (bytes > DATA_BYTES) data.as("data").tooLong(DATA_BYTES);
    const stored = withTexts(object);
    judgeType(object, stored, keys);
    if (!prior) return;
    const type = object.at("type").text || "Opaque";
    if (type !== (prior.at("type").text || "Opaque")) object.at("type").invalid(IMMUTABLE, type);
    refuseChangeOfImmutable(stored, prior, ["data"]);
  },
};

/** The secret as it is stored: texts are data like all else. */
function withTexts(object: Field): Field {
  const texts = object.at("stringData").entries();
  if (texts.length === 0 || !isJsonObject(object.value)) return object;
  const given = object.at("data").value;
  const written = texts.map(([key, { text }]) => [key, Buffer.from(text).toString("base64")]);
  const data = { ...(isJsonObject(given) ? given : {}), ...Object.fromEntries(written) };
  return object.with({ ...object.value, data });
}

function judgeType(object: Field, stored: Field, keys: ReadonlySet<string>): void {
  const { text } = object.at("type");
  const missing = (key: string) => object.at("data").as(`data[${key}]`);
  for (const key of REQUIRED[text] ?? []) {
    // Of these keys it is asked whether something stands there, of all others whether they are there.
    const isBlank = text === "kubernetes.io/ssh-auth" && stored.at("data", key).text === "";
    if (!keys.has(key) || isBlank) missing(key).required();
  }
  if (text === "kubernetes.io/basic-auth" && !BASIC_LOGIN.some((key) => keys.has(key))) {
    for (const key of BASIC_LOGIN) missing(key).required();
  }
  if (text === "kubernetes.io/service-account-token") {
    const named = object.at("metadata", "annotations", ACCOUNT).text !== "";
    if (!named) object.as(`metadata.annotations[${ACCOUNT}]`).required();
  }
  if (text !== "kubernetes.io/dockerconfigjson" && text !== "kubernetes.io/dockercfg") return;
  const key = REQUIRED[text]?.[0] ?? "";
  if (!keys.has(key)) return;
  const content = Buffer.from(stored.at("data", key).text, "base64").toString();
  if (!isJsonMap(content)) missing(key).invalid("invalid character in JSON", "<secret contents redacted>");
}

function isJsonMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value);
  } catch {
    return false;
  }
}
