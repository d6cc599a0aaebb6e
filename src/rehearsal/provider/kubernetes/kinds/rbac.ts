import { canonicalJson, type Field, type JsonObject } from "../field";
import { dnsSubdomain, pathSegment } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeSelector } from "./selector";

const GROUP = "rbac.authorization.k8s.io";

export const role: KindRules = {
  kinds: [`${GROUP}/v1/Role`],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), true, pathSegment);
    for (const rule of object.at("rules").items()) judgeRule(rule, true);
  },
};

export const clusterRole: KindRules = {
  kinds: [`${GROUP}/v1/ClusterRole`],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), false, pathSegment);
    for (const rule of object.at("rules").items()) judgeRule(rule, false);
    const aggregation = object.at("aggregationRule");
    const selectors = aggregation.at("clusterRoleSelectors");
    if (aggregation.isSet && selectors.isEmpty) {
      selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    selectors.items().forEach(judgeSelector);
  },
};

function judgeRule(rule: Field, isNamespaced: boolean): void {
  const urls = rule.at("nonResourceURLs");
  const groups = rule.at("apiGroups");
  const resources = rule.at("resources");
  if (rule.at("verbs").isEmpty) rule.at("verbs").required("verbs must contain at least one value");
  if (!urls.isEmpty) {
    if (isNamespaced) urls.invalid("namespaced rules cannot apply to non-resource URLs");
    if (!groups.isEmpty || !resources.isEmpty || !rule.at("resourceNames").isEmpty) {
      urls.invalid("rules cannot apply to both regular resources and non-resource URLs");
    }
    return;
  }
  if (groups.isEmpty) groups.required("resource rules must supply at least one api group");
  if (resources.isEmpty) resources.required("resource rules must supply at least one resource");
}

export const roleBinding: KindRules = {
  kinds: [`${GROUP}/v1/RoleBinding`],
  judge: ({ object, prior }) => judgeBinding(object, prior, ["Role", "ClusterRole"]),
};

export const clusterRoleBinding: KindRules = {
  kinds: [`${GROUP}/v1/ClusterRoleBinding`],
  judge: ({ object, prior }) => judgeBinding(object, prior, ["ClusterRole"]),
};

function judgeBinding(object: Field, prior: Field | undefined, kinds: readonly string[]): void {
  const isNamespaced = kinds.length > 1;
  judgeMetadata(object.at("metadata"), isNamespaced, pathSegment);
  const reference = object.at("roleRef");
  const group = reference.at("apiGroup");
  const kind = reference.at("kind");
  const name = reference.at("name");
  // Nothing stands for the only group that there is.
  if (!group.isEmpty && group.text !== GROUP) group.unsupported([GROUP]);
  if (!kinds.includes(kind.text)) kind.unsupported(kinds, kind.text);
  if (name.isEmpty) name.required();
  else name.invalidAll(pathSegment(name.text));
  for (const subject of object.at("subjects").items()) judgeSubject(subject, isNamespaced);
  const filled = (each: Field) =>
    canonicalJson({ ...(each.value as JsonObject), apiGroup: each.at("apiGroup").text || GROUP });
  if (prior && filled(reference) !== filled(prior.at("roleRef"))) reference.invalid("cannot change roleRef");
}

function judgeSubject(subject: Field, isNamespaced: boolean): void {
  const name = subject.at("name");
  const group = subject.at("apiGroup");
  if (name.isEmpty) name.required();
  switch (subject.at("kind").text) {
    case "ServiceAccount":
      if (!name.isEmpty) name.invalidAll(dnsSubdomain(name.text));
      if (!group.isEmpty) group.unsupported([""]);
      if (!isNamespaced && subject.at("namespace").isEmpty) subject.at("namespace").required();
      return;
    case "User":
    case "Group":
      if (!group.isEmpty && group.text !== GROUP) group.unsupported([GROUP]);
      return;
    default:
      subject.at("kind").unsupported(["ServiceAccount", "User", "Group"], subject.at("kind").text);
  }
}
