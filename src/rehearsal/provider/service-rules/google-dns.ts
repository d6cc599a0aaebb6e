import { isIPv6 } from "node:net";
import { canonical, isList, textAt, type Value } from "../value";
import type { ServiceRules } from "./service-rules";
import { texts } from "./value-checks";

/** A record as the service writes it back. */
function bareRecord(record: Value, type: string): string {
  const text = String(record ?? "");
  if (type === "AAAA" && isIPv6(text)) return new URL(`http://[${text}]`).hostname;
  if (type === "MX" || type === "DS") return text.toLowerCase();
  return type === "TXT" ? text.replace(/^"+|"+$/g, "").toLowerCase() : text;
}

export const googleDns: readonly ServiceRules[] = [
  {
    types: ["google_dns_managed_zone"],
    setKeys: {
      // A network by its URL or by what of it follows `projects/`.
      "private_visibility_config.networks": (network) => {
        const url = textAt(network, "network_url") ?? "";
        return /projects\/.*$/s.exec(url)?.[0] ?? url;
      },
    },
  },
  {
    types: ["google_dns_record_set"],
    values: {
      name: texts(
        (text) => text.endsWith("."),
        '"{name}" ("{value}") doesn\'t end with ".", name field must end with trailing dot, for example test.example.com. (note the trailing dot)',
      ),
    },
    same: {
      rrdatas: (before, after, { proposed }) => {
        if (!isList(before) || !isList(after) || after.length === 0) return false;
        const type = textAt(proposed, "type") ?? "";
        const [old, next] = [before, after].map((records) =>
          canonical(records.map((record) => bareRecord(record, type)).sort()),
        );
        return old === next;
      },
      "routing_policy.primary_backup.primary.internal_load_balancers.load_balancer_type": (before, after) =>
        (before === "none" && !after) || (!before && after === "none"),
    },
  },
];
