import type { InternalAddressSettings } from "../../cluster/facts/edge-traits";
import { edgeTraits } from "../../cluster/facts/edges";
import type { Environment } from "../../environment/environment";
import { DEFAULT_NETWORK_CIDR, subnetCidr } from "./network-layout";

/**
 * Address of an edge that only the gateway gets through to, or undefined where the edge is on the internet. Fixed, and
 * so known before the load balancer exists: the gateway finds it by name.
 */
export function edgeAddress(environment: Environment): InternalAddressSettings | undefined {
  const { azure, gateway, kubernetes } = environment;
  const edge = kubernetes?.edge;
  if (edge === undefined || edge.internalAddress !== undefined) return edge?.internalAddress;
  if (gateway === undefined || azure === undefined || azure.network?.kind === "existing") return undefined;
  // Its controller is somebody else's, and so is its address.
  if (!edgeTraits(edge).choosesAddress) return undefined;
  const cidr = azure.network?.cidr ?? DEFAULT_NETWORK_CIDR;
  const [first = ""] = subnetCidr(cidr, "ingress").split("/");
  return {
    subnet: "snet-ingress",
    // The first addresses of a subnet are Azure's own.
    address: first.replace(/\d+$/, (octet) => String(Number(octet) + 10)),
    allowedRanges: [subnetCidr(cidr, "gateway")],
  };
}
