import { addressNumber, addressText, prefixOf } from "../../address-range";
import type { AzureEnvironment } from "./azure-environment";

/** The subnets of an environment's network. */
export type SubnetKind = "apps" | "endpoints" | "gateway" | "postgres" | "ingress" | "cluster";

/**
 * How the address space is cut: one thirty-second of it for Container Apps, small ones for what needs a subnet of its
 * own, and one sixteenth for the nodes of a cluster. Fixed, because changing a subnet replaces what is in it.
 */
const layout: Record<SubnetKind, { readonly addedBits: number; readonly index: number }> = {
  apps: { addedBits: 7, index: 0 },
  endpoints: { addedBits: 8, index: 2 },
  gateway: { addedBits: 8, index: 3 },
  postgres: { addedBits: 8, index: 4 },
  ingress: { addedBits: 8, index: 5 },
  cluster: { addedBits: 4, index: 1 },
};

/** Address space of a network that nobody chose one for. */
export const DEFAULT_NETWORK_CIDR = "10.40.0.0/16";

/**
 * Address range of one subnet, in CIDR notation.
 *
 * @param network address space, /16 to /20
 */
export function subnetCidr(network: string, kind: SubnetKind): string {
  const { addedBits, index } = layout[kind];
  const bits = prefixOf(network) + addedBits;
  return `${addressText(addressNumber(network) + index * 2 ** (32 - bits))}/${bits}`;
}

/** Address range of what is in one subnet of an environment: of the whole network, where that is somebody else's. */
export function networkRange({ azure }: AzureEnvironment, kind: SubnetKind): string {
  const network = azure?.network;
  const cidr = network?.cidr ?? DEFAULT_NETWORK_CIDR;
  return network?.kind === "existing" ? cidr : subnetCidr(cidr, kind);
}

/**
 * Where pods find what has an address in the network (the store, the vault), or undefined where these are on public ones.
 */
export function endpointRange(environment: AzureEnvironment): string | undefined {
  return environment.azure === undefined ? undefined : networkRange(environment, "endpoints");
}

/** Where pods find apps of Container Apps that have no address on the internet. */
export function appsRange(environment: AzureEnvironment): string | undefined {
  return environment.azure === undefined ? undefined : networkRange(environment, "apps");
}
