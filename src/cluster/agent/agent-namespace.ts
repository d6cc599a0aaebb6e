import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { defaultDenyPolicy } from "./agent-network-policy";

export interface AgentNamespaceProps {
  readonly name: string;
  /** @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it cannot be destroyed: what keeps its data in it goes with it, `Retain` or not. @default false */
  readonly deletionProtection?: boolean;
}

/** The namespace of the agents: restricted pods only, and nothing in or out that no policy opens. */
export class AgentNamespace extends Construct {
  readonly name: string;
  /** What runs in the namespace waits for it, and for the policy that closes it. */
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: AgentNamespaceProps) {
    super(scope, id);
    const { name, labels = {}, deletionProtection = false } = props;
    const namespace = new NamespaceV1(this, "resource", {
      metadata: {
        name,
        labels: {
          ...labels,
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/enforce-version": "latest",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
      // A pod that comes before the account of its namespace is refused.
      waitForDefaultServiceAccount: true,
      lifecycle: { preventDestroy: deletionProtection },
    });
    this.node.defaultChild = namespace;
    this.name = namespace.metadata.name;
    this.readyAfter = [namespace, defaultDenyPolicy(this, "default-deny", this.name)];
  }
}
