import { DataAzurermSubnet } from "@cdktf/provider-azurerm/lib/data-azurerm-subnet";
import { DataAzurermVirtualNetwork } from "@cdktf/provider-azurerm/lib/data-azurerm-virtual-network";
import { NetworkSecurityGroup } from "@cdktf/provider-azurerm/lib/network-security-group";
import { Subnet } from "@cdktf/provider-azurerm/lib/subnet";
import { SubnetNetworkSecurityGroupAssociation } from "@cdktf/provider-azurerm/lib/subnet-network-security-group-association";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AzurePlan } from "./azure-plan";
import { DEFAULT_NETWORK_CIDR, type SubnetKind, subnetCidr } from "./facts/network-layout";
import type { IResourceGroup } from "./resource-group";

/** A virtual network with the subnets that an environment's parts need. */
export interface INetwork {
  readonly id: string;
  readonly name: string;
  /** Address space, in CIDR notation. */
  readonly cidr: string;
  /**
   * A subnet.
   *
   * @throws Error when the network has none of that kind.
   */
  readonly subnet: (kind: SubnetKind) => NetworkSubnet;
  /**
   * Resource group of the private DNS zones (`privatelink.vaultcore.azure.net`, …) that the network is linked to
   * already: it cannot be linked to a second zone of the same name.
   *
   * @default - none: whoever makes a private endpoint makes its zone and links it
   */
  readonly privateDnsResourceGroup?: string;
}

/** A subnet, and what has to be done to it before anything is put into it. */
export interface NetworkSubnet {
  readonly id: string;
  readonly readyAfter: readonly ITerraformDependable[];
}

export interface NetworkProps {
  readonly resourceGroup: IResourceGroup;
  readonly name: string;
  /** Address space, /16 to /20. @default "10.40.0.0/16" */
  readonly cidr?: string;
  /** The subnets to make. */
  readonly subnets: readonly SubnetKind[];
}

const SUBNETS = "Microsoft.Network/virtualNetworks/subnets";

/**
 * Services that a subnet is handed over to, with the action that Azure then sets itself: another one, or none, would
 * be a change at every plan.
 */
const delegations: Partial<Record<SubnetKind, { readonly name: string; readonly action: string }>> = {
  apps: { name: "Microsoft.App/environments", action: `${SUBNETS}/join/action` },
  gateway: { name: "Microsoft.Web/serverFarms", action: `${SUBNETS}/action` },
  postgres: { name: "Microsoft.DBforPostgreSQL/flexibleServers", action: `${SUBNETS}/join/action` },
};

/** A virtual network: every subnet with a security group, delegated where a service wants it for itself. */
export class Network extends Construct implements INetwork {
  /** A network that exists, with the subnets that are named. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: {
      readonly name: string;
      readonly resourceGroupName: string;
      readonly cidr: string;
      readonly subnets: Readonly<Partial<Record<SubnetKind, string>>>;
      /** @default - zones are made beside the private endpoints, and linked */
      readonly privateDnsResourceGroup?: string;
    },
  ): INetwork {
    const construct = new Construct(scope, id);
    const { name, resourceGroupName, cidr, subnets, privateDnsResourceGroup } = props;
    const network = new DataAzurermVirtualNetwork(construct, "resource", { name, resourceGroupName });
    const found = new Map(
      Object.entries(subnets).map(([kind, subnet]) => [
        kind,
        new DataAzurermSubnet(construct, kind, { name: subnet, virtualNetworkName: name, resourceGroupName }),
      ]),
    );
    return {
      id: network.id,
      name,
      cidr,
      privateDnsResourceGroup,
      subnet: (kind) => {
        const subnet = found.get(kind);
        if (subnet === undefined) throw missingSubnet(name, kind, [...found.keys()]);
        return { id: subnet.id, readyAfter: [] };
      },
    };
  }

  readonly id: string;
  readonly name: string;
  readonly cidr: string;
  private readonly subnets: ReadonlyMap<SubnetKind, NetworkSubnet>;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { resourceGroup, name, cidr = DEFAULT_NETWORK_CIDR } = props;
    const network = new VirtualNetwork(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      addressSpace: [cidr],
      tags: { ...resourceGroup.tags },
    });
    this.node.defaultChild = network;
    this.id = network.id;
    this.name = network.name;
    this.cidr = cidr;
    this.subnets = new Map(
      props.subnets.map((kind) => [kind, this.createSubnet(kind, network, resourceGroup)]),
    );
  }

  subnet(kind: SubnetKind): NetworkSubnet {
    const subnet = this.subnets.get(kind);
    if (subnet === undefined) throw missingSubnet(this.name, kind, [...this.subnets.keys()]);
    return subnet;
  }

  private createSubnet(
    kind: SubnetKind,
    network: VirtualNetwork,
    resourceGroup: IResourceGroup,
  ): NetworkSubnet {
    const service = delegations[kind];
    const subnet = new Subnet(this, kind, {
      name: `snet-${kind}`,
      resourceGroupName: resourceGroup.name,
      virtualNetworkName: network.name,
      addressPrefixes: [subnetCidr(this.cidr, kind)],
      // Azure adds this one for Postgres' backups itself, and a plan without it would take it away again.
      ...(kind === "postgres" ? { serviceEndpoints: ["Microsoft.Storage"] } : {}),
      // Security groups pass private endpoints by unless the subnet says otherwise.
      ...(kind === "endpoints" ? { privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled" } : {}),
      ...(service === undefined
        ? {}
        : {
            delegation: [
              {
                name: "service",
                serviceDelegation: { name: service.name, actions: [service.action] },
              },
            ],
          }),
    });
    const securityGroup = new NetworkSecurityGroup(this, `${kind}-rules`, {
      name: `nsg-${network.nameInput}-${kind}`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: { ...resourceGroup.tags },
    });
    const association = new SubnetNetworkSecurityGroupAssociation(this, `${kind}-rules-association`, {
      subnetId: subnet.id,
      networkSecurityGroupId: securityGroup.id,
    });
    return { id: subnet.id, readyAfter: [association] };
  }
}

function missingSubnet(network: string, kind: SubnetKind, present: readonly string[]): Error {
  return new Error(
    `network '${network}' has no subnet for ${kind} (it has ${present.join(", ") || "none"}); ` +
      "name it in the environment's azure.network",
  );
}

/** The network of an environment: one that exists, its own, or none. */
export function provideNetwork(
  scope: Construct,
  id: string,
  plan: AzurePlan["network"],
  resourceGroup: IResourceGroup,
): INetwork | undefined {
  if (plan === undefined) return undefined;
  return plan.kind === "existing"
    ? Network.fromExisting(scope, id, plan)
    : new Network(scope, id, { ...plan, resourceGroup });
}
