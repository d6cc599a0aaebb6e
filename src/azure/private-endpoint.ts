import { DataAzurermPrivateDnsZone } from "@cdktf/provider-azurerm/lib/data-azurerm-private-dns-zone";
import { PrivateEndpoint as AzurermPrivateEndpoint } from "@cdktf/provider-azurerm/lib/private-endpoint";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { INetwork } from "./network";
import { privateZone } from "./private-zone";
import type { IResourceGroup } from "./resource-group";

export interface PrivateEndpointProps {
  readonly resourceGroup: IResourceGroup;
  readonly network: INetwork;
  readonly name: string;
  /** Resource that gets an address in the network. */
  readonly targetId: string;
  /** Which of its services: `vault`, `redisEnterprise`. @see https://learn.microsoft.com/azure/private-link/private-endpoint-overview */
  readonly subresource: string;
  /** DNS zone of that service: `privatelink.vaultcore.azure.net`. */
  readonly zoneName: string;
}

/** An address of an Azure service inside a network, with the DNS that leads there. */
export class PrivateEndpoint extends Construct {
  /** What uses the service waits for the endpoint, its DNS records and the network's link to them. */
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: PrivateEndpointProps) {
    super(scope, id);
    const { resourceGroup, network, name, targetId, subresource } = props;
    const tags = { ...resourceGroup.tags };
    const zone = this.resolve(props);
    const subnet = network.subnet("endpoints");
    const endpoint = new AzurermPrivateEndpoint(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      subnetId: subnet.id,
      privateServiceConnection: {
        name,
        isManualConnection: false,
        privateConnectionResourceId: targetId,
        subresourceNames: [subresource],
      },
      privateDnsZoneGroup: { name: "default", privateDnsZoneIds: [zone.id] },
      tags,
      dependsOn: [...subnet.readyAfter],
    });
    this.node.defaultChild = endpoint;
    this.readyAfter = [endpoint, ...zone.readyAfter];
  }

  /** The zone that leads to the endpoint: the one that the network has, or one of its own. */
  private resolve({ resourceGroup, network, name, zoneName }: PrivateEndpointProps) {
    if (network.privateDnsResourceGroup !== undefined) {
      const { id } = new DataAzurermPrivateDnsZone(this, "zone", {
        name: zoneName,
        resourceGroupName: network.privateDnsResourceGroup,
      });
      return { id, readyAfter: [] };
    }
    const { zone, link } = privateZone(this, { zoneName, linkName: name, resourceGroup, network });
    return { id: zone.id, readyAfter: [link] };
  }
}
