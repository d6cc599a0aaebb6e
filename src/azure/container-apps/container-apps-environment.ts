import { ContainerAppEnvironment } from "@cdktf/provider-azurerm/lib/container-app-environment";
import { DataAzurermContainerAppEnvironment } from "@cdktf/provider-azurerm/lib/data-azurerm-container-app-environment";
import { PrivateDnsARecord } from "@cdktf/provider-azurerm/lib/private-dns-a-record";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AzurePlan } from "../azure-plan";
import type { INetwork } from "../network";
import { privateZone } from "../private-zone";
import type { IResourceGroup } from "../resource-group";

/** A Container Apps environment: what apps run in. */
export interface IContainerAppsEnvironment {
  readonly id: string;
  readonly name: string;
  /** What every app's host name ends with; Azure makes it up. */
  readonly defaultDomain: string;
  /** Whether its load balancer is internal: `external` apps are then reached from the network, not from the internet. */
  readonly internal: boolean;
  /** What has to be there before somebody in the network can find an app by its name. */
  readonly resolvableAfter: readonly ITerraformDependable[];
}

export interface ContainerAppsEnvironmentProps {
  readonly resourceGroup: IResourceGroup;
  readonly name: string;
  /** Log Analytics workspace (resource id) that gets the logs of all apps. */
  readonly workspaceId: string;
  /**
   * Name of the group in which Azure puts what the environment itself needs. Azure makes one up where none is given,
   * and then replaces the environment at the next deploy, so a network demands it.
   */
  readonly infrastructureResourceGroupName: string;
  /** @default - no network: apps are on the internet or reachable from the environment only */
  readonly network?: INetwork;
  /** Whether apps are reached from the network only. Needs a network; changing it replaces everything. @default false */
  readonly internal?: boolean;
  /** Whether it survives the loss of a zone. Needs a network; changing it replaces everything. @default false */
  readonly zoneRedundant?: boolean;
  /** Whether apps talk to each other over mutual TLS. @default false */
  readonly mutualTls?: boolean;
}

/**
 * A Container Apps environment on the Consumption profile.
 *
 * @throws Error when it shall be internal or zone-redundant without a network.
 */
export class ContainerAppsEnvironment extends Construct implements IContainerAppsEnvironment {
  /** An environment that exists, by name. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: { readonly name: string; readonly resourceGroupName: string; readonly internal: boolean },
  ): IContainerAppsEnvironment {
    const { name, resourceGroupName, internal } = props;
    const environment = new DataAzurermContainerAppEnvironment(scope, id, { name, resourceGroupName });
    return {
      id: environment.id,
      name,
      defaultDomain: environment.defaultDomain,
      internal,
      resolvableAfter: [],
    };
  }

  readonly id: string;
  readonly name: string;
  readonly defaultDomain: string;
  readonly internal: boolean;
  readonly resolvableAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ContainerAppsEnvironmentProps) {
    super(scope, id);
    const {
      resourceGroup,
      name,
      network,
      internal = false,
      zoneRedundant = false,
      mutualTls = false,
    } = props;
    if (network === undefined && (internal || zoneRedundant)) {
      throw new Error(
        `Container Apps environment '${name}': ${internal ? "internal" : "zoneRedundant"} needs a network; ` +
          "give it one, or leave that out",
      );
    }
    const subnet = network?.subnet("apps");
    const environment = new ContainerAppEnvironment(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      logsDestination: "log-analytics",
      logAnalyticsWorkspaceId: props.workspaceId,
      // It cannot be added later, and an environment without any is of the kind that is being retired.
      workloadProfile: [{ name: "Consumption", workloadProfileType: "Consumption" }],
      ...(subnet === undefined
        ? {}
        : {
            infrastructureSubnetId: subnet.id,
            infrastructureResourceGroupName: props.infrastructureResourceGroupName,
            internalLoadBalancerEnabled: internal,
            zoneRedundancyEnabled: zoneRedundant,
          }),
      mutualTlsEnabled: mutualTls,
      tags: { ...resourceGroup.tags },
      dependsOn: [...(subnet?.readyAfter ?? [])],
    });
    this.node.defaultChild = environment;
    this.id = environment.id;
    this.name = name;
    this.defaultDomain = environment.defaultDomain;
    this.internal = internal;
    this.resolvableAfter =
      network !== undefined && internal ? this.resolve(name, environment, network, resourceGroup) : [];
  }

  /** An internal environment is in nobody's DNS: a private zone leads every name in it to its load balancer. */
  private resolve(
    name: string,
    environment: ContainerAppEnvironment,
    network: INetwork,
    resourceGroup: IResourceGroup,
  ): readonly ITerraformDependable[] {
    const { zone, link } = privateZone(this, {
      zoneName: environment.defaultDomain,
      linkName: name,
      resourceGroup,
      network,
    });
    const apps = new PrivateDnsARecord(this, "apps", {
      name: "*",
      zoneName: zone.name,
      resourceGroupName: resourceGroup.name,
      ttl: 300,
      records: [environment.staticIpAddress],
      tags: { ...resourceGroup.tags },
    });
    return [apps, link];
  }
}

/** What an environment's apps run in: what exists, its own, or nothing where it has no apps. */
export function provideApps(
  scope: Construct,
  id: string,
  plan: AzurePlan["apps"],
  parts: {
    readonly resourceGroup: IResourceGroup;
    readonly network: INetwork | undefined;
    readonly workspaceId: string;
    readonly zoneRedundant: boolean;
  },
): IContainerAppsEnvironment | undefined {
  if (plan === undefined) return undefined;
  return plan.kind === "existing"
    ? ContainerAppsEnvironment.fromExisting(scope, id, plan)
    : new ContainerAppsEnvironment(scope, id, { ...parts, ...plan });
}
