import type { Behaviour } from "../behaviour";
import { CloudError } from "../cloud-error";
import { chartName, readChart } from "../kubernetes/terraform/release";
import { unknownOfRelease } from "../service-rules/helm";
import { type ObjectValue, textAt } from "../value";
import { hasNamespace } from "./kubernetes-objects";

function namespaceOf(attributes: ObjectValue): string {
  return textAt(attributes, "namespace") ?? "default";
}

export const helmRelease: Behaviour = {
  types: ["helm_release"],
  unknownOnUpdate: unknownOfRelease,
  beforeCreate({ cloud, attributes, name }) {
    const namespace = namespaceOf(attributes);
    if (attributes.create_namespace === true) {
      if (hasNamespace(cloud, namespace)) return;
      // The release leaves the namespace behind when it goes.
      cloud.ledger.put(`kubernetes_namespace ${namespace} in ${cloud.scope}`, {
        type: "kubernetes_namespace_v1",
        id: namespace,
        scope: cloud.scope,
        attributes: {
          id: namespace,
          metadata: [{ name: namespace, labels: { name: namespace }, annotations: {} }],
        },
        addedBy: `helm_release ${name}`,
      });
      return;
    }
    if (!hasNamespace(cloud, namespace)) {
      throw new CloudError(`create: failed to create: namespaces "${namespace}" not found`);
    }
  },
  planDefaults: { namespace: "default" },
  computed({ name, attributes, prior }) {
    const chart = readChart(attributes);
    const version = textAt(attributes, "version") ?? chart?.version ?? "1.0.0";
    return {
      id: name,
      version,
      metadata: {
        name,
        namespace: namespaceOf(attributes),
        revision: Number((prior?.metadata as ObjectValue | undefined)?.revision ?? 0) + 1,
        chart: chart?.name ?? chartName(attributes),
        version: chart?.version ?? version,
        app_version: chart?.appVersion ?? "1.0.0",
        first_deployed: 1_793_491_200,
        last_deployed: 1_793_491_200,
        notes: "",
        values: "{}",
      },
    };
  },
};
