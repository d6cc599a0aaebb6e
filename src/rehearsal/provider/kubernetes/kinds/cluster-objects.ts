import { allowOnly, refuseChange } from "../field";
import { dnsSubdomain, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

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
    allowOnly(object.at("preemptionPolicy"), ["Never", "PreemptLowerPriority"]);
    if (prior && prior.at("value").number !== value.number)
      value.forbidden("may not be changed in an update.");
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
    if (!prior) return;
    for (const name of ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]) {
      refuseChange(object.at(name), prior.at(name));
    }
  },
};

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
    if (prior) refuseChange(controller, prior.at("spec", "controller"));
  },
};
