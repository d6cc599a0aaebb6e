import {
  NetworkPolicyV1,
  type NetworkPolicyV1SpecEgress,
  type NetworkPolicyV1SpecIngress,
} from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { Construct } from "constructs";
import type { OutsideDestination } from "../../agent/agent-definition";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { ClusterDestination, EgressDestination } from "../../parts/agent-dependency";
import { wayTo } from "../../parts/way-to";
import { type ClusterLayout, PRIVATE_RANGES } from "../facts/cluster-layout";
import { nameLookup } from "../name-lookup";
import { agentLabels, agentSelector } from "./agent-labels";
import type { IPodMesh } from "./pod-mesh";

export interface AgentReach {
  readonly workload: AgentWorkload;
  /** Namespace of the agents. */
  readonly namespace: string;
  readonly layout: ClusterLayout;
  readonly mesh: IPodMesh | undefined;
  /** Destinations outside of the fleet. */
  readonly egress: readonly EgressDestination[];
  /** Whether the agent asks the Kubernetes API. */
  readonly callsKubernetesApi: boolean;
}

/**
 * Who reaches one agent and whom it reaches; the namespace denies everything else. Behind a mesh peers are admitted on
 * the sidecar's port only, because what skips the sidecar is not governed by the mesh.
 */
export function agentNetworkPolicy(scope: Construct, id: string, reach: AgentReach): NetworkPolicyV1 {
  const { workload, namespace } = reach;
  return new NetworkPolicyV1(scope, id, {
    metadata: { name: workload.name, namespace, labels: agentLabels(workload) },
    spec: {
      podSelector: { matchLabels: agentSelector(workload) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingressRules(reach),
      egress: egressRules(reach),
    },
  });
}

/** Nothing in, nothing out, for all pods of a namespace: what an agent's own policy doesn't open stays closed. */
export function defaultDenyPolicy(scope: Construct, id: string, namespace: string): NetworkPolicyV1 {
  return new NetworkPolicyV1(scope, id, {
    metadata: { name: "default-deny", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  });
}

function ingressRules({ workload, layout, mesh }: AgentReach): NetworkPolicyV1SpecIngress[] {
  const { callers, port, metricsPort, reach } = workload;
  const metricsPorts = [
    ...(metricsPort === null ? [] : [metricsPort]),
    ...(mesh === undefined ? [] : [mesh.metricsPort]),
  ];
  return [
    ...(callers.length === 0
      ? []
      : [
          {
            from: callers.map((name) => ({ podSelector: { matchLabels: agentSelector({ name }) } })),
            ports: [tcp(mesh?.peerPort ?? port)],
          },
        ]),
    ...(reach === "environment" ? [] : [{ from: [namespacePeer(layout.edgeNamespace)], ports: [tcp(port)] }]),
    ...(metricsPorts.length === 0
      ? []
      : [{ from: [namespacePeer(layout.scraperNamespace)], ports: metricsPorts.map(tcp) }]),
  ];
}

function egressRules(reach: AgentReach): NetworkPolicyV1SpecEgress[] {
  const { workload, layout, mesh, callsKubernetesApi } = reach;
  const inCluster = workload.peers.filter(({ platform }) => platform === "kubernetes");
  const elsewhere = workload.peers.filter(({ platform }) => platform !== "kubernetes");
  return [
    nameLookup(),
    ...(mesh === undefined ? inCluster.map(({ name, port }) => peerRule([name], port)) : []),
    ...(mesh !== undefined && inCluster.length > 0
      ? [
          peerRule(
            inCluster.map(({ name }) => name),
            mesh.peerPort,
          ),
        ]
      : []),
    ...(mesh === undefined
      ? []
      : [{ to: [namespacePeer(mesh.controlPlane.namespace)], ports: mesh.controlPlane.ports.map(tcp) }]),
    ...wayOut([
      ...reach.egress,
      ...elsewhere.map(({ url }) => hostOf(url)),
      ...workload.externalAgents.flatMap(({ url }) => wayTo(url)),
      ...(callsKubernetesApi ? layout.apiServer : []),
    ]),
  ];
}

/** What lets pods out to some places: those of the cluster first. */
export function wayOut(places: readonly EgressDestination[]): NetworkPolicyV1SpecEgress[] {
  const inside = places.filter((place): place is ClusterDestination => "podLabels" in place);
  const outside = places.filter((place): place is OutsideDestination => !("podLabels" in place));
  return [
    ...inside.map(({ namespace, podLabels, port }) => ({
      to: [{ ...namespacePeer(namespace), podSelector: { matchLabels: { ...podLabels } } }],
      ports: [tcp(port)],
    })),
    ...distinct(outside.map(destination)).map(({ cidr, except, port }) => ({
      to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }],
      ports: [tcp(port)],
    })),
  ];
}

function peerRule(names: readonly string[], port: number): NetworkPolicyV1SpecEgress {
  return {
    to: names.map((name) => ({ podSelector: { matchLabels: agentSelector({ name }) } })),
    ports: [tcp(port)],
  };
}

/** An address range, as a policy can say it. */
interface OpenRange {
  readonly cidr: string;
  readonly except: string[];
  readonly port: number;
}

/**
 * What a network policy opens for a destination. Policies know addresses and no names: a host opens its port on every
 * public address, and on no private one.
 */
function destination(place: OutsideDestination): OpenRange {
  if ("cidr" in place) return openRange(place.cidr, place.port);
  return openRange("0.0.0.0/0", place.port ?? 443);
}

/** Not by `URL`: the host may be a reference that only the plan knows. */
function hostOf(url: string): OutsideDestination {
  const [, host = url, port] = /^https?:\/\/([^/:]+)(?::(\d+))?/.exec(url) ?? [];
  return { host, port: port === undefined ? 443 : Number(port) };
}

function openRange(cidr: string, port: number): OpenRange {
  return { cidr, except: cidr === "0.0.0.0/0" ? [...PRIVATE_RANGES] : [], port };
}

function distinct(ranges: readonly OpenRange[]): OpenRange[] {
  return [...new Map(ranges.map((range) => [`${range.cidr}:${range.port}`, range])).values()];
}

/** A port, as a policy says it. */
export function tcp(port: number) {
  return { port: String(port), protocol: "TCP" };
}

function namespaceLabels(name: string) {
  return { matchLabels: { "kubernetes.io/metadata.name": name } };
}

export function namespacePeer(name: string) {
  return { namespaceSelector: namespaceLabels(name) };
}
