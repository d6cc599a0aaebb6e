import type { Behaviour } from "../behaviour";
import { CloudError } from "../cloud-error";
import { type ObjectValue, textAt } from "../value";
import { hasNamespace } from "./kubernetes-objects";

function namespaceOf(attributes: ObjectValue): string {
  return textAt(attributes, "namespace") ?? "default";
}

export const helmRelease: Behaviour = {
  types: ["helm_release"],
  unknownOnUpdate: () => ["metadata"],
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
  computed: ({ name, attributes, prior }) => ({
    id: name,
    status: "deployed",
    manifest: null,
    version: textAt(attributes, "version") ?? "1.0.0",
    metadata: {
      name,
      namespace: namespaceOf(attributes),
      revision: Number((prior?.metadata as ObjectValue | undefined)?.revision ?? 0) + 1,
      chart: textAt(attributes, "chart")?.split("/").at(-1) ?? "",
      version: textAt(attributes, "version") ?? "1.0.0",
      app_version: "1.0.0",
      first_deployed: 1_793_491_200,
      last_deployed: 1_793_491_200,
      notes: "",
      values: "{}",
    },
  }),
};
