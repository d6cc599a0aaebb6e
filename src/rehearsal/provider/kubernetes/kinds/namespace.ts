import { dnsLabel } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeFinalizer, judgeMetadata } from "./metadata";

const LEVELS = ["privileged", "baseline", "restricted"];

export const namespaceRules: KindRules = {
  kinds: ["v1/Namespace"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), false, dnsLabel);
    // Later on they change through another address only; what is sent here is passed over.
    const finalizers = object.at("spec", "finalizers");
    if (!prior) for (const { text } of finalizers.items()) judgeFinalizer(finalizers, text);
    for (const mode of ["enforce", "audit", "warn"]) {
      const key = `pod-security.kubernetes.io/${mode}`;
      const level = object.at("metadata", "labels", key).as(`metadata.labels[${key}]`);
      const version = object.at("metadata", "labels", `${key}-version`).as(`metadata.labels[${key}-version]`);
      if (level.isSet && !LEVELS.includes(level.text)) level.invalid(`must be one of ${LEVELS.join(", ")}`);
      if (version.isSet && !/^(latest|v1\.(0|[1-9]\d*))$/.test(version.text)) {
        version.invalid('must be "latest" or "v1.x"');
      }
    }
  },
};
