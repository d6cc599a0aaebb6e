import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import { agentLabels } from "./agent-labels";

/** Lets one agent's service account list the Services of its namespace, by which it finds peers, and nothing more. */
export function serviceDiscovery(
  scope: Construct,
  workload: AgentWorkload,
  account: { readonly name: string; readonly namespace: string },
): readonly ITerraformDependable[] {
  const metadata = {
    name: `${workload.name}--discovery`,
    namespace: account.namespace,
    labels: agentLabels(workload),
  };
  const role = new RoleV1(scope, "discovery", {
    metadata,
    rule: [{ apiGroups: [""], resources: ["services"], verbs: ["list"] }],
  });
  const binding = new RoleBindingV1(scope, "discovery-binding", {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
    subject: [{ kind: "ServiceAccount", name: account.name, namespace: account.namespace }],
  });
  return [binding];
}
