import type { Behaviour, Change } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { resourceName } from "../providers/kubernetes";
import { at, blocksAt, fromJson, isObject, type ObjectValue, textAt, textsAt, type Value } from "../value";

const ALWAYS_THERE: ReadonlySet<string> = new Set([
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
]);
const ENFORCE = "pod-security.kubernetes.io/enforce";

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

/** The provider sends an empty policy where none is given, and the API server knows no such policy. */
export const podAutoscaler: Behaviour = {
  types: ["kubernetes_horizontal_pod_autoscaler_v2", "kubernetes_horizontal_pod_autoscaler_v2beta2"],
  beforeCreate: (change) => checkPolicies(change),
  beforeUpdate: (change) => checkPolicies(change),
};

function checkPolicies({ name, attributes }: Change): void {
  for (const direction of ["scale_up", "scale_down"]) {
    for (const rules of blocksAt(attributes, `spec.0.behavior.0.${direction}`)) {
      if (textAt(rules, "select_policy")) continue;
      const path = direction === "scale_up" ? "scaleUp" : "scaleDown";
      throw new CloudError(
        `HorizontalPodAutoscaler.autoscaling "${name}" is invalid: spec.behavior.${path}.selectPolicy: Unsupported value: "": supported values: "Disabled", "Max", "Min"`,
      );
    }
  }
}

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

function checkRollout({ cloud, attributes, prior }: Change): void {
  if (attributes.wait_for_rollout === false) return;
  const pod = at(attributes, "spec.0.template.0.spec.0");
  const labels = at(findNamespace(cloud, namespaceOf(attributes) ?? "default"), "metadata.0.labels");
  const isRestricted = isObject(labels) && labels[ENFORCE] === "restricted";
  const violations = isRestricted ? findRestrictedViolations(pod) : [];
  const missing = containersOf(pod)
    .map((container) => textAt(container, "image") ?? "")
    .filter((image) => cloud.scenario.missingImages.includes(image));
  if (violations.length === 0 && missing.length === 0) return;
  const replicas = Number(at(attributes, "spec.0.replicas") ?? 1) || 1;
  const reason =
    violations.length > 0
      ? `pods are forbidden: violates PodSecurity "restricted:latest": ${violations.join("; ")}`
      : `ImagePullBackOff: ${missing.join(", ")} not found`;
  throw new CloudError(
    `Waiting for rollout to finish: 0 out of ${replicas} new replicas have been updated...`,
    `The rehearsal's reason, which the real provider doesn't show: ${reason}`,
    prior ? "nothing" : "tainted",
  );
}

function containersOf(pod: Value | undefined): readonly ObjectValue[] {
  return [...blocksAt(pod, "container"), ...blocksAt(pod, "init_container")];
}

/** What the restricted profile asks of a pod. */
export function findRestrictedViolations(pod: Value | undefined): string[] {
  const violations: string[] = [];
  for (const name of ["host_network", "host_pid", "host_ipc"]) {
    if (at(pod, name) === true) violations.push(`${name} is true`);
  }
  const podContext = at(pod, "security_context.0");
  for (const container of containersOf(pod)) {
    const name = textAt(container, "name") ?? "";
    const context = at(container, "security_context.0");
    if (at(context, "allow_privilege_escalation") !== false) {
      violations.push(`container "${name}" must set securityContext.allowPrivilegeEscalation=false`);
    }
    if (at(context, "privileged") === true) violations.push(`container "${name}" must not be privileged`);
    if (!textsAt(context, "capabilities.0.drop").includes("ALL")) {
      violations.push(`container "${name}" must set securityContext.capabilities.drop=["ALL"]`);
    }
    if (textsAt(context, "capabilities.0.add").some((capability) => capability !== "NET_BIND_SERVICE")) {
      violations.push(`container "${name}" must not add capabilities`);
    }
    if (!isTrue(at(context, "run_as_non_root") ?? at(podContext, "run_as_non_root"))) {
      violations.push(`pod or container "${name}" must set securityContext.runAsNonRoot=true`);
    }
    const profile = textAt(context, "seccomp_profile.0.type") ?? textAt(podContext, "seccomp_profile.0.type");
    if (profile !== "RuntimeDefault" && profile !== "Localhost") {
      violations.push(
        `pod or container "${name}" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
      );
    }
  }
  for (const volume of blocksAt(pod, "volume")) {
    if (blocksAt(volume, "host_path").length > 0)
      violations.push(`volume "${textAt(volume, "name")}" is a hostPath`);
  }
  return violations;
}

function isTrue(value: Value | undefined): boolean {
  return value === true || value === "true";
}
