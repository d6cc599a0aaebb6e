import { BlockList, isIPv4 } from "node:net";
import { withNames } from "./kubernetes-resources";

/** A pod, as policies see it. */
export interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Somebody outside of the cluster. */
export interface Address {
  readonly ip: string;
}

interface Selector {
  readonly match_labels?: Readonly<Record<string, string>>;
}

interface Peer {
  readonly pod_selector?: Selector;
  readonly namespace_selector?: Selector;
  readonly ip_block?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: string; readonly protocol?: string }[];
}

interface Policy {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly pod_selector: Selector;
    readonly policy_types: readonly ("Ingress" | "Egress")[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/**
 * What the NetworkPolicies of a finished stack let through: a connection needs the sender's egress and the receiver's
 * ingress, and a pod that no policy of a direction selects is open in it.
 */
export class NetworkReach {
  private readonly policies: readonly Policy[];

  constructor(private readonly stack: { readonly resource?: Readonly<Record<string, object>> }) {
    const found = (stack.resource?.kubernetes_network_policy_v1 ?? {}) as Record<string, Policy>;
    this.policies = Object.values(found);
  }

  allows(from: Pod | Address, to: Pod | Address, port: number, protocol = "TCP"): boolean {
    return this.opens("Egress", from, to, port, protocol) && this.opens("Ingress", to, from, port, protocol);
  }

  private opens(
    direction: "Ingress" | "Egress",
    own: Pod | Address,
    other: Pod | Address,
    port: number,
    protocol: string,
  ): boolean {
    if ("ip" in own) return true;
    const selecting = this.policies.filter(
      ({ metadata, spec }) =>
        withNames(this.stack, metadata.namespace) === own.namespace &&
        matches(spec.pod_selector, own.labels) &&
        spec.policy_types.includes(direction),
    );
    if (selecting.length === 0) return true;
    return selecting.some(({ metadata, spec }) =>
      ((direction === "Egress" ? spec.egress : spec.ingress) ?? []).some((rule) => {
        const peers = (direction === "Egress" ? rule.to : rule.from) ?? [];
        const ports = rule.ports ?? [];
        return (
          (peers.length === 0 ||
            peers.some((peer) => this.isPeer(peer, withNames(this.stack, metadata.namespace), other))) &&
          (ports.length === 0 ||
            ports.some(
              (open) =>
                (open.port === undefined || Number(open.port) === port) &&
                (open.protocol ?? "TCP") === protocol,
            ))
        );
      }),
    );
  }

  private isPeer(peer: Peer, namespace: string, other: Pod | Address): boolean {
    if (peer.ip_block !== undefined) {
      if (!("ip" in other)) return false;
      const { cidr, except = [] } = peer.ip_block;
      return inRange(other.ip, cidr) && !except.some((range) => inRange(other.ip, range));
    }
    if ("ip" in other) return false;
    const names = { "kubernetes.io/metadata.name": other.namespace };
    const inNamespace =
      peer.namespace_selector === undefined
        ? other.namespace === namespace
        : matches(this.resolved(peer.namespace_selector), names);
    return inNamespace && (peer.pod_selector === undefined || matches(peer.pod_selector, other.labels));
  }

  private resolved({ match_labels = {} }: Selector): Selector {
    return {
      match_labels: Object.fromEntries(
        Object.entries(match_labels).map(([label, value]) => [label, withNames(this.stack, value)]),
      ),
    };
  }
}

function matches({ match_labels = {} }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(match_labels).every(([label, value]) => labels[label] === value);
}

function inRange(ip: string, cidr: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  if (!isIPv4(network) || !isIPv4(ip)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits));
  return list.check(ip);
}
