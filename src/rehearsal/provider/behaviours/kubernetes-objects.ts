import type { Behaviour, Change } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { Field } from "../kubernetes/field";
import { findPodSecurityProblems } from "../kubernetes/pod-security";
import { enforcedLevel } from "../kubernetes/terraform/api-server";
import { objectOfResource } from "../kubernetes/terraform/object-of-resource";
import { resourceName } from "../providers/kubernetes";
import { at, blocksAt, fromJson, isObject, type ObjectValue, textAt, type Value } from "../value";

const ALWAYS_THERE: ReadonlySet<string> = new Set([
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
]);

/** Whether a namespace exists in the cluster that the configuration talks to. */
export function hasNamespace(cloud: Cloud, name: string): boolean {
  // Helm may come along before the kubernetes provider has made what the scenario says was there.
  const wasThere = cloud.scenario.existing.some(
    ({ type, attributes }) =>
      type.startsWith("kubernetes_namespace") && textAt(fromJson(attributes), "metadata.0.name") === name,
  );
  return ALWAYS_THERE.has(name) || wasThere || findNamespace(cloud, name) !== undefined;
}

function findNamespace(cloud: Cloud, name: string): ObjectValue | undefined {
  return cloud.ledger
    .ofType("kubernetes_namespace", "kubernetes_namespace_v1")
    .find(({ scope, id }) => scope === cloud.scope && id === name)?.attributes;
}

function namespaceOf(attributes: ObjectValue): string | undefined {
  const metadata = at(attributes, "metadata.0") ?? at(attributes, "manifest.metadata");
  if (!isObject(metadata) || !("namespace" in metadata)) return undefined;
  return textAt(metadata, "namespace") ?? "default";
}

/** Objects live in namespaces, and go with them. */
export const namespacedObject: Behaviour = {
  types: ["kubernetes_*"],
  beforeCreate({ cloud, type, attributes }) {
    const namespace = namespaceOf(attributes);
    if (namespace === undefined || hasNamespace(cloud, namespace)) return;
    const what =
      type === "kubernetes_manifest" ? "API response status: Failure" : `${resourceName(type)} is forbidden`;
    throw new CloudError(`${what}: namespaces "${namespace}" not found`);
  },
  computed: ({ cloud, id, type, attributes }) => ({
    "metadata.uid": cloud.uuid(cloud.scope, type, id),
    "metadata.namespace": "default",
    object: at(attributes, "manifest"),
  }),
  unknownOnUpdate: (_prior, planned) => ("object" in planned ? ["object"] : []),
};

export const namespace: Behaviour = {
  types: ["kubernetes_namespace", "kubernetes_namespace_v1"],
  afterDelete({ cloud, id }) {
    for (const entry of cloud.ledger.all()) {
      if (entry.scope !== cloud.scope || !entry.type.startsWith("kubernetes_")) continue;
      if (namespaceOf(entry.attributes) === id) cloud.ledger.remove(cloud.key(entry.type, entry.id));
    }
  },
};

/** Pods that may not start show as a rollout that doesn't get anywhere; the workload exists, tainted. */
export const podRollout: Behaviour = {
  types: [
    "kubernetes_deployment",
    "kubernetes_deployment_v1",
    "kubernetes_stateful_set",
    "kubernetes_stateful_set_v1",
    "kubernetes_daemonset",
    "kubernetes_daemon_set_v1",
  ],
  beforeCreate: (change) => checkRollout(change),
  beforeUpdate: (change) => checkRollout(change),
};

function checkRollout({ cloud, type, attributes, prior }: Change): void {
  if (attributes.wait_for_rollout === false) return;
  const pod = at(attributes, "spec.0.template.0.spec.0");
  const level = enforcedLevel(cloud, namespaceOf(attributes) ?? "default");
  const template = podTemplateOf(type, attributes);
  const violations = template === undefined ? [] : findPodSecurityProblems(level, template);
  const missing = containersOf(pod)
    .map((container) => textAt(container, "image") ?? "")
    .filter((image) => cloud.scenario.missingImages.includes(image));
  if (violations.length === 0 && missing.length === 0) return;
  const replicas = Number(at(attributes, "spec.0.replicas") ?? 1) || 1;
  const reason =
    violations.length > 0
      ? `pods are forbidden: violates PodSecurity "${level}:latest": ${violations.join(", ")}`
      : `ImagePullBackOff: ${missing.join(", ")} not found`;
  throw new CloudError(
    `Waiting for rollout to finish: 0 out of ${replicas} new replicas have been updated...`,
    `The rehearsal's reason, which the real provider doesn't show: ${reason}`,
    prior ? "nothing" : "tainted",
  );
}

function podTemplateOf(type: string, attributes: ObjectValue): Field | undefined {
  const object = objectOfResource(type, attributes);
  return object && new Field(object, "", []).at("spec", "template", "spec");
}

function containersOf(pod: Value | undefined): readonly ObjectValue[] {
  return [...blocksAt(pod, "container"), ...blocksAt(pod, "init_container")];
}
