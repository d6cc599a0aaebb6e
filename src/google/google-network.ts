import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { DataGoogleComputeNetwork } from "@cdktf/provider-google/lib/data-google-compute-network";
import { DataGoogleComputeSubnetwork } from "@cdktf/provider-google/lib/data-google-compute-subnetwork";
import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { ServiceNetworkingConnection } from "@cdktf/provider-google/lib/service-networking-connection";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { addressText, firstAddress, prefixOf } from "../address-range";
import type { IGoogleProject } from "./google-project";

/** A VPC network that agents reach out into, with room for Google's own services. */
export interface IGoogleNetwork {
  /** Id of the network. */
  readonly id: string;
  /** Id of the subnet that agents get addresses from. */
  readonly subnetworkId: string;
  /** What has to be there before one of Google's services gets an address in the network. */
  readonly peeredAfter: readonly ITerraformDependable[];
  /** What has to be there before an agent can call another one that is closed to the internet. */
  readonly readyAfter: readonly ITerraformDependable[];
}

export interface GoogleNetworkProps {
  readonly project: IGoogleProject;
  readonly name: string;
  /** Addresses, /20 or larger. @default "10.60.0.0/20" */
  readonly cidr?: string;
}

/**
 * A network for agents on Cloud Run: a subnet that their requests leave through, private access to Google's services
 * (Memorystore), and the way to other agents that are closed to the internet.
 *
 * Cloud Run keeps addresses of the subnet for an hour or two after its services are gone; a destroy that stops there
 * is repeated then.
 */
export class GoogleNetwork extends Construct implements IGoogleNetwork {
  /** A network that exists, with private services access and a subnet with Private Google Access. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: { readonly project: IGoogleProject; readonly network: string; readonly subnetwork: string },
  ): IGoogleNetwork {
    const { project, network, subnetwork } = props;
    const place = new Construct(scope, id);
    return {
      id: new DataGoogleComputeNetwork(place, "resource", { project: project.id, name: network }).id,
      subnetworkId: new DataGoogleComputeSubnetwork(place, "subnetwork", {
        project: project.id,
        region: project.region,
        name: subnetwork,
      }).id,
      peeredAfter: [],
      readyAfter: [],
    };
  }

  readonly id: string;
  readonly subnetworkId: string;
  readonly peeredAfter: readonly ITerraformDependable[];
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: GoogleNetworkProps) {
    super(scope, id);
    const { project, name, cidr = "10.60.0.0/20" } = props;
    const network = new ComputeNetwork(this, "resource", {
      project: project.id,
      name,
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
      dependsOn: [...project.readyAfter],
    });
    this.node.defaultChild = network;
    const { agents, services } = ranges(cidr);
    const subnetwork = new ComputeSubnetwork(this, "subnetwork", {
      project: project.id,
      region: project.region,
      name: `${name}-egress`,
      network: network.id,
      ipCidrRange: agents,
      privateIpGoogleAccess: true,
    });
    this.id = network.id;
    this.subnetworkId = subnetwork.id;
    this.peeredAfter = [this.peer(network.id, services, props)];
    this.readyAfter = [this.resolveRunApp(network.id, props)];
  }

  /** Room for Google's services. The connection is left behind on destroy: Google refuses to delete it for hours. */
  private peer(
    networkId: string,
    [address, prefixLength]: readonly [string, number],
    { project, name }: GoogleNetworkProps,
  ): ITerraformDependable {
    const range = new ComputeGlobalAddress(this, "services-range", {
      project: project.id,
      name: `${name}-services`,
      purpose: "VPC_PEERING",
      addressType: "INTERNAL",
      network: networkId,
      address,
      prefixLength,
    });
    return new ServiceNetworkingConnection(this, "services-peering", {
      network: networkId,
      service: "servicenetworking.googleapis.com",
      reservedPeeringRanges: [range.name],
      deletionPolicy: "ABANDON",
    });
  }

  /**
   * Requests to run.app take the way through the network, where they count as internal. Everything else still leaves
   * directly, so that no NAT is needed.
   *
   * @see https://cloud.google.com/run/docs/securing/private-networking#from-other-services
   */
  private resolveRunApp(networkId: string, { project, name }: GoogleNetworkProps): ITerraformDependable {
    const zone = new DnsManagedZone(this, "run-app", {
      project: project.id,
      name: `${name}-run-app`,
      description: "Other agents' addresses, by way of private.googleapis.com",
      dnsName: "run.app.",
      visibility: "private",
      privateVisibilityConfig: { networks: [{ networkUrl: networkId }] },
      labels: { ...project.labels },
    });
    return new DnsRecordSet(this, "run-app-addresses", {
      project: project.id,
      managedZone: zone.name,
      name: "*.run.app.",
      type: "A",
      ttl: 300,
      // private.googleapis.com, which counts as a private range to Cloud Run's egress.
      rrdatas: ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"],
    });
  }
}

/** The first half for agents, the second for Google's services. */
function ranges(cidr: string): { readonly agents: string; readonly services: readonly [string, number] } {
  const prefix = prefixOf(cidr);
  const start = firstAddress(cidr);
  return {
    agents: `${addressText(start)}/${prefix + 1}`,
    services: [addressText(start + 2 ** (31 - prefix)), prefix + 1],
  };
}
