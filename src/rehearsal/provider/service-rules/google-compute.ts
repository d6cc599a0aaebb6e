import { BlockList, isIP } from "node:net";
import { samenesses } from "../planning/sameness";
import { isIp } from "../validation/text-shapes";
import { canonical, type ObjectValue, textAt, type Value } from "../value";
import type { ServiceRules } from "./service-rules";
import { emptyOr } from "./value-checks";

/** Whether a range has all of another. */
function contains(range: string, other: string): boolean {
  const [[address = "", length = ""], [start = "", otherLength = ""]] = [
    range.split("/"),
    other.split("/"),
  ] as [string[], string[]];
  if (!isIp(address) || !isIp(start) || Number(otherLength) < Number(length)) return false;
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(address, Number(length), family);
  return list.check(start, family);
}

/** An address that the cloud has chosen is what was asked for by a reference, and so is one with or without a mask. */
function sameAddress(before: Value, after: Value): boolean {
  const [old = "", oldMask] = String(before ?? "").split("/");
  const [next = "", nextMask] = String(after ?? "").split("/");
  if (!isIp(old)) return false;
  const isSame = !isIp(next) || old === next;
  return isSame && (oldMask === undefined || nextMask === undefined || oldMask === nextMask);
}

/** What of a backend makes it another one. */
function backendKey(backend: ObjectValue): string {
  const group = textAt(backend, "group") ?? "";
  const path = /projects\/.*$/s.exec(group)?.[0] ?? group;
  const { custom_metrics: _custom, preference: _preference, max_utilization, ...rest } = backend;
  const isGroupOfEndpoints = group.includes("/networkEndpointGroups/");
  return canonical({ ...rest, group: path, ...(!isGroupOfEndpoints && { max_utilization }) });
}

export const googleCompute: readonly ServiceRules[] = [
  {
    types: ["google_compute_global_address"],
    same: { address_type: emptyOr("EXTERNAL"), ip_version: emptyOr("IPV4") },
  },
  {
    types: ["google_compute_global_forwarding_rule"],
    same: {
      ip_address: sameAddress,
      port_range: (before, after) => before === `${after}-${after}`,
    },
  },
  {
    types: ["google_compute_managed_ssl_certificate"],
    same: {
      "managed.domains": (before, after) =>
        Array.isArray(before) &&
        Array.isArray(after) &&
        before.length === after.length &&
        before.every((domain, index) => withoutDot(domain) === withoutDot(after[index])),
    },
  },
  {
    types: ["google_compute_backend_service"],
    same: {
      "log_config.sample_rate": (_before, _after, { proposed }) => proposed.log_config === false,
    },
    setKeys: { backend: backendKey },
  },
  {
    types: ["google_compute_ssl_policy"],
    refusals: {
      "features of one's own in a profile that has its own, or none in one without": (change) => {
        if (!change.hasChanged("profile") && !change.hasChanged("custom_features")) return undefined;
        const { after } = change;
        const profile = after.text("profile");
        const hasFeatures = after.list("custom_features").length > 0;
        const what = `Error in SSL Policy ${after.text("name")}: the profile is set to ${profile} but`;
        if (profile === "CUSTOM") return hasFeatures ? undefined : `${what} no custom_features are set.`;
        return hasFeatures ? `${what} using custom_features requires the profile to be CUSTOM.` : undefined;
      },
    },
  },
  {
    types: ["google_compute_security_policy"],
    refusals: {
      "two rules of one priority": ({ after }) => {
        const priorities = after.blocks("rule").map((rule) => rule.number("priority"));
        return new Set(priorities).size === priorities.length
          ? undefined
          : "Two rules have the same priority, please update one of the priorities to be different.";
      },
    },
  },
  {
    types: ["google_compute_subnetwork"],
    same: {
      // The order of ranges doesn't count.
      secondary_ip_range: samenesses.order,
      log_config: (_before, after, { proposed }) => proposed.enable_flow_logs === true && isNone(after),
    },
    replacements: {
      "a smaller range": ({ before, after }) =>
        contains(after.text("ip_cidr_range"), before.text("ip_cidr_range")) ? [] : ["ip_cidr_range"],
    },
  },
];

function withoutDot(domain: Value | undefined): string {
  return String(domain ?? "").replace(/\.+$/, "");
}

function isNone(value: Value): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
