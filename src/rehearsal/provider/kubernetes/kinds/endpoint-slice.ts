import { allowOnly, canonicalJson, type Field, refuseChange } from "../field";
import { canonicalIpv6, familyOf, IP_PROBLEM, meaningOf } from "../formats/addresses";
import { type Check, dnsLabel, dnsSubdomain, labelValue } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeEndpointAddress, judgeEndpointProtocol } from "./endpoints";
import { judgeMetadata } from "./metadata";

const ENDPOINTS = 1000;
const ADDRESSES = 100;
const PORTS = 20_000;
const HINTS = 8;

export const endpointSlice: KindRules = {
  kinds: ["discovery.k8s.io/v1/EndpointSlice"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const type = object.at("addressType");
    allowOnly(type, ["FQDN", "IPv4", "IPv6"], true);
    judgePorts(object.at("ports"));
    const endpoints = object.at("endpoints");
    // What was taken once stays, whatever is thought of it today.
    const isAsItWas = prior && canonicalJson(endpoints.value) === canonicalJson(prior.at("endpoints").value);
    if (!isAsItWas) judgeEndpoints(endpoints, type.text);
    if (prior) refuseChange(type, prior.at("addressType"));
  },
};

function judgePorts(ports: Field): void {
  const items = ports.items();
  if (items.length > PORTS) {
    ports.tooMany(items.length, PORTS);
    return;
  }
  const seen = new Set<string>();
  for (const port of items) {
    // A port without a name has the empty one, of which there is one, too.
    const name = port.at("name").with(port.at("name").text);
    if (!name.isEmpty) name.invalidAll(dnsLabel(name.text));
    if (seen.has(name.text)) name.duplicate();
    seen.add(name.text);
    const protocol = port.at("protocol");
    if (protocol.isSet && protocol.isEmpty) protocol.unsupported(["SCTP", "TCP", "UDP"]);
    judgeEndpointProtocol(port);
  }
}

function judgeEndpoints(endpoints: Field, type: string): void {
  const items = endpoints.items();
  if (items.length > ENDPOINTS) {
    endpoints.tooMany(items.length, ENDPOINTS);
    return;
  }
  for (const endpoint of items) {
    const addresses = endpoint.at("addresses");
    const { length } = addresses.items();
    if (length === 0) addresses.required("must contain at least 1 address");
    else if (length > ADDRESSES) addresses.tooMany(length, ADDRESSES);
    for (const address of addresses.items()) judgeAddress(address, type, addresses);
    const node = endpoint.at("nodeName");
    if (node.isSet) node.invalidAll(dnsSubdomain(node.text));
    const hostname = endpoint.at("hostname");
    if (hostname.isSet) hostname.invalidAll(dnsLabel(hostname.text));
    judgeHints(endpoint.at("hints", "forZones"), labelValue);
    judgeHints(endpoint.at("hints", "forNodes"), dnsSubdomain);
  }
}

function judgeAddress(address: Field, type: string, addresses: Field): void {
  const family = familyOf(address.text);
  if (type === "FQDN") {
    judgeFullName(address);
    return;
  }
  if (type !== "IPv4" && type !== "IPv6") return;
  if (family === undefined) {
    address.invalid(IP_PROBLEM);
    return;
  }
  if (type === "IPv6" && !judgeForm(address, family)) return;
  const [means] = meaningOf(address.text);
  if (means !== type.toLowerCase()) addresses.invalid(`must be an ${type} address`, address.text);
  judgeEndpointAddress(address);
}

/** An address of the newer family is taken in one way of writing it only. */
function judgeForm(address: Field, family: "ipv4" | "ipv6"): boolean {
  const { text } = address;
  if (family === "ipv4") {
    return address.isSound(() => {
      if (/(^|\.)0\d/.test(text)) address.invalid("must not have leading 0s");
    });
  }
  const canonical = canonicalIpv6(text);
  if (meaningOf(text)[0] === "ipv4") {
    address.invalid("must not be an IPv4-mapped IPv6 address");
    return false;
  }
  if (canonical === text) return true;
  address.invalid(`must be in canonical form (${JSON.stringify(canonical)})`);
  return false;
}

function judgeFullName(address: Field): void {
  if (address.text === "") {
    address.required();
    return;
  }
  const name = address.text.replace(/\.$/, "");
  const problems = dnsSubdomain(name);
  if (problems.length > 0) {
    address.invalid(problems.join(","), name);
    return;
  }
  const labels = name.split(".");
  if (labels.length < 2) {
    address.invalid("should be a domain with at least two segments separated by dots", name);
    return;
  }
  const wrong = labels.find((label) => dnsLabel(label).length > 0);
  if (wrong !== undefined) address.invalid(dnsLabel(wrong).join(","), wrong);
}

function judgeHints(hints: Field, check: Check): void {
  const items = hints.items();
  if (items.length > HINTS) {
    hints.tooMany(items.length, HINTS);
    return;
  }
  const seen = new Set<string>();
  for (const hint of items) {
    const name = hint.at("name").with(hint.at("name").text);
    if (seen.has(name.text)) name.duplicate();
    seen.add(name.text);
    name.invalidAll(check(name.text));
  }
}
