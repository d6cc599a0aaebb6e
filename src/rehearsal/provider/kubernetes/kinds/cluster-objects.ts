import { allowOnly, canonicalJson, type Field, refuseChange } from "../field";
import { dnsLabel, dnsSubdomain, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeReference } from "./ingress";
import { judgeMetadata } from "./metadata";
import { judgeLabelKey } from "./selector";

/** Small kinds of the whole cluster. */

const SYSTEM = "system-";
/** Priorities above are Kubernetes' own. */
const MOST_PRIORITY = 1_000_000_000;

export const priorityClass: KindRules = {
  kinds: ["scheduling.k8s.io/v1/PriorityClass"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), false);
    const name = object.at("metadata", "name");
    const value = object.at("value");
    if (!prior && name.text.startsWith(SYSTEM)) {
      object
        .at("metadata", "name")
        .forbidden(
          `priority class names with '${SYSTEM}' prefix are reserved for system use only. error: ${name.text} is not a known system priority class`,
        );
    } else if (value.number > MOST_PRIORITY) {
      value.forbidden(`maximum allowed value of a user defined priority is ${MOST_PRIORITY}`);
    }
    const preemption = object.at("preemptionPolicy");
    if (!prior) allowOnly(preemption, ["PreemptLowerPriority", "Never"], preemption.isSet);
    if (!prior) return;
    if (prior.at("value").number !== value.number) value.forbidden("may not be changed in an update.");
    const [policy, before] = [object, prior].map((each) => {
      const field = each.at("preemptionPolicy");
      return field.with(field.text || "PreemptLowerPriority");
    }) as [Field, Field];
    refuseChange(policy, before);
  },
};

export const storageClass: KindRules = {
  kinds: ["storage.k8s.io/v1/StorageClass"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), false);
    const provisioner = object.at("provisioner");
    if (provisioner.isEmpty) provisioner.required();
    else provisioner.invalidAll(qualifiedName(provisioner.text.toLowerCase()));
    allowOnly(object.at("reclaimPolicy"), ["Delete", "Retain"]);
    allowOnly(object.at("volumeBindingMode"), ["Immediate", "WaitForFirstConsumer"]);
    judgeTopologies(object.at("allowedTopologies"));
    if (!prior) return;
    for (const name of ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]) {
      refuseChange(object.at(name), prior.at(name));
    }
  },
};

/** Where volumes of a class may be. */
function judgeTopologies(topologies: Field): void {
  // One that says nothing is taken for a repetition, even where it is alone.
  const terms = new Set([canonicalJson([])]);
  for (const topology of topologies.items()) {
    const expressions = topology.at("matchLabelExpressions");
    const valuesOf = new Map<string, Field>();
    for (const expression of expressions.items()) {
      const values = expression.at("values");
      const key = expression.at("key");
      if (values.isEmpty) values.required();
      const seen = new Set<string>();
      for (const value of values.items()) {
        if (seen.has(value.text)) value.duplicate();
        seen.add(value.text);
      }
      judgeLabelKey(key);
      if (valuesOf.has(key.text)) key.duplicate();
      valuesOf.set(key.text, values.with([...seen].sort()));
    }
    const term = canonicalJson([...valuesOf].sort().map(([key, { value }]) => [key, value ?? []]));
    if (terms.has(term)) expressions.duplicate("");
    terms.add(term);
  }
}

export const ingressClass: KindRules = {
  kinds: ["networking.k8s.io/v1/IngressClass"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), false);
    const controller = object.at("spec", "controller");
    if (controller.text.length > 250) controller.tooLong(250);
    const [domain = "", path = ""] = controller.text.split(/\/(.*)/s);
    if (controller.isEmpty) controller.required();
    else if (domain === "" || path === "") {
      controller.invalid('must be a domain-prefixed path (such as "acme.io/foo")');
    } else controller.invalidAll(dnsSubdomain(domain), domain);
    const parameters = object.at("spec", "parameters");
    if (parameters.isSet) judgeParameters(parameters);
    if (prior) refuseChange(controller, prior.at("spec", "controller"));
  },
};

function judgeParameters(parameters: Field): void {
  judgeReference(parameters);
  const scope = parameters.at("scope");
  const namespace = parameters.at("namespace");
  if (scope.isSet && !["Cluster", "Namespace"].includes(scope.text)) {
    scope.unsupported(["Cluster", "Namespace"]);
  } else if (scope.text === "Namespace") {
    if (namespace.isSet) namespace.invalidAll(dnsLabel(namespace.text));
    else namespace.required("`parameters.scope` is set to 'Namespace'");
  } else if (namespace.isSet) namespace.forbidden("`parameters.scope` is set to 'Cluster'");
}
