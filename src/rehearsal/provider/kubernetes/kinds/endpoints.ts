import { canonicalJson, type Field } from "../field";
import { familyOf, IP_PROBLEM, isIn, type Range } from "../formats/addresses";
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];

export const endpoints: KindRules = {
  kinds: ["v1/Endpoints"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const subsets = object.at("subsets");
    // What was taken once stays, whatever is thought of it today.
    if (prior && canonicalJson(subsets.value) === canonicalJson(prior.at("subsets").value)) return;
    for (const subset of subsets.items()) judgeSubset(subset);
  },
};

function judgeSubset(subset: Field): void {
  const addresses = [subset.at("addresses"), subset.at("notReadyAddresses")];
  if (addresses.every(({ isEmpty }) => isEmpty)) {
    subset.required("must specify `addresses` or `notReadyAddresses`");
  }
  for (const address of addresses.flatMap((each) => each.items())) {
    const ip = address.at("ip").with(address.at("ip").text);
    const hostname = address.at("hostname");
    const node = address.at("nodeName");
    if (familyOf(ip.text) === undefined) ip.invalid(IP_PROBLEM);
    if (!hostname.isEmpty) hostname.invalidAll(dnsLabel(hostname.text));
    if (node.isSet) node.invalidAll(dnsSubdomain(node.text));
    judgeEndpointAddress(ip);
  }
  const ports = subset.at("ports").items();
  for (const port of ports) {
    const name = port.at("name");
    if (!name.isEmpty) name.invalidAll(dnsLabel(name.text));
    else if (ports.length > 1) name.required();
    const number = port.at("port").with(port.at("port").number);
    number.invalidAll(portNumber(number.number));
    judgeEndpointProtocol(port);
  }
}

const LINK_LOCAL: readonly Range[] = [
  { family: "ipv4", address: "169.254.0.0", prefix: 16 },
  { family: "ipv6", address: "fe80::", prefix: 10 },
];
const LOOPBACK: readonly Range[] = [
  { family: "ipv4", address: "127.0.0.0", prefix: 8 },
  { family: "ipv6", address: "::1", prefix: 128 },
];
const LINK_LOCAL_MULTICAST: readonly Range[] = [
  { family: "ipv4", address: "224.0.0.0", prefix: 24 },
  { family: "ipv6", address: "ff02::", prefix: 16 },
];
const UNSPECIFIED: readonly Range[] = [
  { family: "ipv4", address: "0.0.0.0", prefix: 32 },
  { family: "ipv6", address: "::", prefix: 128 },
];

/** Traffic can be sent only to addresses that mean the same on every node. */
export function judgeEndpointAddress(ip: Field): void {
  const { text } = ip;
  if (familyOf(text) === undefined) {
    ip.invalid("must be a valid IP address");
    return;
  }
  const refuse = (ranges: readonly Range[], words: string) => {
    if (ranges.some((range) => isIn(text, range))) ip.invalid(words);
  };
  refuse(UNSPECIFIED, `may not be unspecified (${text})`);
  refuse(LOOPBACK, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  refuse(LINK_LOCAL, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  refuse(LINK_LOCAL_MULTICAST, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

/** TCP where none is named. */
export function judgeEndpointProtocol(port: Field): void {
  const protocol = port.at("protocol");
  if (!protocol.isEmpty && !PROTOCOLS.includes(protocol.text)) protocol.unsupported(PROTOCOLS);
  const application = port.at("appProtocol");
  if (application.isSet) application.invalidAll(qualifiedName(application.text));
}
