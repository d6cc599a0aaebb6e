import {
  allowGiven,
  allowOnly,
  canonicalJson,
  type Field,
  isJsonObject,
  type Json,
  refuseNegative,
} from "../field";
import { CIDR_PROBLEM, familyOf, IP_PROBLEM, parseCidr } from "../formats/addresses";
import { dns1035Label, dnsLabel, dnsSubdomain, portNumber, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { PROTOCOLS } from "./container";
import { judgeMetadata } from "./metadata";
import { judgePort } from "./probe";
import { judgeLabels } from "./selector";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const NODE_PORTS = { low: 30000, high: 32767 };
const AFFINITY_SECONDS = 86400;

export const service: KindRules = {
  kinds: ["v1/Service"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true, prior ? undefined : dns1035Label);
    const spec = prior ? withoutLost(object.at("spec"), prior.at("spec")) : object.at("spec");
    const type = spec.at("type").text || "ClusterIP";
    const isHeadless = spec.at("clusterIP").text === "None";
    if (spec.at("ports").isEmpty && !isHeadless && type !== "ExternalName") spec.at("ports").required();
    if (isHeadless && (type === "LoadBalancer" || type === "NodePort")) {
      spec
        .at("clusterIPs")
        .as("spec.clusterIPs[0]")
        .invalid(`may not be set to 'None' for ${type} services`, "None");
    }
    // On the way from another type the API server takes the addresses away by itself.
    const keepsType = prior === undefined || (prior.at("spec", "type").text || "ClusterIP") === type;
    if (type === "ExternalName") judgeExternalName(spec, keepsType);
    else judgeAddresses(spec, prior === undefined);
    judgePorts(spec.at("ports"), type);
    judgeLabels(spec.at("selector"));
    judgeAffinity(spec);
    for (const address of spec.at("externalIPs").items()) {
      if (familyOf(address.text) === undefined) address.invalid(IP_PROBLEM);
    }
    allowOnly(spec.at("type"), TYPES);
    judgeLoadBalancer(spec, type);
    judgeTraffic(spec, type);
    if (prior) judgeAddressChange(spec, prior.at("spec"));
  },
};

function judgeExternalName(spec: Field, refusesAddresses: boolean): void {
  // One address is the first of all.
  if (refusesAddresses && !spec.at("clusterIP").isEmpty) {
    spec.at("clusterIPs").forbidden("may not be set for ExternalName services");
  }
  for (const name of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    if (refusesAddresses && !spec.at(name).isEmpty)
      spec.at(name).forbidden("may not be set for ExternalName services");
  }
  const name = spec.at("externalName");
  if (name.isEmpty) name.required();
  else name.invalidAll(dnsSubdomain(name.text.replace(/\.$/, "")));
}

/** Addresses are the cluster's to give; a fixed one must at least be an address. */
function judgeAddresses(spec: Field, isNew: boolean): void {
  const first = spec.at("clusterIP");
  const all = spec.at("clusterIPs");
  const addresses = all.isEmpty && !first.isEmpty ? all.with([first.text]) : all;
  if (!first.isEmpty && !all.isEmpty && all.items()[0]?.text !== first.text) {
    all.invalid("first value must match `clusterIP`");
  }
  if (first.isEmpty && !all.isEmpty) all.invalid("must be empty when `clusterIP` is not specified");
  const families = spec.at("ipFamilies");
  const seen = new Set<string>();
  for (const family of families.items()) {
    allowGiven(family, ["IPv4", "IPv6"]);
    if (seen.has(family.text)) family.duplicate();
    seen.add(family.text);
  }
  allowOnly(spec.at("ipFamilyPolicy"), ["PreferDualStack", "RequireDualStack", "SingleStack"]);
  const policy = spec.at("ipFamilyPolicy");
  const isOwn = spec.at("clusterIP").text === "None" && spec.at("selector").isEmpty;
  const isSingle = (policy.text || (isOwn ? "" : "SingleStack")) === "SingleStack";
  if (isNew && isSingle && families.items().length > 1) {
    policy.invalid(
      "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      "SingleStack",
    );
  }
  addresses.items().forEach((address, index) => {
    if (address.text === "None" && index === 0) return;
    const own = familyOf(address.text);
    const wanted = families.items()[index]?.text;
    if (own === undefined) address.invalid(IP_PROBLEM);
    else if (wanted !== undefined && wanted.toLowerCase() !== own && /^IPv[46]$/.test(wanted)) {
      address.invalid(`expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``);
    }
  });
}

function judgeAddressChange(spec: Field, prior: Field): void {
  const before = prior.at("clusterIP").text;
  const now = spec.at("clusterIP").text;
  const types = [spec, prior].map((each) => each.at("type").text || "ClusterIP");
  if (types.includes("ExternalName") || before === "" || now === before) return;
  if (now === "" || (before === "None" && now === "None")) return;
  spec.at("clusterIPs").as("spec.clusterIPs[0]").invalid("may not change once set", [now]);
}

/**
 * The service without what its new type has no use for and what is sent as it was: the API server takes that away
 * by itself.
 */
function withoutLost(spec: Field, prior: Field): Field {
  if (!isJsonObject(spec.value)) return spec;
  const kept: { [name: string]: Json | undefined } = { ...spec.value };
  const isSame = (name: string) => canonicalJson(spec.at(name).value) === canonicalJson(prior.at(name).value);
  const lose = (name: string, isUsed: (each: Field) => boolean) => {
    if (isUsed(prior) && !isUsed(spec) && isSame(name)) delete kept[name];
  };
  lose("allocateLoadBalancerNodePorts", isBalancer);
  lose("loadBalancerClass", isBalancer);
  lose("externalTrafficPolicy", isReachable);
  lose(
    "healthCheckNodePort",
    (each) => isBalancer(each) && each.at("externalTrafficPolicy").text === "Local",
  );
  const nodePorts = [spec, prior].map((each) =>
    each
      .at("ports")
      .items()
      .map((port) => port.at("nodePort").number)
      .filter((port) => port !== 0)
      .sort(),
  );
  if (
    hasNodePorts(prior) &&
    !hasNodePorts(spec) &&
    canonicalJson(nodePorts[0]) === canonicalJson(nodePorts[1])
  ) {
    kept.ports = spec
      .at("ports")
      .items()
      .map(({ value }) => (isJsonObject(value) ? { ...value, nodePort: 0 } : (value ?? null)));
  }
  return spec.with(kept);
}

function isBalancer(spec: Field): boolean {
  return spec.at("type").text === "LoadBalancer";
}

function hasNodePorts(spec: Field): boolean {
  return isBalancer(spec) || spec.at("type").text === "NodePort";
}

/** Whether anybody outside the cluster may come to it. */
function isReachable(spec: Field): boolean {
  const isOwn = (spec.at("type").text || "ClusterIP") === "ClusterIP";
  return hasNodePorts(spec) || (isOwn && !spec.at("externalIPs").isEmpty);
}

function judgePorts(ports: Field, type: string): void {
  const all = ports.items();
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const port of all) {
    const name = port.at("name");
    const protocol = port.at("protocol").text || "TCP";
    if (name.isEmpty) {
      if (all.length > 1) name.required();
    } else {
      name.invalidAll(dnsLabel(name.text));
      if (names.has(name.text)) name.duplicate();
      names.add(name.text);
    }
    port.at("port").invalidAll(portNumber(port.at("port").number), port.at("port").number);
    allowOnly(port.at("protocol"), PROTOCOLS);
    const target = port.at("targetPort");
    if (!target.isEmpty) judgePort(target);
    const application = port.at("appProtocol");
    if (application.isSet) application.invalidAll(qualifiedName(application.text));
    const nodePort = port.at("nodePort");
    if (nodePort.number !== 0) {
      if (type === "ClusterIP") nodePort.forbidden("may not be used when `type` is 'ClusterIP'");
      else if (nodePort.number < NODE_PORTS.low || nodePort.number > NODE_PORTS.high) {
        nodePort.invalid(
          `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.low}-${NODE_PORTS.high}`,
        );
      }
      const key = `${protocol} ${nodePort.number}`;
      if (nodePorts.has(key)) nodePort.duplicate();
      nodePorts.add(key);
    }
    const key = `${protocol} ${port.at("port").number}`;
    if (numbers.has(key)) port.duplicate({ protocol, port: port.at("port").number });
    numbers.add(key);
  }
}

function judgeAffinity(spec: Field): void {
  const affinity = spec.at("sessionAffinity");
  const config = spec.at("sessionAffinityConfig");
  allowOnly(affinity, ["ClientIP", "None"]);
  // Without affinity its settings are dropped.
  if (affinity.text !== "ClientIP") return;
  const seconds = config.at("clientIP", "timeoutSeconds");
  if (seconds.isSet && (seconds.number <= 0 || seconds.number > AFFINITY_SECONDS)) {
    seconds.invalid(`must be greater than 0 and less than ${AFFINITY_SECONDS}`);
  }
}

function judgeLoadBalancer(spec: Field, type: string): void {
  const isOfBalancer = type === "LoadBalancer";
  const ranges = spec.at("loadBalancerSourceRanges").as("spec.LoadBalancerSourceRanges");
  const only = "may only be used when `type` is 'LoadBalancer'";
  if (!ranges.isEmpty && !isOfBalancer) ranges.forbidden(only);
  for (const range of ranges.items()) {
    if (parseCidr(range.text.trim()) === undefined) range.invalid(CIDR_PROBLEM);
  }
  for (const name of ["allocateLoadBalancerNodePorts", "loadBalancerClass"]) {
    if (spec.at(name).isSet && !isOfBalancer) spec.at(name).forbidden(only);
  }
  const balancer = spec.at("loadBalancerClass");
  if (isOfBalancer && balancer.isSet) balancer.invalidAll(qualifiedName(balancer.text));
}

function judgeTraffic(spec: Field, type: string): void {
  const external = spec.at("externalTrafficPolicy");
  if (!isReachable(spec)) {
    if (!external.isEmpty) external.invalid("may only be set for externally-accessible services");
  } else allowOnly(external, ["Cluster", "Local"]);
  const health = spec.at("healthCheckNodePort");
  if (health.number !== 0 && !(type === "LoadBalancer" && external.text === "Local")) {
    health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  }
  refuseNegative(health);
  allowOnly(spec.at("internalTrafficPolicy"), ["Cluster", "Local"]);
  const distribution = spec.at("trafficDistribution");
  const supported = ["PreferClose", "PreferSameZone", "PreferSameNode"];
  if (distribution.isSet && !supported.includes(distribution.text)) distribution.unsupported(supported);
}
