import { NetworkSecurityRule } from "@cdktf/provider-azurerm/lib/network-security-rule";
import { PrivateDnsARecord } from "@cdktf/provider-azurerm/lib/private-dns-a-record";
import type { Construct } from "constructs";
import type { AzurePlan } from "../azure-plan";
import type { INetwork } from "../network";
import { privateZone } from "../private-zone";
import type { IResourceGroup } from "../resource-group";

/** The way to a cluster's edge: its load balancer is made in the cluster, by another stack. */
export function provideEdge(
  scope: Construct,
  plan: AzurePlan["edge"],
  parts: { readonly resourceGroup: IResourceGroup; readonly network: INetwork | undefined },
): void {
  const { resourceGroup, network } = parts;
  if (plan === undefined || network === undefined) return;
  if (plan.kind === "named") nameEdge(scope, plan, resourceGroup, network);
  else openEdge(scope, plan.securityGroup, resourceGroup, network);
}

/** The edge's name leads to its address within the network only: for the gateway, and for nobody outside. */
function nameEdge(
  scope: Construct,
  { host, address }: { readonly host: string; readonly address: string },
  resourceGroup: IResourceGroup,
  network: INetwork,
): void {
  const { zone } = privateZone(
    scope,
    { zoneName: host, linkName: "edge", resourceGroup, network },
    { zone: "edge-zone", link: "edge-zone-link" },
  );
  new PrivateDnsARecord(scope, "edge-address", {
    name: "@",
    zoneName: zone.name,
    resourceGroupName: resourceGroup.name,
    ttl: 300,
    records: [address],
    tags: { ...resourceGroup.tags },
  });
}

/** Load balancers of a cluster open the security group of its nodes, and not the one of their subnet. */
function openEdge(
  scope: Construct,
  networkSecurityGroupName: string,
  resourceGroup: IResourceGroup,
  network: INetwork,
): void {
  new NetworkSecurityRule(scope, "edge-rule", {
    name: "edge-from-internet",
    resourceGroupName: resourceGroup.name,
    networkSecurityGroupName,
    priority: 100,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    sourceAddressPrefix: "Internet",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRanges: ["80", "443"],
    dependsOn: [...network.subnet("cluster").readyAfter],
  });
}
