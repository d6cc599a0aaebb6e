import type { Behaviour, Fill } from "../../behaviour";
import { isList, type ObjectValue, textAt } from "../../value";

/**
 * What the API server fills in and the provider reads back, for arguments that may be left out: what is sent along
 * with the next change has to be something that the API server itself would write.
 */

const POD_SPECS = ["spec", "spec.template.spec", "spec.job_template.spec.template.spec"];

function ofPod(spec: string): Record<string, Fill> {
  const values: Record<string, Fill> = {
    [`${spec}.hostname`]: "",
    [`${spec}.node_name`]: "",
    [`${spec}.scheduler_name`]: "default-scheduler",
    [`${spec}.service_account_name`]: "",
  };
  for (const list of ["container", "init_container"]) {
    values[`${spec}.${list}.image_pull_policy`] = pullPolicy;
    values[`${spec}.${list}.termination_message_policy`] = "File";
  }
  const claim = `${spec}.volume.ephemeral.volume_claim_template.spec`;
  return { ...values, ...ofClaim(claim), [`${spec}.volume.azure_disk.kind`]: "Shared" };
}

/** Images that may change under their name are pulled at every start. */
function pullPolicy(container: ObjectValue): string {
  const image = textAt(container, "image") ?? "";
  const tag = /:([^/@:]+)$/.exec(image)?.[1];
  return image.includes("@") || (tag !== undefined && tag !== "latest") ? "IfNotPresent" : "Always";
}

function ofClaim(spec: string): Record<string, Fill> {
  return {
    [`${spec}.storage_class_name`]: "default",
    [`${spec}.volume_mode`]: "Filesystem",
    [`${spec}.volume_name`]: "",
  };
}

function isReachable(attributes: ObjectValue): boolean {
  const [spec] = isList(attributes.spec ?? null) ? (attributes.spec as readonly ObjectValue[]) : [];
  return ["NodePort", "LoadBalancer"].includes(textAt(spec, "type") ?? "");
}

export const storedDefaults: Behaviour = {
  types: ["kubernetes_*"],
  computed({ cloud, type, id, attributes }) {
    const number = Number.parseInt(cloud.hash("address", type, id).slice(0, 4), 16);
    const address = `10.0.${number >> 8}.${number & 255 || 1}`;
    return {
      ...Object.assign({}, ...POD_SPECS.map(ofPod)),
      ...ofClaim("spec"),
      ...ofClaim("spec.volume_claim_template.spec"),
      "spec.template.metadata.name": "",
      "spec.job_template.metadata.name": "",
      "spec.job_template.spec.template.metadata.name": "",
      "spec.volume_claim_template.metadata.name": "",
      "spec.replicas": "1",
      "spec.completion_mode": "NonIndexed",
      "spec.job_template.spec.completion_mode": "NonIndexed",
      "spec.pod_management_policy": "OrderedReady",
      "spec.revision_history_limit": 10,
      "spec.target_cpu_utilization_percentage": 0,
      "spec.ingress_class_name": "",
      "spec.parameters.scope": "Cluster",
      "spec.cluster_ip": address,
      "spec.cluster_ips": (spec) => [textAt(spec, "cluster_ip") ?? address],
      "spec.external_traffic_policy": isReachable(attributes) ? "Cluster" : "",
      "spec.internal_traffic_policy": "Cluster",
      "spec.health_check_node_port": 0,
      "spec.ip_families": ["IPv4"],
      "spec.ip_family_policy": "SingleStack",
      "spec.port.node_port": isReachable(attributes) ? 30_000 + (number % 2768) : 0,
      "spec.port.target_port": (port) => String(port.port ?? ""),
      "spec.session_affinity_config.client_ip.timeout_seconds": 10_800,
      "subject.api_group": (subject) =>
        textAt(subject, "kind") === "ServiceAccount" ? "" : "rbac.authorization.k8s.io",
    };
  },
};
