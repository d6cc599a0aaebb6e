import { PrivateDnsZone } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import { PrivateDnsZoneVirtualNetworkLink } from "@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link";
import type { Construct } from "constructs";
import type { INetwork } from "./network";
import type { IResourceGroup } from "./resource-group";

/** A DNS zone that one network alone sees. */
export interface PrivateZone {
  readonly zone: PrivateDnsZone;
  /** Names of the zone are found once it is there. */
  readonly link: PrivateDnsZoneVirtualNetworkLink;
}

/**
 * Makes a zone and lets a network see it.
 *
 * @param ids construct ids of the two
 */
export function privateZone(
  scope: Construct,
  props: {
    readonly zoneName: string;
    /** Name of the network's link to it. */
    readonly linkName: string;
    readonly resourceGroup: IResourceGroup;
    readonly network: INetwork;
  },
  ids: { readonly zone: string; readonly link: string } = { zone: "zone", link: "link" },
): PrivateZone {
  const { zoneName, linkName, resourceGroup, network } = props;
  const zone = new PrivateDnsZone(scope, ids.zone, {
    name: zoneName,
    resourceGroupName: resourceGroup.name,
    tags: { ...resourceGroup.tags },
  });
  const link = new PrivateDnsZoneVirtualNetworkLink(scope, ids.link, {
    name: linkName,
    resourceGroupName: resourceGroup.name,
    privateDnsZoneName: zone.name,
    virtualNetworkId: network.id,
    tags: { ...resourceGroup.tags },
  });
  return { zone, link };
}
