import type { Behaviour, Change } from "../behaviour";
import { CloudError } from "../cloud-error";
import { blocksAt, textAt } from "../value";

const DELEGATION = "Microsoft.App/environments";

export const containerAppEnvironment: Behaviour = {
  types: ["azurerm_container_app_environment"],
  beforeCreate({ cloud, attributes, name }) {
    const subnetId = textAt(attributes, "infrastructure_subnet_id");
    const subnet = subnetId && cloud.find("azurerm_subnet", subnetId);
    if (!subnet) return;
    const delegations = blocksAt(subnet.attributes, "delegation").flatMap((block) =>
      blocksAt(block, "service_delegation").map((service) => textAt(service, "name")),
    );
    // Without workload profiles an environment takes only a subnet that is delegated to nobody.
    if (blocksAt(attributes, "workload_profile").length === 0) {
      if (delegations.length === 0) return;
      throw new CloudError(
        `creating Managed Environment (${name}): ManagedEnvironmentSubnetIsDelegated: AgentPoolProfile subnet with id ${subnetId} cannot be used as it's a delegated subnet. Please check https://aka.ms/adv-network-prerequest for more details.`,
      );
    }
    if (delegations.includes(DELEGATION)) return;
    throw new CloudError(
      `creating Managed Environment (${name}): ManagedEnvironmentSubnetDelegationError: The environment network configuration is invalid: The subnet ${subnetId} must be delegated to the service '${DELEGATION}'.`,
    );
  },
  computed({ cloud, id, attributes }) {
    const hash = cloud.hash("environment", id);
    const location = (textAt(attributes, "location") ?? "westeurope").toLowerCase().replaceAll(" ", "");
    const isInternal = attributes.internal_load_balancer_enabled === true;
    return {
      default_domain: `${["calmhill", "kindsea", "mangomeadow", "redplant"][Number.parseInt(hash.slice(0, 2), 16) % 4]}-${hash.slice(0, 8)}.${location}.azurecontainerapps.io`,
      static_ip_address: `${isInternal ? "10.0" : "20.61"}.${Number.parseInt(hash.slice(2, 4), 16)}.${Number.parseInt(hash.slice(4, 6), 16)}`,
      custom_domain_verification_id: hash.toUpperCase(),
      docker_bridge_cidr: "",
      platform_reserved_cidr: "",
      platform_reserved_dns_ip_address: "",
      logs_destination: attributes.log_analytics_workspace_id ? "log-analytics" : "",
      public_network_access: isInternal ? "Disabled" : "Enabled",
    };
  },
  // The argument isn't computed and forces replacement: who leaves it out gets a new environment at every apply.
  // Without workload profiles Azure keeps its name to itself, and the provider takes none.
  filledByCloud(change) {
    const { attributes, name } = change;
    if (attributes.infrastructure_resource_group_name || !attributes.infrastructure_subnet_id)
      return undefined;
    if (!hasOnlyConsumptionProfiles(change)) return undefined;
    const group = textAt(attributes, "resource_group_name");
    const location = textAt(attributes, "location");
    return { infrastructure_resource_group_name: `ME_${name}_${group}_${location}` };
  },
};

function hasOnlyConsumptionProfiles({ attributes }: Change): boolean {
  const profiles = blocksAt(attributes, "workload_profile");
  return (
    profiles.length > 0 &&
    profiles.every((profile) => textAt(profile, "workload_profile_type") === "Consumption")
  );
}
