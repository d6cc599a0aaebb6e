import { isIPv4 } from "node:net";
import type { EgressDestination } from "./agent-dependency";

const IN_CLUSTER = /^[^.]+\.([^.]+)\.svc(?:\.cluster\.local)?$/;

/**
 * Where an agent has to be let out to for a URL: what gives the one gives the other. The pods behind a Service of a
 * cluster are let out to by their namespace, on the URL's own port.
 */
export function egressTo(url: string): EgressDestination {
  const { hostname, port: written, protocol } = new URL(url);
  const port = written === "" ? (protocol === "http:" ? 80 : 443) : Number(written);
  const [, namespace] = IN_CLUSTER.exec(hostname) ?? [];
  if (namespace !== undefined) return { namespace, podLabels: {}, port };
  return isIPv4(hostname) ? { cidr: `${hostname}/32`, port } : { host: hostname, port };
}
