import type { Manifest } from "./kubernetes-manifests";

/** A pod, as far as network policies look at one. */
export interface PolicyPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Named container ports. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Where a connection comes from or goes to: a pod of the cluster, or an address outside of it. */
export type Endpoint = PolicyPod | { readonly address: string };

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface PolicyRule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: number | string;
    readonly endPort?: number;
  }[];
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes?: readonly ("Ingress" | "Egress")[];
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

/** Pods that a finished stack will have, one for each Deployment, StatefulSet and job. */
export function podsOf(manifests: readonly Manifest[]): PolicyPod[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    if (!["Deployment", "StatefulSet", "Job", "CronJob"].includes(kind)) return [];
    const template = kind === "CronJob" ? spec.jobTemplate.spec.template : spec.template;
    const ports = (
      template.spec.containers as { ports?: { name?: string; containerPort: number }[] }[]
    ).flatMap(({ ports: named = [] }) =>
      named.flatMap(({ name, containerPort }) =>
        name === undefined ? [] : [[name, containerPort] as const],
      ),
    );
    return [
      {
        name: metadata.name,
        namespace: metadata.namespace ?? "default",
        labels: template.metadata?.labels ?? {},
        ports: Object.fromEntries(ports),
      },
    ];
  });
}

/**
 * Whether the network policies of a cluster let a connection through, by the rules of the Kubernetes API: without a
 * policy everything passes; with one only what one of them allows, on both sides of the connection.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function canReach(
  policies: readonly Manifest[],
  from: Endpoint,
  to: Endpoint,
  port: number,
  protocol: "TCP" | "UDP" = "TCP",
): boolean {
  const connection = { port, protocol, target: to };
  return (
    side(policies, "Egress", from, (rule) => allows(rule.to, rule, to, from, connection)) &&
    side(policies, "Ingress", to, (rule) => allows(rule.from, rule, from, to, connection))
  );
}

function side(
  policies: readonly Manifest[],
  direction: "Ingress" | "Egress",
  subject: Endpoint,
  matches: (rule: PolicyRule) => boolean,
): boolean {
  // Only pods have policies.
  if (!isPod(subject)) return true;
  const applying = policies.filter(({ kind, metadata, spec }) => {
    const { podSelector, policyTypes, egress } = spec as PolicySpec;
    const types = policyTypes ?? ["Ingress", ...(egress === undefined ? [] : ["Egress"])];
    return (
      kind === "NetworkPolicy" &&
      (metadata.namespace ?? "default") === subject.namespace &&
      types.includes(direction) &&
      selects(podSelector, subject.labels)
    );
  });
  if (applying.length === 0) return true;
  return applying.some(({ spec }) => {
    const rules = direction === "Ingress" ? (spec as PolicySpec).ingress : (spec as PolicySpec).egress;
    return (rules ?? []).some(matches);
  });
}

function allows(
  peers: readonly Peer[] | undefined,
  { ports }: PolicyRule,
  other: Endpoint,
  owner: Endpoint,
  connection: { readonly port: number; readonly protocol: string; readonly target: Endpoint },
): boolean {
  const onPeer =
    peers === undefined || peers.length === 0 || peers.some((peer) => isPeer(peer, other, owner));
  if (!onPeer) return false;
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ protocol = "TCP", port, endPort }) => {
    if (protocol !== connection.protocol) return false;
    if (port === undefined) return true;
    if (typeof port === "string") {
      return isPod(connection.target) && connection.target.ports[port] === connection.port;
    }
    return endPort === undefined
      ? port === connection.port
      : port <= connection.port && connection.port <= endPort;
  });
}

function isPeer(
  { ipBlock, podSelector, namespaceSelector }: Peer,
  other: Endpoint,
  owner: Endpoint,
): boolean {
  if (ipBlock !== undefined) {
    // Addresses of pods change; policies about addresses are about what is outside of the cluster.
    if (isPod(other)) return false;
    const { cidr, except = [] } = ipBlock;
    return isWithin(other.address, cidr) && !except.some((range) => isWithin(other.address, range));
  }
  if (!isPod(other)) return false;
  const inNamespace =
    namespaceSelector === undefined
      ? isPod(owner) && other.namespace === owner.namespace
      : selects(namespaceSelector, { "kubernetes.io/metadata.name": other.namespace });
  return inNamespace && selects(podSelector ?? {}, other.labels);
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Readonly<Record<string, string>>,
) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      const among = value !== undefined && values.includes(value);
      return { In: among, NotIn: !among, Exists: value !== undefined, DoesNotExist: value === undefined }[
        operator
      ];
    })
  );
}

function isPod(endpoint: Endpoint): endpoint is PolicyPod {
  return "namespace" in endpoint;
}

function isWithin(address: string, cidr: string): boolean {
  const [network = "", length = "32"] = cidr.split("/");
  const shift = 2 ** (32 - Number(length));
  return Math.floor(numberOf(address) / shift) === Math.floor(numberOf(network) / shift);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
