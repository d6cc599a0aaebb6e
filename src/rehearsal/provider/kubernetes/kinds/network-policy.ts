import type { Field } from "../field";
import { CIDR_PROBLEM, isInside, parseCidr } from "../formats/addresses";
import { portName, portNumber } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeSelector } from "./selector";

const DIRECTIONS = ["Ingress", "Egress"];

export const networkPolicy: KindRules = {
  kinds: ["networking.k8s.io/v1/NetworkPolicy"],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    judgeSelector(spec.at("podSelector"));
    for (const [rules, peers] of [
      ["ingress", "from"],
      ["egress", "to"],
    ] as const) {
      for (const rule of spec.at(rules).items()) {
        rule.at("ports").items().forEach(judgePolicyPort);
        rule.at(peers).items().forEach(judgePeer);
      }
    }
    const types = spec.at("policyTypes");
    if (types.items().length > DIRECTIONS.length) types.invalid("may not specify more than two policyTypes");
    else for (const type of types.items()) if (!DIRECTIONS.includes(type.text)) type.unsupported(DIRECTIONS);
  },
};

function judgePolicyPort(entry: Field): void {
  const protocol = entry.at("protocol");
  if (protocol.isSet && !["TCP", "UDP", "SCTP"].includes(protocol.text)) {
    protocol.unsupported(["TCP", "UDP", "SCTP"]);
  }
  const port = entry.at("port");
  const last = entry.at("endPort");
  if (!port.isSet) {
    if (last.isSet) last.invalid("may not be specified when `port` is not specified");
  } else if (typeof port.value === "string") {
    if (last.isSet) last.invalid("may not be specified when `port` is non-numeric");
    port.invalidAll(portName(port.text));
  } else {
    port.invalidAll(portNumber(port.number));
    if (!last.isSet) return;
    if (last.number < port.number) last.invalid("must be greater than or equal to `port`", port.number);
    last.invalidAll(portNumber(last.number));
  }
}

function judgePeer(peer: Field): void {
  const pods = peer.at("podSelector");
  const namespaces = peer.at("namespaceSelector");
  const block = peer.at("ipBlock");
  judgeSelector(pods);
  judgeSelector(namespaces);
  if (block.isSet) judgeBlock(block);
  if (!pods.isSet && !namespaces.isSet && !block.isSet) peer.required("must specify a peer");
  if (block.isSet && (pods.isSet || namespaces.isSet))
    peer.forbidden("may not specify both ipBlock and another peer");
}

function judgeBlock(block: Field): void {
  const cidr = block.at("cidr");
  const range = parseCidr(cidr.text);
  if (cidr.isEmpty) cidr.required();
  else if (range === undefined) cidr.invalid(CIDR_PROBLEM);
  if (range === undefined) return;
  for (const exception of block.at("except").items()) {
    const inner = parseCidr(exception.text);
    if (inner === undefined) exception.invalid(CIDR_PROBLEM);
    else if (!isInside(inner, range)) exception.invalid("must be a strict subset of `cidr`");
  }
}
