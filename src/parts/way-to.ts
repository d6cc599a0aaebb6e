import type { EgressDestination } from "./agent-dependency";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * Where an agent needs to get out to for a URL that a setting names, as network policies have it: what gives a URL gives
 * the way to it. A name of a Service leads to the pods of its namespace. A name of two parts can be either that or a
 * domain, and both are let through.
 *
 * @param cidr address range it is reached at, where that is a private one: network policies know no names
 */
export function wayTo(url: string, cidr?: string): EgressDestination[] {
  const { hostname, port, protocol } = new URL(url);
  return wayToHost(hostname, Number(port || DEFAULT_PORTS[protocol]), cidr);
}

/** The same for a host and a port. */
export function wayToHost(host: string, port: number, cidr?: string): EgressDestination[] {
  if (cidr !== undefined) return [{ cidr, port }];
  if (/^\d+(?:\.\d+){3}$/.test(host)) return [{ cidr: `${host}/32`, port }];
  const [, namespace, isService] = /^[a-z0-9-]+\.([a-z0-9-]+)(\.svc(?:\.cluster\.local)?)?$/.exec(host) ?? [];
  return [
    ...(namespace === undefined ? [] : [{ namespace, podLabels: {}, port }]),
    ...(isService === undefined ? [{ host, port }] : []),
  ];
}
