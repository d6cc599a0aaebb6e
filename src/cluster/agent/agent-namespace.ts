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

/** The namespace of the agents, closed: nothing in or out that no policy opens. */
export interface IAgentNamespace {
  readonly name: string;
  /** What runs in the namespace waits for it, and for the policy that closes it. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/** The namespace of the agents: restricted pods only, and nothing in or out that no policy opens. */
export class AgentNamespace extends Construct implements IAgentNamespace {
  readonly name: string;
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: AgentNamespaceProps) {
    super(scope, id);
    const namespace = restrictedNamespace(this, "resource", props);
    this.node.defaultChild = namespace;
    this.name = namespace.metadata.name;
    this.readyAfter = [namespace, defaultDenyPolicy(this, "default-deny", this.name)];
  }

  /** Closes a namespace that was made before, in another stack. */
  static fromExisting(scope: Construct, id: string, name: string): IAgentNamespace {
    const closed = new Construct(scope, id);
    return { name, readyAfter: [defaultDenyPolicy(closed, "default-deny", name)] };
  }
}

/** A namespace that takes restricted pods only, and is still open. */
export function restrictedNamespace(scope: Construct, id: string, props: AgentNamespaceProps): NamespaceV1 {
  const { name, labels = {}, deletionProtection = false } = props;
  return new NamespaceV1(scope, id, {
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
}
